"""One flipped bit in any file of a run directory is reported or has no effect: no traceback, no silent change."""

import random
import shutil

import pandas as pd
import pytest

import g7tag
from g7tag import jobs
from g7tag.errors import G7TagError
from g7tag.jobs import RUN_FRAMES
from g7tag.jobs.opening import models_of
from g7tag.scoring import read_receipt, receipt_differences
from g7tag.store import RunDirectory, read_labels, read_ledger, read_requests, request_log

pytestmark = pytest.mark.nightly

FLIPS = 200


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with people's labels, a log of requests, decisions and receipts."""
    path = tmp_path_factory.mktemp("flips") / "run"
    g7tag.run_report([g7tag.example_path("invented-report.txt")], output=path)
    g7tag.Run.at(path).record_labels(g7tag.example_path("invented-decisions.csv"), annotator="Ada")
    with request_log(path / "reviews.sqlite") as log:
        log.add([("request", f"key-{n}", {"user": f"question {n}"}) for n in range(20)])
        log.add([("answer", f"key-{n}", {"outcome": "ok", "raw": f"answer {n}"}) for n in range(20)])
    jobs.Run.at(path).rescore()
    jobs.Run.at(path).decide("score:2024-19/JPN", owner="Bo", note="read again", decision=0)
    return path


def frames(run, codebook):
    return list(RunDirectory(run).read(models_of(RUN_FRAMES, codebook)).values())


def manifest(run, codebook):
    directory = RunDirectory(run)
    return directory.setting("tag", "seen", 0), directory.setting("review", "reviews", ""), frames(run, codebook)


def reviews(run, _):
    return read_requests(run / "reviews.sqlite", "prompt", "request", "asked", "answer", "verdict")


def receipt(run, _):
    file = run / "receipts" / "2024-19-JPN.json"
    read = read_receipt(file.read_bytes(), name=str(file))
    return read, receipt_differences(read)


READ = {
    "items frame": ("items.parquet", frames),
    "tags frame": ("tags.parquet", frames),
    "labels frame": ("labels.parquet", frames),
    "manifest": ("manifest.json", manifest),
    "codebook": ("codebook.toml", lambda run, _: g7tag.open_codebook(directory=run).sha256),
    "labels": ("labels/Ada.jsonl", lambda run, _: read_labels(run)),
    "reviews": ("reviews.sqlite", reviews),
    "receipt": ("receipts/2024-19-JPN.json", receipt),
    "ledger": ("ledger.csv", lambda run, _: read_ledger(run / "ledger.csv")),
}


def flipped(content, seed):
    """The content with one bit changed, at places that a seed draws."""
    dice = random.Random(seed)
    for _ in range(FLIPS):
        place, bit = dice.randrange(len(content)), dice.randrange(8)
        yield content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def plain(found):
    """Frames and tuples of them as values that can be compared."""
    if isinstance(found, pd.DataFrame):
        return found.astype("object").where(found.notna(), None).to_numpy().tolist()
    return [plain(each) for each in found] if isinstance(found, list | tuple) else found


@pytest.mark.parametrize("kind", READ)
def test_a_flipped_bit_is_told_or_without_effect(run, tmp_path, codebook, kind):
    name, read = READ[kind]
    copy = shutil.copytree(run, tmp_path / "run")
    file = copy / name
    content = file.read_bytes()
    whole = plain(read(copy, codebook))
    told = 0
    for changed in flipped(content, 7):
        file.write_bytes(changed)
        for log in copy.glob("reviews.sqlite-*"):
            log.unlink()
        try:
            found = plain(read(copy, codebook))
        except G7TagError as error:
            told += str(copy) in str(error)
            continue
        if kind == "ledger":  # people edit it, so a letter that changed cannot be told from one that was changed
            assert isinstance(found, list)
        elif kind == "receipt":
            assert found == whole or found[1], "a receipt that says something else must differ from its own labels"
        else:
            assert found == whole
    assert told >= (0 if kind in {"ledger", "receipt"} else FLIPS // 20)

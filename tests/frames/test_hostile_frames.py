"""Frames of a stranger's run directory: refused with a message, or shown as text; never a traceback."""

import hashlib
import shutil
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest

import g7tag
from g7tag.cli import main
from g7tag.errors import InputError
from g7tag.store.run import MANIFEST, read_manifest, write_manifest

SCRIPT = "<script>alert(1)</script>"
DEEP = "[" * 50_000 + "]" * 50_000
SPANS = r"column 'hidden', row 0: .* expected a JSON list of \[start, end, reason\]"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "run"
    g7tag.run_report(g7tag.example_path("invented-report.txt"), output=path)
    return path


def planted(made: Path, folder: Path, frame: str, column: str, value: object) -> Path:
    """A copy of a run with a value in the first row of a frame, sealed as if g7tag had written it."""
    run = folder / "run"
    shutil.copytree(made, run)
    rows = pd.read_parquet(run / f"{frame}.parquet")
    rows.loc[0, column] = value
    content = rows.to_parquet(index=False)
    (run / f"{frame}.parquet").write_bytes(content)
    steps = read_manifest(run / MANIFEST)
    for step in steps.values():
        if frame in step["frames"]:
            step["frames"][frame]["sha256"] = hashlib.sha256(content).hexdigest()
    write_manifest(run / MANIFEST, steps)
    return run


REFUSED = {
    "hidden is no JSON": ("documents", "hidden", "no json", SPANS),
    "hidden is nested": ("documents", "hidden", DEEP, SPANS),
    "hidden has no spans": ("documents", "hidden", "[1]", SPANS),
    "hidden starts before the text": ("documents", "hidden", '[[-1, 2, "white"]]', SPANS),
    "a span without a reason": ("documents", "hidden", "[[1, 2]]", SPANS),
    "member of members": ("members", "member", SCRIPT, r"column 'member' of members, row 0: '<script>.* is not in the"),
    "member of scores": ("scores", "member", SCRIPT, r"column 'member' of scores, row 0: '<script>alert"),
    "dimension": ("evidence_matrix", "dimension", SCRIPT, r"column 'dimension' of evidence_matrix, row 0: '<script>"),
    "dimensions": ("labels", "dimensions", f"counter;{SCRIPT}", r"column 'dimensions' of labels, row 0: '<script>"),
    "exclusion": ("labels", "exclusion", SCRIPT, "column 'exclusion' of labels, row 0: '<script>"),
    "reading": ("flips", "reading", SCRIPT, "column 'reading' of flips, row 0: '<script>"),
    "item": ("sentences", "item_id", SCRIPT, "column 'item_id' of sentences, row 0: '<script>"),
    "sentence of tags": ("tags", "sentence_id", SCRIPT, "column 'sentence_id' of tags, row 0: '<script>"),
    "items": ("flips", "item_ids", f"2024-19/CAN-01;{SCRIPT}", "column 'item_ids' of flips, row 0: '<script>"),
    "sentence": ("marks", "sentence_id", SCRIPT, "column 'sentence_id' of marks, row 0: '<script>"),
    "notes": ("items", "citations", f"1;{SCRIPT}", r"column 'citations', row 0: .* expected numbers of notes, joined"),
}  # fmt: skip


@pytest.mark.parametrize(("frame", "column", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_a_frame_that_does_not_fit_is_refused(
    made: Path, tmp_path: Path, frame: str, column: str, value: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        g7tag.open_run(planted(made, tmp_path, frame, column, value))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["report", "audit", "score", "agreement"])
@pytest.mark.parametrize("name", ["hidden is nested", "member of members", "sentence of tags"])
def test_commands_end_with_the_message(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    run = planted(made, tmp_path, *REFUSED[name][:3])
    with pytest.raises(SystemExit) as ended, patch("sys.argv", ["g7tag", command, str(run)]):
        main()
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (3, "")
    assert err.startswith("g7tag: ")
    assert command == "agreement" or REFUSED[name][1] in err  # it reads no frame of documents, members or tags
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize(("frame", "column"), [("items", "text"), ("citations", "title"), ("findings", "member")])
def test_words_of_a_stranger_are_shown_as_text(made: Path, tmp_path: Path, frame: str, column: str) -> None:
    run = g7tag.open_run(planted(made, tmp_path, frame, column, SCRIPT))
    (page,) = run.write_report(page=tmp_path / "page.html")
    for html in (page.read_text(encoding="utf-8"), run.show(frame)._repr_html_()):
        assert SCRIPT not in html

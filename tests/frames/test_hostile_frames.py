"""Frames of a stranger's run directory: refused with a message, or shown as text; never a traceback."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import g7tag
from g7tag.errors import FrameError, InputError
from g7tag.frames import FIXED, require_related, tags_model, validate

SCRIPT = "<script>alert(1)</script>"
DEEP = "[" * 50_000 + "]" * 50_000
SPANS = r"column 'hidden', row 0: .* expected a JSON list of \[start, end, reason\]"
REFUSED = {
    "hidden is no JSON": ("documents", "hidden", "no json", SPANS),
    "hidden is nested": ("documents", "hidden", DEEP, SPANS),
    "hidden starts before the text": ("documents", "hidden", '[[-1, 2, "white"]]', SPANS),
    "a span without a reason": ("documents", "hidden", "[[1, 2]]", SPANS),
    "notes": ("items", "citations", f"1;{SCRIPT}", r"column 'citations', row 0: .* expected numbers of notes, joined"),
    **{
        f"{column} of {frame}": (frame, column, before + SCRIPT, f"column '{column}' of {frame}, row 0: '<script>")
        for frame, column, before in (
            ("members", "member", ""), ("scores", "member", ""), ("evidence_matrix", "dimension", ""),
            ("labels", "dimensions", "counter;"), ("labels", "exclusion", ""), ("flips", "reading", ""),
            ("sentences", "item_id", ""), ("tags", "sentence_id", ""), ("flips", "item_ids", "2024-19/CAN-01;"),
            ("marks", "sentence_id", ""),
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def frames(invented_run):
    return {file.stem: pd.read_parquet(file) for file in invented_run.glob("*.parquet")}


@pytest.mark.parametrize(("frame", "column", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_a_frame_that_does_not_fit_is_refused(frames, codebook, frame, column, value, message):
    rows = frames[frame].copy()
    rows.loc[0, column] = value

    def check() -> None:
        validate(rows, {**FIXED, "tags": tags_model(codebook)}[frame])
        require_related(frames | {frame: rows}, codebook, source="run")

    with pytest.raises(FrameError, match=message):
        check()


@pytest.fixture
def planted(replace_frame):
    def plant(run: Path, frame: str, column: str, value: object) -> Path:
        rows = pd.read_parquet(run / f"{frame}.parquet")
        rows.loc[0, column] = value
        replace_frame(run, frame, rows)
        return run

    return plant


@pytest.mark.parametrize("name", ["hidden is nested", "member of members", "sentence_id of tags"])
def test_commands_end_with_the_message(invented_run, folder, command, planted, name):
    frame, column, value, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        g7tag.open_run(planted(folder, frame, column, value))
    for words in ("report", "audit", "score") if name == "member of members" else ["audit"]:
        shutil.copytree(invented_run, folder, dirs_exist_ok=True)
        planted(folder, frame, column, value)
        code, out, err = command(words, folder)
        assert (code, out, err[:7]) == (3, "", "g7tag: ")
        assert column in err
        assert "Traceback" not in err


@pytest.mark.slow
def test_words_of_a_stranger_are_shown_as_text(folder, tmp_path, planted):
    places = [("items", "text"), ("citations", "title"), ("findings", "member")]
    for frame, column in places:
        planted(folder, frame, column, SCRIPT)
    run = g7tag.open_run(folder)
    (page,) = run.write_report(page=tmp_path / "page.html")
    for html in (page.read_text(encoding="utf-8"), *(run.show(frame)._repr_html_() for frame, _ in places)):
        assert SCRIPT not in html

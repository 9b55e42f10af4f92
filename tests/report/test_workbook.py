"""The workbook and the CSV files have the numbers of the frames, and no text in them can do anything."""

import re
import shutil
import subprocess
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from exports import HOSTILE, INERT, tables_of, with_another_commitment
from python_calamine import CalamineWorkbook

import g7tag
from g7tag import jobs
from g7tag.codebook import Codebook
from g7tag.frames import LEDGER, build
from g7tag.labels import choose_labels, people_agreement, withdrawal
from g7tag.report import run_csv, run_tables, run_workbook

SHEETS = ["Read me", "Scores", "Evidence matrix", "Items with labels", "Findings", "Ledger", "Agreement"]


@pytest.fixture(scope="module")
def decided(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a decision on a score, a dismissed finding, and labels of two people."""
    path = Path(shutil.copytree(invented_run, tmp_path_factory.mktemp("decided") / "run"))
    rows = pd.DataFrame(
        {"sentence_id": ["2024-19/CAN-06.1", "2024-19/CAN-06.2"], "dimensions": "counter", "strength": "strong"}
    )
    for name in ("Ada", "Bo"):
        jobs.record_labels(path, rows, annotator=name, at=pd.Timestamp(2026, 1, 2, tz="UTC").to_pydatetime())
    jobs.score_run(path)
    run = g7tag.open_run(path)
    run.audit()
    run.decide("score:Canada", owner="Ada", note="=cmd|' /C calc'!A0", decision=-1)
    run.decide("score_differs:2024-19/CAN", owner="Bo", note="checked", dismissed=True)
    return path


@pytest.fixture(scope="module")
def tables(decided: Path) -> dict[str, pd.DataFrame]:
    return tables_of(decided)


def read_back(workbook: bytes) -> dict[str, pd.DataFrame]:
    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {name: pd.DataFrame(cells[1:], columns=cells[0], dtype="object") for name, cells in rows.items()}


def expected(cell: object, precision: float) -> object:
    """A cell as it is read from a workbook: days as dates, missing values as "", numbers as precise as in the file."""
    if pd.isna(cell):
        return ""
    if isinstance(cell, pd.Timestamp):
        return cell.date()
    return cell if isinstance(cell, str) else pytest.approx(float(cell), rel=precision, abs=0)


def same_cells(read: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame], precision: float = 1e-15) -> None:
    assert list(read) == list(tables)
    for name, table in tables.items():
        assert list(read[name]) == list(table), name
        rows = [[expected(cell, precision) for cell in row] for row in table.to_numpy()]
        assert read[name].to_numpy().tolist() == rows, name


def test_every_cell_of_the_workbook_is_the_cell_of_its_table(tables: dict[str, pd.DataFrame]) -> None:
    assert list(tables) == SHEETS
    same_cells(read_back(run_workbook(tables)), tables)


def test_the_tables_have_the_numbers_of_the_frames_in_their_order(
    decided: Path, tables: dict[str, pd.DataFrame]
) -> None:
    run = g7tag.open_run(decided)
    scores, matrix, labelled = tables["Scores"], tables["Evidence matrix"], tables["Items with labels"]
    for heading, column in {
        "Published score": "published_score", "Suggested score": "suggested_score", "Probability of -1": "p_minus1",
        "Probability of 0": "p_0", "Probability of +1": "p_plus1", "Reading": "reading", "Rule": "rule",
    }.items():  # fmt: skip
        pd.testing.assert_series_equal(scores[heading], run.scores[column], check_names=False)
    for heading, column in {"Strong items": "n_strong", "Weak items": "n_weak"}.items():
        pd.testing.assert_series_equal(matrix[heading], run.evidence_matrix[column], check_names=False)
    assert matrix["Items"].str.replace(" ", "").tolist() == run.evidence_matrix["item_ids"].tolist()
    assert labelled["Sentence"].tolist() == run.sentences["sentence_id"].tolist()
    pd.testing.assert_series_equal(labelled["Probability right"], run.tags["p_right"], check_names=False)
    own = run.sentences["item_id"].map(run.items.set_index("item_id")["date"])
    pd.testing.assert_series_equal(labelled["Date"], own, check_names=False)
    assert tables["Findings"]["Finding id"].tolist() == run.findings["finding_id"].tolist()


def test_a_decision_is_in_the_scores_the_findings_and_the_ledger(tables: dict[str, pd.DataFrame]) -> None:
    canada = tables["Scores"][tables["Scores"]["Member"] == "Canada"]
    assert canada[["Final score", "Basis", "Decided by"]].to_numpy().tolist() == [[-1, "Decided", "Ada"]] * 2
    finding = tables["Findings"].set_index("Finding id").loc["score_differs:2024-19/CAN"]
    assert finding[["Check", "Status", "Decided by", "Reason"]].tolist() == [
        "Scores differ", "Dismissed", "Bo", "checked",
    ]  # fmt: skip
    row = tables["Ledger"].set_index("Row id").loc["score:2024-19/CAN"]
    assert row[["Status", "Decision", "Evidence since the decision"]].tolist() == ["Decided", -1, "unchanged"]


def test_a_row_whose_evidence_changed_says_so(decided: Path, codebook: Codebook) -> None:
    run = g7tag.open_run(decided)
    rows = [
        {"finding_id": "score:2024-19/CAN", "status": "decided", "owner": "Ada", "decision": 1, "evidence_sha256": "0"},
        {"finding_id": "cut_off:2024-19/CAN-99", "status": "dismissed", "owner": "Bo", "evidence_sha256": "0"},
    ]
    ledger = build(LEDGER, [dict.fromkeys(("severity", "member", "message", "note"), "") | row for row in rows])
    made = run_tables(run.frames, run.final_scores(), codebook, ledger=ledger, agreement=run.agreement())
    assert made["Ledger"]["Evidence since the decision"].tolist() == ["changed", "no longer found"]


def test_a_label_of_several_people_names_them_all(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["Items with labels"].set_index("Sentence")
    columns = ["Dimensions", "Strength", "Kind of annotator", "Labelled by"]
    assert rows.loc["2024-19/CAN-06.1", columns].tolist() == ["Counter", "strong", "Analyst", "Ada and Bo"]
    assert rows.loc["2024-19/CAN-01.1", "Kind of annotator"] == "Tagger"


def test_a_withdrawn_label_is_not_signed(decided: Path, codebook: Codebook) -> None:
    run = g7tag.open_run(decided)
    when = pd.Timestamp(2026, 1, 3, tz="UTC").to_pydatetime()
    gone = withdrawal("2024-19/CAN-06.1", codebook, annotator="Bo", at=when, earlier=run.annotations)
    annotations = pd.concat([run.annotations, gone], ignore_index=True)
    sentences = run.sentences[run.sentences["sentence_id"].isin(run.tags["sentence_id"])]
    frames = run.frames | {"annotations": annotations, "labels": choose_labels(annotations, sentences)}
    rows = made_of(run, frames)["Items with labels"].set_index("Sentence")["Labelled by"]
    assert rows[["2024-19/CAN-06.1", "2024-19/CAN-06.2"]].tolist() == ["Ada", "Ada and Bo"]


def made_of(run: g7tag.Run, frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of a run with other frames, without a ledger."""
    return run_tables(frames, run.final_scores(), run.codebook, ledger=build(LEDGER, []), agreement=run.agreement())


def test_items_and_findings_of_another_commitment_are_left_out(decided: Path) -> None:
    run = g7tag.open_run(decided)
    assert made_of(run, with_another_commitment(run.frames)).keys() == made_of(run, run.frames).keys()
    for name, rows in made_of(run, with_another_commitment(run.frames)).items():
        pd.testing.assert_frame_equal(rows, made_of(run, run.frames)[name])


def test_the_probability_of_no_score_is_what_the_three_scores_leave(decided: Path) -> None:
    run = g7tag.open_run(decided)
    scores = run.scores.assign(p_minus1=0.1, p_0=0.2, p_plus1=0.3)
    scores.loc[1, "p_0"] = float("nan")
    shown = made_of(run, run.frames | {"scores": scores})["Scores"]["Probability of no score"]
    assert shown[0] == pytest.approx(0.4)
    assert pd.isna(shown[1])
    whole = run.scores.assign(p_minus1=0.7, p_0=0.2, p_plus1=0.1)  # 0.7 + 0.2 + 0.1 is 0.9999999999999999
    assert set(made_of(run, run.frames | {"scores": whole})["Scores"]["Probability of no score"]) == {0.0}


def test_agreement_has_its_numbers_or_one_row_with_the_reason(
    decided: Path, tables: dict[str, pd.DataFrame], invented_run: Path
) -> None:
    run = g7tag.open_run(decided)
    found = people_agreement(run.annotations, run.sentences, run.codebook)
    shown = tables["Agreement"]
    by_part = shown[shown["Comparison"] == "people with each other"]
    pd.testing.assert_series_equal(by_part["Agreement in percent"], found.parts["percent"], check_names=False)
    sentences = by_part.set_index("Part of label")["Sentences"]
    assert sentences[["counter", "strength", "act"]].tolist() == [2, 2, 0]  # two sentences each, without an act
    assert by_part.set_index("Part of label").loc["act", "Reason"] != ""
    assert shown["Annotator"].tolist()[-2:] == ["Ada", "Bo"]
    alone = tables_of(invented_run)["Agreement"]
    assert alone["Reason"].tolist() == ["Nobody has labelled a sentence yet."]
    assert alone.drop(columns=["Comparison", "Reason"]).replace("", pd.NA).isna().all(axis=None)


def test_read_me_explains_every_column_and_gives_its_frame(tables: dict[str, pd.DataFrame], codebook: Codebook) -> None:
    about = tables["Read me"]
    for name in SHEETS[1:]:
        rows = about[about["Sheet"] == name].set_index("Column")
        assert [each for each in rows.index if each in tables[name]] == list(tables[name])
        assert (rows["Explanation"] != "").all(), rows[rows["Explanation"] == ""]
    explained = about.set_index(["Sheet", "Column"])
    assert explained.loc[("Scores", "Probability of +1"), "Frame and column"] == "scores.p_plus1"
    assert explained.loc[("Scores", "Basis: Decided"), "Explanation"] == "A person decided the score in the ledger."
    assert codebook.sha256 in explained.loc[("This run", "Codebook"), "Explanation"]
    assert re.search("sha256 [0-9a-f]{64}$", explained.loc[("This run", "Document"), "Explanation"])


def test_csv_files_open_in_pandas_with_the_same_numbers(tables: dict[str, pd.DataFrame]) -> None:
    files = run_csv(tables)
    assert list(files) == [f"{name.lower().replace(' ', '-')}.csv" for name in SHEETS]
    for name, content in zip(SHEETS, files.values(), strict=True):
        assert content.startswith(b"\xef\xbb\xbf")
        read = pd.read_csv(BytesIO(content))
        assert list(read) == list(tables[name])
        for column in tables[name].select_dtypes("number"):
            expected = tables[name][column].astype("float64").tolist()
            assert read[column].astype("float64").equals(pd.Series(expected)), (name, column)
    strengths = pd.read_csv(BytesIO(files["items-with-labels.csv"]))["Strength"]
    assert strengths.tolist() == tables["Items with labels"]["Strength"].tolist()  # "none" is not read as missing


def test_a_formula_in_a_note_is_text_in_both_files(tables: dict[str, pd.DataFrame]) -> None:
    assert b",'=cmd|" in run_csv(tables)["scores.csv"]
    content = run_workbook(tables)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if b"<f>" in archive.read(name)]
    assert "=cmd|' /C calc'!A0" in read_back(content)["Scores"]["Why"].tolist()


def test_hostile_text_is_inert_and_only_web_addresses_are_links(decided: Path, codebook: Codebook) -> None:
    run = g7tag.open_run(decided)
    urls = ["https://a.example/1", "javascript:alert(1)", "file:///etc/passwd", "=HYPERLINK(1)", "https://a b", "http:"]
    citations = run.citations.assign(url=(urls * len(run.citations))[: len(run.citations)], title=HOSTILE)
    sentences = run.sentences.assign(text=HOSTILE)
    frames = run.frames | {"citations": citations, "sentences": sentences}
    ledger = build(LEDGER, [])
    made = run_tables(frames, run.final_scores(), codebook, ledger=ledger, agreement=run.agreement())
    assert set(made["Items with labels"]["Text"]) == {INERT}
    assert set(made["Items with labels"]["Link"]) == {"", "https://a.example/1"}
    assert "javascript:alert(1)" in made["Items with labels"]["Other sources"].tolist()
    content = run_workbook(made)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        targets = {
            target
            for name in archive.namelist()
            if name.endswith(".rels") and "worksheets" in name
            for target in re.findall(r'Target="([^"]*)"', archive.read(name).decode())
        }
    assert targets == {"https://a.example/1"}
    same_cells(read_back(content), made)


def test_an_unread_score_is_an_empty_cell_and_not_zero(decided: Path, codebook: Codebook) -> None:
    run = g7tag.open_run(decided)
    scores = run.scores.assign(
        suggested_score=pd.array([pd.NA] * len(run.scores), "Int64"), p_0=float("nan"), agrees=pd.NA
    )
    scores = scores.astype({"agrees": "boolean"})
    made = run_tables(
        run.frames | {"scores": scores}, run.final_scores(), codebook,
        ledger=build(LEDGER, []), agreement=run.agreement(),
    )  # fmt: skip
    read = read_back(run_workbook(made))["Scores"]
    assert set(read["Suggested score"]) == set(read["Probability of 0"]) == set(read["Scores agree"]) == {""}
    assert pd.read_csv(BytesIO(run_csv(made)["scores.csv"]))["Suggested score"].isna().all()


def test_the_same_run_gives_the_same_bytes(decided: Path, tables: dict[str, pd.DataFrame]) -> None:
    again = tables_of(decided)
    assert run_workbook(again) == run_workbook(tables)
    assert run_csv(again) == run_csv(tables)


@pytest.mark.slow
def test_four_thousand_items_are_written_in_seconds(tables: dict[str, pd.DataFrame]) -> None:
    one = tables["Items with labels"]
    many = pd.concat([one] * (8_000 // len(one)), ignore_index=True)  # two sentences per item
    start = time.perf_counter()
    content = run_workbook(tables | {"Items with labels": many})
    assert time.perf_counter() - start < 20  # about three on one processor
    assert len(read_back(content)["Items with labels"]) == len(many)


@pytest.mark.slow
def test_a_spreadsheet_program_keeps_every_cell(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LIBREOFFICE IS MISSING: install it to check that a spreadsheet program keeps every cell")
    (tmp_path / "run.xlsx").write_bytes(run_workbook(tables))
    subprocess.run(
        [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "ods",
         "run.xlsx"],
        cwd=tmp_path, check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    same_cells(read_back((tmp_path / "run.ods").read_bytes()), tables, precision=1e-14)  # it saves 15 digits

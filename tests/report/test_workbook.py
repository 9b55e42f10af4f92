"""The workbook and the CSV files have the numbers of the frames, and no text in them can do anything."""

import re
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from exports import HOSTILE, INERT, opened_sheets, with_another_commitment

from g7tag.frames import LEDGER, build
from g7tag.report import label_workbook, run_csv, run_tables, run_workbook
from g7tag.report.cells import marked
from g7tag.store import ledger_path, read_ledger

SHEETS = ["Read me", "Scores", "Evidence matrix", "Items with labels", "Findings", "Ledger", "Agreement"]
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def make(reviewed):
    """A function that returns the tables of the reviewed run, with some frames replaced."""
    ledger = read_ledger(ledger_path(Path(reviewed.directory))).rows
    given = {"final": reviewed.final_scores(), "ledger": ledger, "agreement": reviewed.agreement()}

    def tables(**changed):
        final, ledger, agreement = ({**given, **changed}[name] for name in given)
        frames = {name: changed.get(name, frame) for name, frame in reviewed.frames.items()}
        return run_tables(frames, final, reviewed.codebook, ledger=ledger, agreement=agreement)

    return tables


@pytest.fixture(scope="module")
def tables(make):
    return make()


@pytest.fixture(scope="module")
def odd_tables(make, reviewed):
    """Tables with hostile texts and addresses, a formula as a reason, and without suggested scores."""
    urls = ["https://a.example/1", "javascript:alert(1)", "file:///etc/passwd", "=HYPERLINK(1)", "https://a b", "http:"]
    n = len(reviewed.citations)
    scores = reviewed.scores.assign(
        suggested_score=pd.array([pd.NA] * len(reviewed.scores), "Int64"), agrees=pd.NA, p_minus1=0.1, p_0=0.2,
        p_plus1=[float("nan"), *[0.3] * (len(reviewed.scores) - 1)],
    ).astype({"agrees": "boolean"})  # fmt: skip
    return make(
        citations=reviewed.citations.assign(url=(urls * n)[:n], title=HOSTILE),
        sentences=reviewed.sentences.assign(text=HOSTILE), scores=scores,
        final=reviewed.final_scores().assign(why=FORMULA), ledger=build(LEDGER, []),
    )  # fmt: skip


def expected(cell, precision):
    """A cell as it is read from a workbook: days as dates, missing values as "", numbers as precise as in the file."""
    if pd.isna(cell):
        return ""
    if isinstance(cell, pd.Timestamp):
        return cell.date()
    return cell if isinstance(cell, str) else pytest.approx(float(cell), rel=precision, abs=0)


def same_cells(read, tables, precision=1e-15):
    assert list(read) == list(tables)
    for name, table in tables.items():
        assert list(read[name]) == list(table), name
        rows = [[expected(cell, precision) for cell in row] for row in table.to_numpy()]
        assert read[name].to_numpy().tolist() == rows, name


def test_every_cell_of_the_workbook_is_the_cell_of_its_table(make, tables, odd_tables):
    assert list(tables) == SHEETS
    for each in (tables, odd_tables):
        same_cells(opened_sheets(run_workbook(each)), each)
    assert run_workbook(make()) == run_workbook(tables)  # the same run gives the same bytes


def test_the_tables_have_the_numbers_of_the_frames_in_their_order(reviewed, tables):
    run = reviewed
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


def test_a_decision_is_in_the_scores_the_findings_and_the_ledger(tables):
    canada = tables["Scores"][tables["Scores"]["Member"] == "Canada"]
    assert canada[["Final score", "Basis", "Decided by"]].to_numpy().tolist() == [[1, "Decided", "Di"]] * 2
    finding = tables["Findings"].set_index("Finding id").loc["score_differs:2024-19/CAN"]
    shown = finding[["Check", "Status", "Decided by", "Reason"]].tolist()
    assert shown == ["Scores differ", "Dismissed", "Di", "looked into"]
    row = tables["Ledger"].set_index("Row id").loc["score:2024-19/CAN"]
    assert row[["Status", "Decision", "Evidence since the decision"]].tolist() == ["Decided", 1, "unchanged"]


def test_a_row_whose_evidence_changed_says_so(make):
    rows = [
        {"finding_id": "score:2024-19/CAN", "status": "decided", "owner": "Ada", "decision": 1, "evidence_sha256": "0"},
        {"finding_id": "cut_off:2024-19/CAN-99", "status": "dismissed", "owner": "Bo", "evidence_sha256": "0"},
    ]
    ledger = build(LEDGER, [dict.fromkeys(("severity", "member", "message", "note"), "") | row for row in rows])
    assert make(ledger=ledger)["Ledger"]["Evidence since the decision"].tolist() == ["changed", "no longer found"]


def test_a_label_of_several_people_names_them_all(tables):
    rows = tables["Items with labels"].set_index("Sentence")
    columns = ["Dimensions", "Strength", "Kind of annotator", "Labelled by"]
    assert rows.loc["2024-19/CAN-06.1", columns].tolist() == ["Counter", "strong", "Analyst", "Ada and Bo"]
    assert rows.loc["2024-19/JPN-01.1", columns].tolist() == ["Counter", "weak", "Adjudicator", "Cy"]
    assert rows.loc["2024-19/CAN-01.1", "Kind of annotator"] == "Tagger"


@pytest.mark.slow
def test_items_and_findings_of_another_commitment_are_left_out(make, reviewed):
    alone = make(ledger=build(LEDGER, []))
    for name, rows in make(ledger=build(LEDGER, []), **with_another_commitment(reviewed.frames)).items():
        pd.testing.assert_frame_equal(rows, alone[name])


def test_the_probability_of_no_score_is_what_the_three_scores_leave(make, odd_tables, reviewed):
    shown = odd_tables["Scores"]["Probability of no score"]
    assert pd.isna(shown[0])
    assert shown[1] == pytest.approx(0.4)
    whole = reviewed.scores.assign(p_minus1=0.7, p_0=0.2, p_plus1=0.1)  # 0.7 + 0.2 + 0.1 is 0.9999999999999999
    assert set(make(scores=whole)["Scores"]["Probability of no score"]) == {0.0}


def test_agreement_has_its_numbers_or_one_row_with_the_reason(make, tables, reviewed, run):
    parts, shown = reviewed.agreement().parts, tables["Agreement"]
    by_part = shown[shown["Comparison"] == "people with each other"]
    for heading, column in (("Agreement in percent", "percent"), ("Sentences", "n")):
        assert by_part[heading].astype("float64").equals(parts[column].astype("float64"))
    assert shown["Annotator"].tolist()[-2:] == ["Ada", "Bo"]
    alone = make(agreement=run.agreement())["Agreement"]
    assert alone["Reason"].tolist() == ["Nobody has labelled a sentence yet."]
    assert alone.drop(columns=["Comparison", "Reason"]).replace("", pd.NA).isna().all(axis=None)


def test_read_me_explains_every_column_and_gives_its_frame(tables, codebook):
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


def test_csv_files_open_in_pandas_with_the_same_numbers(tables):
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


def test_formulas_and_hostile_text_are_text_and_only_web_addresses_are_links(odd_tables):
    labelled = odd_tables["Items with labels"]
    assert set(labelled["Text"]) == {INERT}
    assert set(labelled["Link"]) == {"", "https://a.example/1"}
    assert "javascript:alert(1)" in labelled["Other sources"].tolist()
    scores = run_csv(odd_tables)["scores.csv"]
    assert b",'=cmd|" in scores
    assert pd.read_csv(BytesIO(scores))["Suggested score"].isna().all()  # an empty cell and not zero
    content = run_workbook(odd_tables)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, inside in files.items() if b"<f>" in inside]
    relations = b"".join(files[name] for name in files if name.endswith(".rels") and "worksheets" in name).decode()
    assert set(re.findall(r'Target="([^"]*)"', relations)) == {"https://a.example/1"}
    assert FORMULA in opened_sheets(content)["Scores"]["Why"].tolist()


def test_a_label_sheet_offers_the_values_of_the_codebook(codebook):
    sheet = pd.DataFrame({"sentence_id": ["a.1"], **dict.fromkeys(["counter", "strength", "act", "exclusion"], "")})
    with zipfile.ZipFile(BytesIO(label_workbook(sheet, codebook))) as archive:
        labels = archive.read("xl/worksheets/sheet1.xml").decode()
    lists = re.findall(r"<formula1>\"([^\"]*)\"</formula1>", labels.replace("&quot;", '"'))
    assert lists == ["x", "strong,weak,none", "done,planned,not_done,reversed,background", "border"]


def test_the_first_mark_of_a_label_is_named():
    cell = marked("lamp, lamp", [(0, 4, "light"), (6, 10, "light")], ["light"])
    first, second = re.findall(r"<mark .*?</mark>", cell.html)
    assert ("<sub> light</sub>" in first, "<sub>" in second) == (True, False)


@pytest.mark.slow
def test_a_spreadsheet_program_keeps_every_cell(tables, tmp_path):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LIBREOFFICE IS MISSING: install it to check that a spreadsheet program keeps every cell")
    (tmp_path / "run.xlsx").write_bytes(run_workbook(tables))
    subprocess.run(
        [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "ods",
         "run.xlsx"],
        cwd=tmp_path, check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    same_cells(opened_sheets((tmp_path / "run.ods").read_bytes()), tables, precision=1e-14)  # it saves 15 digits

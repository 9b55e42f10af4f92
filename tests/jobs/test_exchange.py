"""Labels go out as a project of QDA programs and come back, and what cannot be read is named."""

import re
import time
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import etree
from people import AT, command, files, record

import g7tag
from g7tag.errors import InputError
from g7tag.jobs import exchange

SCHEMAS = Path(__file__).parent / "refi-qda"
SAID = [
    "sentence_id", "annotator", "kind", "dimensions", "strength", "act", "exclusion", "contradicts", "confidence",
    "note", "at",
]  # fmt: skip
CODES = {"c1": "Counter", "c2": "STRONG", "c3": "done", "c4": "weak", "c5": "dismantle", "c6": "hope"}


def said(annotations: pd.DataFrame) -> list[Any]:
    """What people said, as the format carries it."""
    return annotations.sort_values(["at", "sentence_id", "annotator"])[SAID].astype("str").to_numpy().tolist()


@pytest.fixture
def several(decided: Path) -> Path:
    """A run with labels of two people who disagree, and of a third who decides."""
    book = g7tag.Run.at(decided).codebook
    rows = [
        {"sentence_id": "2024-19/CAN-06.1", "act": "not_done", "note": ' <b>&amp;\r\n"é" \U0001f600 line\x0b'},
        {"sentence_id": "2024-19/CAN-02.1", "dimensions": "counter", "strength": "weak", "act": "planned"},
        {"sentence_id": "2024-19/CAN-02.2", "act": "reversed", "contradicts": "x", "unsure": "x"},
        {"sentence_id": "2024-19/JPN-01.2", "act": "background", "exclusion": book.exclusion_keys[0]},
    ]
    later = pd.Timestamp(AT) + pd.Timedelta(days=1, milliseconds=7)
    record(decided, pd.DataFrame(rows), "Bo", at=later, blind=True)
    record(decided, pd.DataFrame(rows[1:2]).assign(note="as Bo"), "Cleo É", kind="adjudicator", at=later)
    return decided


def test_a_project_is_valid_and_has_the_text_of_each_label(several: Path, tmp_path: Path) -> None:
    run = g7tag.Run.at(several)
    record(several, pd.DataFrame([{"sentence_id": "2024-19/CAN-02.1", "act": "done", "note": "no\x0bXML"}]), "Dan")
    assert run.write_project(tmp_path / "one.qdpx") == 13 + 4 + 1 + 1
    run.reopened().write_project(tmp_path / "two.qdpx")
    assert (tmp_path / "one.qdpx").read_bytes() == (tmp_path / "two.qdpx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.qdpx") as archive:
        root = etree.fromstring(archive.read("project.qde"))
        (source,) = root.iterfind(".//{*}TextSource")
        name = source.get("plainTextPath").removeprefix("internal://")
        text = archive.read(f"sources/{name}").decode()
        assert archive.namelist() == ["project.qde", f"sources/{name}"]
    etree.XMLSchema(file=SCHEMAS / "Project.xsd").assertValid(root)
    assert text == run.documents["text"].iloc[0]
    texts = run.sentences.set_index("sentence_id")["text"]
    for each in root.iterfind(".//{*}PlainTextSelection"):
        selected = text[int(each.get("startPosition")) : int(each.get("endPosition"))]
        assert selected.split() == texts[each.get("name")].split()
    assert [each.get("name") for each in root.iterfind("{*}Users/*")] == ["Ada", "Bo", "Cleo É (adjudicator)", "Dan"]
    guids = [each.get("guid") for each in root.iter() if each.get("guid")]
    assert len(guids) == len(set(guids))


def test_labels_come_back_as_they_were_and_reading_again_changes_nothing(
    several: Path, folder: Path, tmp_path: Path
) -> None:
    project = tmp_path / "run.qdpx"
    g7tag.Run.at(several).write_project(project)
    read = g7tag.Run.at(folder).read_project(project)
    assert read.problems == []
    known = exchange.store.read_labels(several)
    assert said(read.annotations) == said(known)
    assert not read.annotations["blind"].any()
    ids = read.annotations.set_index("annotation_id")["supersedes"]
    assert set(ids) == {""}
    before = files(folder / "labels")
    assert g7tag.Run.at(folder).read_project(project).annotations.empty
    assert files(folder / "labels") == before
    assert known["blind"].any()
    again = g7tag.Run.at(several).read_project(project)
    assert (again.annotations.empty, again.problems) == (True, [])
    assert exchange.store.read_labels(several).equals(known)


def test_an_old_project_does_not_bring_back_what_a_person_changed(decided: Path, tmp_path: Path) -> None:
    run = g7tag.Run.at(decided)
    run.write_project(tmp_path / "old.qdpx")
    changed = {"sentence_id": "2024-19/CAN-06.1", "act": "background"}
    record(decided, pd.DataFrame([changed]), "Ada")
    read = run.read_project(tmp_path / "old.qdpx")
    assert read.annotations.empty
    assert [each for each in read.problems if "was recorded like this and changed on" not in each] == []
    assert len(read.problems) == 1


def project(path: Path, text: str, *codings: tuple[int, int, str, str], **given: Any) -> Path:
    """A project as QualCoder writes it: a mark before the text, a selection for each code, and its comment in it."""
    users = given.get("users", {"u1": "Dora", "u2": "ada"})
    codes = "".join(
        f'<Code guid="{guid}" name="{name}" isCodable="true" color="#FF0000"/>' for guid, name in CODES.items()
    )
    selections = "".join(
        f'<PlainTextSelection guid="s{place}" startPosition="{start}" endPosition="{end}" name="x" '
        f'creatingUser="{user}" creationDateTime="{given.get("at", "2026-02-03T04:05:06Z")}">'
        "<Description>seen &amp; coded</Description>"
        + (f'<Coding guid="k{place}" creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding>' if code else "")
        + "</PlainTextSelection>"
        for place, (start, end, user, code) in enumerate(codings)
    )
    people = "".join(f'<User guid="{guid}" name="{name}"/>' for guid, name in users.items())
    place = given.get("place", "internal://t1.txt")
    source = f'<TextSource guid="t1" name="invented-report.txt" plainTextPath="{place}">{selections}</TextSource>'
    if given.get("pdf"):
        source = f'<PDFSource guid="p" name="r.pdf">{source.replace("TextSource", "Representation")}</PDFSource>'
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?>\n{given.get("before", "")}<Project name="p" '
        f'origin="{given.get("origin", "QualCoder 3.6")}" xmlns="{given.get("space", "urn:QDA-XML:project:1.0")}">'
        f"<Users>{people}</Users><CodeBook><Codes>{codes}</Codes></CodeBook><Sources>{source}</Sources></Project>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", given.get("xml", xml))
        archive.writestr("sources/t1.txt", text.encode("utf-8-sig"))
        for name in given.get("more", ()):
            archive.writestr(name, "<x/>")
    return path


@pytest.fixture
def place(folder: Path) -> Callable[[str], tuple[int, int]]:
    """Where a sentence is in the text."""
    rows = g7tag.Run.at(folder).sentences.set_index("sentence_id")
    return lambda name: tuple(map(int, rows.loc[f"2024-19/{name}", ["start", "end"]]))  # type: ignore[return-value]


def text_of(folder: Path) -> str:
    return str(g7tag.Run.at(folder).documents["text"].iloc[0])


@pytest.mark.slow
def test_many_codings_are_read_in_little_time(folder: Path, tmp_path: Path, place: Any) -> None:
    many = project(tmp_path / "q.qdpx", text_of(folder), *[(*place("CAN-02.1"), "u1", "c3")] * 40_000)
    start = time.process_time()
    assert len(g7tag.Run.at(folder).read_project(many).annotations) == 1
    assert time.process_time() - start < 15


@pytest.mark.parametrize("how", ["line feeds", "QualCoder for Windows", "two characters a line", "a PDF"])
def test_codings_of_another_program_are_labels_of_its_users(
    how: str, folder: Path, tmp_path: Path, place: Callable[[str], tuple[int, int]]
) -> None:
    text = text_of(folder)
    (start, end), (low, high) = place("CAN-02.1"), place("CAN-02.2")
    spans = [
        (start + 5, high, "u1", "c1"),
        (start, low + 9, "u1", "c2"),
        (end - 1, high, "u1", "c5"),
        (start, end, "u1", "c3"),
    ]
    given: dict[str, Any] = {"pdf": how == "a PDF"}
    if how == "two characters a line":
        given["origin"] = "NVivo"
        spans = [(*(at + text[:at].count("\n") for at in span[:2]), *span[2:]) for span in spans]
    if "line" not in how or how.startswith("two"):
        text = text.replace("\n", "\r\n")
    read = g7tag.Run.at(folder).read_project(project(tmp_path / "q.qdpx", text + "\n", *spans, **given))
    assert read.problems == []
    rows = read.annotations.sort_values("sentence_id")
    assert rows[["sentence_id", "dimensions", "strength", "act", "note"]].to_numpy().tolist() == [
        ["2024-19/CAN-02.1", "counter", "strong", "done", "seen & coded"],
        ["2024-19/CAN-02.2", "counter;dismantle", "strong", "", "seen & coded"],
    ]
    assert set(zip(rows["annotator"], rows["kind"], rows["blind"], rows["at"], strict=True)) == {
        ("Dora", "analyst", False, "2026-02-03T04:05:06.000+00:00")
    }


PROBLEMS: dict[str, tuple[list[tuple[int, int, str, str]], dict[str, Any], str]] = {
    "an unknown code": ([(0, 9, "u1", "c6")], {}, r"code 'hope' is not in the codebook \(2 codings\)\."),
    "no user": ([(0, 9, "u9", "c1")], {}, r"characters \d+ to \d+: no user is named for the coding\."),
    "a similar user": ([(0, 9, "u2", "c1")], {}, r"user 'ada': annotator 'ada': labels by 'Ada' exist\."),
    "two strengths": (
        [(0, 9, "u1", "c1"), (0, 9, "u1", "c2"), (0, 9, "u1", "c4")],
        {},
        r"CAN-02.1, strength: 'strong; weak' is not",
    ),
    "a dimension alone": (
        [(0, 9, "u1", "c1")],
        {},
        r"user 'Dora', sentence 2024-19/CAN-02.1, strength: is empty, but there are",
    ),
    "no code": (
        [(0, 9, "u1", "")],
        {},
        r"text 'invented-report.txt': the selection from '\d+' to '\d+' has no code or no place\.",
    ),
    "no place": ([("x", 9, "u1", "c1")], {}, r"the selection from 'x' to '\d+' has no code or no place\."),  # type: ignore[list-item]
    "no sentence": (
        [(-99_999, -99_990, "u1", "c1")],
        {},
        r"characters 0 to 9: the commitment has no sentence there\.",
    ),
}


@pytest.mark.parametrize("how", PROBLEMS)
def test_a_coding_that_cannot_be_used_is_named_and_the_others_are_read(
    how: str, decided: Path, tmp_path: Path, place: Callable[[str], tuple[int, int]]
) -> None:
    codings, given, cause = PROBLEMS[how]
    start, (good, end) = place("CAN-02.1")[0], place("JPN-05.1")

    def at(number: Any) -> Any:
        return number if isinstance(number, str) else number + start if number >= 0 else number + 99_999

    spans = [(at(low), at(high), *rest) for low, high, *rest in codings] * (2 if "unknown" in how else 1)
    others = [(good, end, "u1", code) for code in ("c1", "c2", "c3")]
    file = project(tmp_path / "q.qdpx", text_of(decided), *spans, *others, **given)  # type: ignore[arg-type]
    read = g7tag.Run.at(decided).read_project(file)
    assert read.annotations[["sentence_id", "annotator"]].to_numpy().tolist() == [["2024-19/JPN-05.1", "Dora"]]
    (problem,) = read.problems
    assert re.search(cause, problem), problem


BOMB = "<!DOCTYPE p [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]>"
FILES: dict[str, tuple[dict[str, Any], str]] = {
    "a document type": ({"before": BOMB}, r"has a DOCTYPE, which can be an attack\. Expected a project"),
    "an entity": (
        {"before": '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "users": {"u1": "&a;"}}, r"q\.qdpx: "
    ),
    "a file elsewhere": ({"place": "internal://../../etc/passwd"}, r"its plain text is not in the project \('internal://\.\."),
    "an absolute path": ({"place": "absolute:///etc/passwd"}, r"its plain text is not in the project \('absolute:"),
    "another format": ({"space": "urn:other"}, r"has the XML element '\{urn:other\}Project'\. Expected a project"),
    "two projects": ({"more": ["other.qde"]}, r"has 2 project files \(\.qde\), among 'other\.qde', 'project\.qde'"),
    "half a file": ({"xml": "<Project xmlns='urn:QDA-XML:project:1.0'>"}, r"cannot be read \(.*\)\. Expected a p"),
    "a large part": ({"xml": " " * 100_000_001}, r"its part 'project\.qde' has more than 100,000,000 bytes\."),
    "a changed text": ({"changed": ("Canada", "Kanada")}, r"report\.txt': was changed, from character \d+ on\."),
    "another text": ({"changed": (None, "Another.")}, r"no text of it is a text of the run, so nothing was"),
}  # fmt: skip


@pytest.mark.parametrize("how", FILES)
def test_a_file_that_cannot_be_used_is_refused_in_words_and_nothing_is_recorded(
    how: str, folder: Path, tmp_path: Path, place: Callable[[str], tuple[int, int]]
) -> None:
    given, cause = FILES[how]
    old, new = given.get("changed", ("", ""))
    text = new if old is None else text_of(folder).replace(old, new)
    file = project(tmp_path / "q.qdpx", text, (*place("CAN-02.1"), "u1", "c1"), **given)
    with pytest.raises(InputError, match=cause) as raised:
        g7tag.Run.at(folder).read_project(file)
    assert str(raised.value).startswith(str(file))
    assert "root:" not in str(raised.value)
    assert not list((folder / "labels").glob("*.jsonl"))


def test_a_time_ahead_of_the_clock_is_now_and_one_that_is_none_too(
    folder: Path, tmp_path: Path, place: Callable[[str], tuple[int, int]]
) -> None:
    for name, at in (("Dora", "2999-01-01T00:00:00Z"), ("Elia", "yesterday"), ("Fred", "0001-01-01T00:00:00+14:00")):
        codings = [(*place("CAN-02.1"), "u1", "c3")]
        file = project(tmp_path / "q.qdpx", text_of(folder), *codings, at=at, users={"u1": name})
        (made,) = g7tag.Run.at(folder).read_project(file).annotations["at"]
        assert "2026" <= made[:4] < "2999"


@pytest.mark.slow
def test_the_commands_write_and_read_a_project(
    folder: Path, tmp_path: Path, place: Callable[[str], tuple[int, int]]
) -> None:
    new, out = tmp_path / "new", tmp_path / "out.qdpx"
    command("ingest", g7tag.example_path("invented-report.txt"), "-o", new)
    written = command("report", new, "--qdpx", out)
    assert f"{out}\n0 labels of people written. When coded: g7tag label {new} {out}\n" in written.output
    assert not (new / "report.html").exists()
    assert command("report", new, "--qdpx", out, code=3).exception
    codings = [(*place("CAN-02.1"), "u1", code) for code in ("c1", "c2", "c3", "c6")]
    file = project(tmp_path / "q.qdpx", text_of(folder), *codings)
    for run in (new, folder):
        read = command("label", run, file, code=4).output
        assert "1 new label by Dora." in read
        assert (
            "1 problem; the other codings were recorded:\n"
            "  text 'invented-report.txt': code 'hope' is not in the codebook (1 coding).\n" in read
        )
    command("label", folder, file, "--annotator", "Ada", code=2)
    assert len(command("report", folder, "--qdpx", out, "--force").output.splitlines()) >= 3


def test_a_codebook_goes_out_valid_and_its_codes_come_back_as_dimensions(tmp_path: Path) -> None:
    file, report, draft = tmp_path / "codes.qdc", g7tag.example_path("harbours-report.txt"), tmp_path / "my.toml"
    command("codebook", "show", "--qdc", file)
    first = file.read_bytes()
    assert command("codebook", "show", "--qdc", file, code=3).exception
    command("codebook", "show", "--qdc", file, "--force")
    assert file.read_bytes() == first
    root = etree.fromstring(first)
    etree.XMLSchema(file=SCHEMAS / "Codebook.xsd").assertValid(root)
    assert [each.get("name") for each in root.iterfind("{*}Codes/*")][:3] == ["dimensions", "strength", "act"]
    with pytest.raises(InputError, match=r"codes\.qdc: has 1[0-9] codes\. Expected 1 to 10, one for each dimension\."):
        g7tag.draft_codebook(report, codes=file)
    inside = '<Code guid="a" name="G"{}>{}</Code><Code guid="b" name="Patrols  of ports"/><Code guid="c" name="Note"/>'
    codes = inside.format(
        ' isCodable="false"', '<Code guid="d" name="Lights"><Description> Beacons. </Description></Code>'
    )
    file.write_text(f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>{codes}</Codes></CodeBook>', encoding="utf-8")
    printed = command("codebook", "new", report, "--codes", file, "-o", draft, code=4).output
    assert f"The dimensions are the codes of {file}, without rules." in printed
    dimensions = tomllib.loads(draft.read_text(encoding="utf-8"))["dimensions"]
    assert [(each["key"], each["label"], each["definition"], each["draft"]) for each in dimensions] == [
        ("lights", "Lights", "Beacons.", True), ("patrols-ports", "Patrols of ports", "Patrols of ports", True),
        ("note-2", "Note", "Note", True),
    ]  # fmt: skip
    file.write_text("<!DOCTYPE a><CodeBook/>", encoding="utf-8")
    with pytest.raises(InputError, match=r"codes\.qdc: has a DOCTYPE"):
        g7tag.draft_codebook(report, codes=file)

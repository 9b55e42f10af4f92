"""Exchange labels with QDA programs: a run as a project of theirs (REFI-QDA 1.0), and its codings read as labels."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring
from zipfile import ZipFile

import pandas as pd

from g7tag import labels as people
from g7tag import store
from g7tag.codebook import MOST_DIMENSIONS, Category, Codebook
from g7tag.errors import InputError
from g7tag.evidence.drafting import slug
from g7tag.jobs.labelling import Recorded, outdated_rows, save_decisions
from g7tag.jobs.sharing import read_plan
from g7tag.jobs.steps import labelled_sentences
from g7tag.process import StoppedError, run_limited
from g7tag.sources import qda
from g7tag.text import counted

if TYPE_CHECKING:
    from g7tag.jobs.run import Run

SECONDS = 60.0
"""Maximum processor time in seconds to read a project; one with 2,000 labels takes a tenth of a second."""
ADJUDICATOR = " (adjudicator)"
"""Ends the name of a user whose codings are an adjudicator's."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_project(run: "Run", path: Path | str, *, force: bool = False) -> int:
    """Write the texts, the codebook and people's labels as a project for QDA programs, in the format REFI-QDA 1.0.

    It also works before the run has tags. Each person's last label of a sentence is one selection, with a code for each
    part of the label and the comment as a note. Machines' labels and checks of sources are left out.

    Parameters
    ----------
    path, force
        A .qdpx file; one that exists is an `InputError`, unless with `force`.

    Returns
    -------
    int
        Number of labels in the project, 0 if nobody has labelled.

    Examples
    --------
    >>> from g7tag.jobs import example_path, run_report, temporary_directory
    >>> folder = temporary_directory()
    >>> run = run_report(example_path("invented-report.txt"), output=folder / "run", fast=True)
    >>> run.write_project(folder / "run.qdpx")
    0
    """
    file, book = Path(path), run.codebook
    store.check_output(file, force=force, types=(".qdpx",))
    sentences, parts = labelled_sentences(run), dict[str, bytes]()
    current = people.current_annotations(store.read_labels(run.saved.path, book), sentences)
    rows = current.merge(sentences[["sentence_id", "document_id", "start", "end"]], on="sentence_id")
    rows = rows.sort_values(["start", "annotation_id"], kind="stable")
    rows["user"] = rows["annotator"] + rows["kind"].map({"adjudicator": ADJUDICATOR}).fillna("").astype("str")
    root = Element(
        "Project", name=f"{book.commitment.title} ({book.id})", origin="g7tag", xmlns="urn:QDA-XML:project:1.0"
    )
    users = SubElement(root, "Users") if len(rows) else root
    for name in sorted(set(rows["user"])):
        SubElement(users, "User", guid=_guid("user", name), name=name)
    _add_codes(SubElement(root, "CodeBook"), book)
    sources, notes = SubElement(root, "Sources"), Element("Notes")
    for document in run.documents.to_dict("records"):
        guid = _guid("text", document["document_id"])
        parts[f"sources/{guid}.txt"] = document["text"].encode()
        name = _text_name(document["name"])
        source = SubElement(sources, "TextSource", guid=guid, name=name, plainTextPath=f"internal://{guid}.txt")
        for row in rows[rows["document_id"] == document["document_id"]].to_dict("records"):
            _add_label(source, notes, row, book)
    root.extend([notes] if len(notes) else [])
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in {"project.qde": _xml(root), **parts}.items():
            archive.writestr(name, content)
    store.write_atomic(file, store.with_fixed_dates(buffer.getvalue()))
    return len(rows)


def write_codes(book: Codebook, path: Path | str, *, force: bool = False) -> None:
    """Write the codes of a codebook as a codebook file of QDA programs (.qdc)."""
    store.check_output(Path(path), force=force, types=(".qdc",))
    root = Element("CodeBook", origin="g7tag", xmlns="urn:QDA-XML:codebook:1.0")
    _add_codes(root, book)
    store.write_atomic(Path(path), _xml(root))


def _xml(root: Element) -> bytes:
    text = _NOT_XML.sub("?", tostring(root, "unicode")).replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add_codes(parent: Element, book: Codebook) -> None:
    """Add the codes of a codebook, in a group for each part of a label; programs need names that are unique."""
    codes = SubElement(parent, "Codes")
    for part, given in _parts(book).items():
        group = SubElement(codes, "Code", guid=_guid(book.id, part), name=part, isCodable="false")
        for each in given:
            code = SubElement(group, "Code", guid=_guid(book.id, part, each.key), name=each.key, isCodable="true")
            words = [f"{each.label}. {each.definition}", *each.examples]
            SubElement(code, "Description").text = "\nExample: ".join(words)


def _add_label(source: Element, notes: Element, row: Mapping[Any, Any], book: Codebook) -> None:
    """Add a label as a selection; its comment is written twice, as some programs show the description, others notes."""
    said = {"creatingUser": _guid("user", row["user"]), "creationDateTime": row["at"].replace("+00:00", "Z")}
    place = {"startPosition": str(row["start"]), "endPosition": str(row["end"]), "name": row["sentence_id"]}
    selection = SubElement(source, "PlainTextSelection", guid=_guid(row["annotation_id"]), **place, **said)
    if row["note"]:
        SubElement(selection, "Description").text = row["note"]
    codes = [(part, key) for part in people.DECIDED[:4] for key in row[part].split(";") if key]
    codes += [("contradicts", "contradicts")] if row["contradicts"] else []
    codes += [("unsure", "unsure")] if row["confidence"] == people.UNSURE else []
    for code in codes:
        coding = SubElement(selection, "Coding", guid=_guid(row["annotation_id"], *code), **said)
        SubElement(coding, "CodeRef", targetGUID=_guid(book.id, *code))
    if row["note"]:
        guid = _guid(row["annotation_id"], "note")
        SubElement(selection, "NoteRef", targetGUID=guid)
        SubElement(SubElement(notes, "Note", guid=guid, **said), "PlainTextContent").text = row["note"]


def read_project(run: "Run", path: Path | str, *, force: bool = False) -> Recorded:
    """Save the codings of a project of a QDA program as labels of its users in the run directory.

    Call `rescore` to apply them. A selection counts for each sentence of which it has a letter or a digit, and the
    codings of a user on a sentence are one label. Codes are found by their id or name, texts by their content. A
    sentence without codings stays as it is. Labels are not blind, because a program shows all codings.

    Parameters
    ----------
    path
        A .qdpx file with a text of the run, as `write_project` wrote it.
    force
        Also let an adjudicator decide disagreements that this person is a party to.

    Returns
    -------
    Recorded
        The new annotations, and a problem for everything that cannot be used; the rest is saved.

    Raises
    ------
    InputError
        The file is no project, or none of its texts is a text of the run.
    """
    head, *texts = _read(qda.read_project, path)
    problems: list[str] = []
    found = [_codings(run, head, text, problems) for text in texts]
    if all(each is None for each in found):
        why = " ".join(problems[:3]) or "It has no text."
        msg = f"{path}: no text of it is a text of the run, so nothing was recorded. {why}"
        raise InputError(msg)
    said = pd.concat([each for each in found if each is not None])
    made = [store.read_labels(run.saved.path, run.codebook).head(0)]
    for user in sorted(set(said["user"]), key=lambda name: (name.endswith(ADJUDICATOR), name)):
        try:
            made.append(_save(run, user, said[said["user"] == user], problems, force=force))
        except InputError as error:
            problems.append(f"user {user!r}: {error}")
    return Recorded(pd.concat(made, ignore_index=True), problems)


def code_dimensions(path: Path | str, taken: Collection[str]) -> list[Category]:
    """Return the codes of a codebook file (.qdc) as drafts of dimensions, with keys that are not taken."""
    found: list[Category] = []
    for name, description in _read(qda.read_codes, path):
        if label := " ".join(name.split()):
            key, words = slug(label, [*taken, *(each.key for each in found)]), description or label
            found.append(Category(key=key, label=label, definition=words, draft=True, taken_from=words))
    if not 0 < len(found) <= MOST_DIMENSIONS:
        msg = f"{path}: has {counted(len(found), 'code')}. Expected 1 to {MOST_DIMENSIONS}, one for each dimension."
        raise InputError(msg)
    return found


def _read(reader: Callable[[bytes, str], Iterator[Any]], path: Path | str) -> list[Any]:
    """Return what a reader yields of a file, in a process with limits."""
    try:
        return list(run_limited(reader, b"", str(path), seconds=SECONDS))
    except InputError as error:
        advice = ". Export less, or get the file again." if isinstance(error, StoppedError) else ""
        msg = f"{path}: {error}{advice}"
        raise InputError(msg) from error


def _codings(run: "Run", head: Mapping[str, Any], text: Mapping[str, Any], problems: list[str]) -> pd.DataFrame | None:
    """Return who said what of each sentence of a text; None if it is no text of the run. Adds what cannot be used."""
    where = f"text {text['name'][:80]!r}"
    problems += [f"{where}: {each}." for each in text["problems"]]
    document = _document(run, text, problems) if text["text"] else None
    if document is None:
        return None
    own = labelled_sentences(run).sort_values("start")
    own = own[own["document_id"] == document["document_id"]]
    ids, starts, ends = (own[name].tolist() for name in ("sentence_id", "start", "end"))
    codes, unknown, rows = _codes(run.codebook), Counter[str](), []
    for start, end, guid, time, note, code in text["codings"]:
        named = head["codes"].get(code, "")
        label, user = codes.get(code) or codes.get(store.heading(named)), " ".join(head["users"].get(guid, "").split())
        near = range(bisect_right(ends, start), bisect_left(starts, end))
        parts = [document["text"][max(starts[at], start) : min(ends[at], end)] for at in near]
        touched = [ids[at] for at, part in zip(near, parts, strict=True) if any(map(str.isalnum, part))]
        if label is None:
            unknown[named[:80] or code] += 1
        elif not user or not touched:
            why = "the commitment has no sentence there" if user else "no user is named for the coding"
            problems.append(f"{where}, characters {start} to {end}: {why}.")
        else:
            rows += [(user[:200], name, *pair, time) for name in touched for pair in (label, ("note", note))]
    counts = {name: counted(n, "coding") for name, n in sorted(unknown.items())}
    problems += [f"{where}: code {name!r} is not in the codebook ({n})." for name, n in counts.items()]
    said = pd.DataFrame(rows, columns=["user", "sentence_id", "part", "said", "at"])
    now = pd.Timestamp.now("UTC")
    times = pd.to_datetime(said["at"], utc=True, errors="coerce", format="ISO8601")
    is_time = times.between(pd.Timestamp(0, tz="UTC"), now)  # programs write the year 1 if they have none
    return said.assign(at=times.where(is_time, now))


def _document(run: "Run", text: Mapping[str, Any], problems: list[str]) -> dict[Any, Any] | None:
    """Return the document of the run with a text; without one, add why to the problems."""
    known, content = run.documents.to_dict("records"), text["text"].rstrip()
    for row in known:
        if row["text"].rstrip() == content:
            return row
    why = "is not a text of the run."
    for own in (row["text"] for row in known if _text_name(row["name"]) == _text_name(text["name"])):
        place = next((at for at, letter in enumerate(content) if letter != own[at : at + 1]), len(content))
        why = f"was changed, from character {place} on. Use the text that `g7tag report --qdpx` wrote, unchanged."
    problems.append(f"text {text['name'][:80]!r}: {why}")
    return None


def _save(run: "Run", user: str, said: pd.DataFrame, problems: list[str], *, force: bool) -> pd.DataFrame:
    """Save what a user said as labels, and return those that are new; adds the problems of the others."""
    path, book, sentences = run.saved.path, run.codebook, labelled_sentences(run)
    kind: people.PersonKind = "adjudicator" if user.endswith(ADJUDICATOR) else "analyst"
    earlier, plan = store.read_labels(path, book), read_plan(path)
    name = people.require_annotator(user.removesuffix(ADJUDICATOR), earlier)
    if plan is not None and kind == "analyst":
        people.assigned_items([], plan, name)  # refused if the plan does not have this name
    once = said[said["said"] != ""].drop_duplicates(["sentence_id", "part", "said"])
    table = once.groupby(["sentence_id", "part"])["said"].agg("; ".join).unstack(fill_value="")
    table = table.reindex(columns=list(people.DECIDED), fill_value="")
    rows, found = people.read_decisions(table.assign(sentence_id=table.index), sentences, book)
    before = people.standing(earlier[(earlier["annotator"] == name) & (earlier["kind"] == kind)])
    rows = people.with_checks(rows, before, sentences)
    outdated = outdated_rows(rows, sentences, before)
    rows = rows.drop(index=[each.row for each in outdated])
    rows["at"] = said.groupby("sentence_id")["at"].max().reindex(rows["sentence_id"]).array
    added = save_decisions(run, rows, earlier, annotator=name, kind=kind, force=force, at=datetime.now(UTC))
    problems += [
        f"user {user!r}, sentence {row}, {part or 'label'}: {cause}" for row, part, cause in [*found, *outdated]
    ]
    return added


def _parts(book: Codebook) -> dict[str, list[Category]]:
    """Return the categories of each part of a label, with those that are in no codebook."""
    none = Category(key="none", label="No dimension", definition="The sentence carries no dimension.")
    against = Category(key="contradicts", label="Contradicts", definition="The act works against the commitment.")
    unsure = Category(key="unsure", label="Unsure", definition="The annotator is not sure of the label.")
    parts = {
        "dimensions": book.dimensions, "strength": [*book.strengths, none], "act": book.acts,
        "exclusion": book.exclusions, "contradicts": [against], "unsure": [unsure],
    }  # fmt: skip
    return {part: given for part, given in parts.items() if given}


def _codes(book: Codebook) -> dict[str, tuple[str, str]]:
    """Return what each code says, as part and key, by its guid, its key or its label, in this order."""
    every = [(part, each) for part, given in _parts(book).items() for each in given]
    said = [(part, "x" if part == each.key else each.key) for part, each in every]
    names = (
        [store.heading(each.label) for _, each in every], [store.heading(each.key) for _, each in every],
        [_guid(book.id, part, each.key) for part, each in every],
    )  # fmt: skip
    return {name: what for known in names for name, what in zip(known, said, strict=True)}


def _text_name(name: str) -> str:
    """Return the name of a text; programs would open one that ends in .pdf as a PDF."""
    return name if name.endswith(".txt") else f"{name}.txt"


def _guid(*words: str) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(["g7tag", *words])))

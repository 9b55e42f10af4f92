"""A run as a Word document (.docx): one page per member, for editors to change."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urlsplit

import pandas as pd
from docx import Document
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.frames import Frames, has_key, value_word
from g7tag.labels import open_doubts
from g7tag.report.cells import is_web, one_line, snippet
from g7tag.report.doubts import doubtful_text, doubts_of
from g7tag.report.evidence import item_notes, own_frames
from g7tag.report.models import labels_text
from g7tag.report.tables import percent, reading_headings
from g7tag.scoring import in_period, signed
from g7tag.store import with_fixed_dates
from g7tag.text import counted, sentence_case

_MOST_ITEMS, _MOST_FINDINGS = 2, 4  # of each level and of a member: so much usually fits on a page
_LONGEST_ITEM, _LONGEST_NOTE = 200, 300  # characters of a text on the page
_LONGEST_TITLE = 255  # characters of a property of a Word document
_CREATED = datetime(2024, 6, 14)  # noqa: DTZ001 - a fixed day without a zone: the same content has the same bytes
_FONT, _SIZE = "Arial", 9  # points
_MARGIN, _WIDTH, _HEIGHT = 15, 210, 297  # millimetres: A4
_POINTS = {"Title": 16, "Heading 1": 14, "Heading 2": 11, "Normal": _SIZE, "List Bullet": _SIZE, "List Bullet 2": _SIZE}
_LINK = "Hyperlink"
_ELSEWHERE = ("Levels:", "Finding, ", "   ")
"""Beginnings of lines on what the page shows in parts of its own."""


class Part(NamedTuple):
    """A piece of a paragraph: text, the web address that it links to ("" if none), and whether it is bold."""

    text: str
    url: str = ""
    bold: bool = False


class Block(NamedTuple):
    """A paragraph with its style, or a table with its rows as text."""

    style: str
    parts: tuple[Part, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def run_brief(
    frames: Frames, final: pd.DataFrame, codebook: Codebook, *, reasons: Mapping[str, Sequence[str]]
) -> bytes:
    """Return a Word document with one A4 page per member; the same run gives the same bytes."""
    frames = own_frames(frames, codebook)
    document = _document(codebook)
    members = list(dict.fromkeys(frames["scores"]["member"]))
    title = f"Commitment {codebook.commitment.id}: {'scores by member' if members else 'no member has a score'}"
    _write(document, _paragraph("Title", title))
    for place, member in enumerate(members):
        lines = [line for name, its in reasons.items() if name.startswith(f"{member}: suggested ") for line in its]
        for block in _page(frames, final, codebook, member=member, lines=lines):
            _write(document, block, on_new_page=place > 0 and block.style == "Heading 1")
    buffer = BytesIO()
    document.save(buffer)
    return with_fixed_dates(buffer.getvalue())


def _paragraph(style: str, *parts: Part | str) -> Block:
    return Block(style, tuple(Part(part) if isinstance(part, str) else part for part in parts))


def _page(frames: Frames, final: pd.DataFrame, codebook: Codebook, *, member: str, lines: Sequence[str]) -> list[Block]:
    """Return the blocks of a member's page."""
    items, matrix = _carrying(frames, codebook, member), frames["evidence_matrix"]
    findings = _own_findings(frames["findings"], member, codebook)
    rules = [line.removeprefix("Rule: ") for line in lines if line.startswith("Rule:")]
    changes = [line for line in lines if not line.startswith(("Rule:", *_ELSEWHERE))]
    missing = [_paragraph("Heading 2", "What is missing, and what would change the score")] if changes else []
    return [
        *_heading(frames["scores"], final, codebook, member=member), _paragraph("Heading 2", "Rule"),
        *(_paragraph("Normal", sentence_case(rule)) for rule in rules),
        *_evidence(matrix, items, codebook, member=member),
        *missing, *(_paragraph("List Bullet", line) for line in changes),
        *_found(findings, codebook), *_labelled(frames, codebook, member),
    ]  # fmt: skip


def _heading(scores: pd.DataFrame, final: pd.DataFrame, codebook: Codebook, *, member: str) -> Iterator[Block]:
    commitment = codebook.commitment
    yield _paragraph("Heading 1", f"{member} ({codebook.codes[member]})")
    title = Part(f"Commitment {commitment.id}, {commitment.title}. ", bold=True)
    yield _paragraph("Normal", title, snippet(commitment.text, _LONGEST_NOTE))
    own = scores[scores["member"] == member].set_index("reading")
    row = final[final["member"] == member].iloc[0].to_dict()
    basis = value_word("basis", row["basis"], "final_scores").name
    suggested = {
        heading: signed(own["suggested_score"].get(name, pd.NA)) for name, heading in reading_headings(codebook).items()
    }
    cells = {
        "Published": signed(own["published_score"].iloc[0]), **suggested,
        "Final": "not decided" if pd.isna(row["final_score"]) else signed(row["final_score"]),
        "Decided": f"{basis}, {row['decided_by']}" if row["decided_by"] else basis,
        "Why": snippet(row["why"], _LONGEST_NOTE),
    }  # fmt: skip
    yield Block("Table Grid", rows=(tuple(cells), tuple(cells.values())))


def _carrying(frames: Frames, codebook: Codebook, member: str) -> pd.DataFrame:
    """Return the items that count for a member, by dimension, those that carry the level most certainly first."""
    own = frames["sentences"][frames["sentences"]["member"] == member]
    kinds = frames["annotations"][["annotation_id", "kind"]]
    rows = own[["sentence_id", "item_id", "text"]].merge(frames["labels"], on="sentence_id")
    rows = rows.merge(kinds, on="annotation_id", how="left")
    rows = rows.merge(frames["tags"][["sentence_id", "p_right"]], on="sentence_id", how="left")
    by_tagger = rows["kind"].eq("classifier").fillna(value=False).astype("bool")
    doubts = doubts_of(open_doubts(frames["tags"], frames["labels"], frames["annotations"]))
    rows = rows.assign(
        sure=rows["p_right"].where(by_tagger, 1.0), doubt=rows["sentence_id"].map(doubts).fillna(""),
        strong=rows["strength"] == "strong",
    )  # fmt: skip
    counts = frames["items"][in_period(frames["items"], codebook)]
    rows = rows.merge(counts[["item_id", "date"]], on="item_id")
    rows = rows.assign(notes=rows["item_id"].map(item_notes(counts, frames["citations"])))
    parts = [rows[has_key(rows["dimensions"], key)].assign(dimension=key) for key in codebook.dimension_keys]
    found = pd.concat(parts)
    alike = found.groupby(["dimension", "item_id", "strong"], sort=False)
    least = alike["doubt"].transform("min")
    found = found.assign(sure=alike["sure"].transform("max"), doubt=found["doubt"].mask(least == "", ""))
    first = found.sort_values("strong", ascending=False, kind="stable").drop_duplicates(["dimension", "item_id"])
    return first.sort_values(["strong", "sure"], ascending=False, kind="stable").reset_index(drop=True)


def _evidence(matrix: pd.DataFrame, items: pd.DataFrame, codebook: Codebook, *, member: str) -> Iterator[Block]:
    yield _paragraph("Heading 2", "Level in each dimension, and the items that carry it")
    cells = matrix[matrix["member"] == member].set_index("dimension").to_dict("index")
    shown: dict[str, str] = {}
    for dimension in codebook.dimensions:
        cell: Mapping[Any, Any] = cells.get(dimension.key, {"level": "none", "n_strong": 0, "n_weak": 0})
        numbers = f"{counted(cell['n_strong'], 'strong item')}, {counted(cell['n_weak'], 'weak item')}"
        own = items[items["dimension"] == dimension.key]
        first = (own[own["strong"]] if cell["level"] == "strong" else own).head(_MOST_ITEMS)
        rest = len(own) - len(first)
        more = f"; {rest} more in report.html" if rest else ""
        name = Part(f"{dimension.label}: {cell['level']}", bold=True)
        yield _paragraph("List Bullet", name, f" ({numbers}{more})")
        for item in first.to_dict("records"):
            yield _paragraph("List Bullet 2", *_item_parts(item, shown.get(item["item_id"], "")))
            shown.setdefault(item["item_id"], dimension.label)


def _item_parts(item: Mapping[Any, Any], above: str) -> Iterator[Part | str]:
    """Return an item in short; if it is shown above, only a reference."""
    marks = ["strong" if item["strong"] else "weak", *([f"doubtful: {item['doubt']}"] if item["doubt"] else [])]
    yield f"{item['item_id'].rpartition('/')[2]}, {day(item['date'])} ({', '.join(marks)})"
    if above:
        yield f": see {above}"
        return
    yield f": {snippet(item['text'], _LONGEST_ITEM)} "
    for note in item["notes"][:1]:
        yield Part(f"[{f'{note.publisher}, ' if note.publisher else ''}note {note.number}]", url=note.url)


def _own_findings(findings: pd.DataFrame, member: str, codebook: Codebook) -> pd.DataFrame:
    """Return findings of high and medium severity on a member, and those of high severity that its items prove."""
    own = findings["member"].eq(member)
    own_items = f"{codebook.commitment.id}/{codebook.codes[member]}-"
    proof = findings["proof"].str.contains(own_items, regex=False)
    severe = findings.assign(own=own)[(own & findings["severity"].eq("medium")) | findings["severity"].eq("high")]
    order = {"high": 0, "medium": 1}
    severe = severe.assign(order=severe["severity"].map(order))[(own | proof).reindex(severe.index)]
    return severe.sort_values(["order", "own"], ascending=[True, False], kind="stable").drop(columns=["order", "own"])


def _found(findings: pd.DataFrame, codebook: Codebook) -> Iterator[Block]:
    yield _paragraph("Heading 2", "Findings of high and medium severity")
    if findings.empty:
        yield _paragraph("Normal", "None.")
    for row in findings.head(_MOST_FINDINGS).to_dict("records"):
        check = value_word("check", row["check"], "findings", labels=codebook.labels).name
        own = row["subject"].startswith(f"{codebook.commitment.id}/")  # that of another commitment stays whole
        about = row["subject"].rpartition("/")[2] if own else row["subject"]
        name = Part(f"{row['severity'].capitalize()}: {check}", bold=True)
        yield _paragraph("List Bullet", name, f" ({about}): {snippet(row['message'], _LONGEST_NOTE)}")
    rest = findings.iloc[_MOST_FINDINGS:]
    if len(rest):
        counts = [f"{len(list(rows))} {severity}" for severity, rows in groupby(rest["severity"])]
        n = counted(len(rest), "more finding")
        yield _paragraph("Normal", f"And {n} in report.html ({', '.join(counts)}).")


def _labelled(frames: Frames, codebook: Codebook, member: str) -> Iterator[Block]:
    """Return how the labels of a member were made, and how certain they are."""
    yield _paragraph("Heading 2", "How the labels were made")
    ids = frames["sentences"].loc[frames["sentences"]["member"] == member, "sentence_id"]
    labels, annotations, tags = (
        frames[name][frames[name]["sentence_id"].isin(ids)] for name in ("labels", "annotations", "tags")
    )
    doubtful = f"{counted(len(tags), 'tag')} ({doubtful_text(tags)})"
    sure = f"mean probability that a tag is right: {percent(tags['p_right'].mean())}"
    seen = frames["findings"]["check"].eq("seen_in_training").any()
    warning = (
        " The tagger was trained on these items, so its agreement with published scores is no evidence." if seen else ""
    )
    yield _paragraph(
        "Normal",
        f"{sentence_case(labels_text(labels, annotations))}. {doubtful}; {sure}.{warning} Codebook {codebook.id}, "
        f"version {codebook.version}.",
    )


def _document(codebook: Codebook) -> Docx:
    """Return an empty A4 document with the styles, the footer and the properties of a brief."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(_WIDTH), Mm(_HEIGHT)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN)
    section.header_distance = section.footer_distance = Mm(7)
    for name, points in _POINTS.items():
        _set_style(cast("ParagraphStyle", document.styles[name]), points)
    link = document.styles.add_style(_LINK, WD_STYLE_TYPE.CHARACTER)
    link.font.underline, link.font.color.rgb = True, RGBColor(0x05, 0x63, 0xC1)
    properties = document.core_properties
    title = f"Commitment {codebook.commitment.id}, {codebook.commitment.title}: scores by member"
    properties.title = snippet(title, _LONGEST_TITLE)
    properties.author, properties.comments, properties.last_modified_by = "g7tag", "", "g7tag"
    properties.created = properties.modified = _CREATED
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, name in (
        ("Suggested scores follow from labels by rules; people decide. Page ", "PAGE"), (" of ", "NUMPAGES"),
    ):  # fmt: skip
        footer.add_run(text)
        field = OxmlElement("w:fldSimple")  # Word computes the number
        field.set(qn("w:instr"), name)
        _wrap(footer.add_run("1"), field)
    return document


def _set_style(style: ParagraphStyle, points: int) -> None:
    style.font.name, style.font.size = _FONT, Pt(points)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)  # the fonts of the theme would take precedence
    spacing = style.paragraph_format
    spacing.line_spacing = 1.0
    is_heading = style.name is not None and style.name.startswith("Heading")
    spacing.space_before, spacing.space_after = Pt(5 if is_heading else 0), Pt(2)


def _write(document: Docx, block: Block, *, on_new_page: bool = False) -> None:
    if not block.rows:
        paragraph = document.add_paragraph(style=block.style)
        if on_new_page:
            paragraph.paragraph_format.page_break_before = True
        for part in block.parts:
            _add_part(paragraph, part)
        return
    table = document.add_table(len(block.rows), len(block.rows[0]), style=block.style)
    table.autofit = False
    width = (_WIDTH - 2 * _MARGIN) / (len(block.rows[0]) + 2)  # the last column has sentences: as wide as three
    for place, row in enumerate(block.rows):
        for text, cell in zip(row, table.rows[place].cells, strict=True):
            cell.width = Mm(width)
            cell.paragraphs[0].add_run(one_line(text)).bold = place == 0
        cell.width = Mm(3 * width)
    document.add_paragraph().paragraph_format.line_spacing = Pt(4)


def _add_part(paragraph: Paragraph, part: Part) -> None:
    text = one_line(part.text)
    if not _is_link(part.url):
        paragraph.add_run(text).bold = part.bold or None
        return
    target = quote(part.url, safe=":/?#[]@!$&'()*+,;=%~-._")
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    _wrap(paragraph.add_run(text, style=_LINK), link)


def _is_link(url: str) -> bool:
    """Return whether a link can be written: a web address with a valid port; Word refuses files with others."""
    if not is_web(url):
        return False
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _wrap(run: Run, element: Any) -> None:
    """Put a run into an element at its place; python-docx has no function for links and fields."""
    own: Any = run._r
    own.addprevious(element)
    element.append(own)

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

_AMOUNTS = (
    (3, 12), (3, 8), (3, 6), (3, 4), (2, 8), (2, 6), (2, 4), (2, 3), (1, 6), (1, 4), (1, 3), (1, 2), (1, 1), (0, 0)
)  # fmt: skip
"""Items for each level and findings for each member, from many to few: the first that fit on a page are shown."""
_LONGEST_ITEM, _LONGEST_NOTE = 240, 420  # characters of a text on the page
_LONGEST_TITLE = 255  # characters of a property of a Word document
_CREATED = datetime(2024, 6, 14)  # noqa: DTZ001 - a fixed day without a zone: the same content has the same bytes
_FONT, _SIZE = "Arial", 9  # points
_MARGIN, _WIDTH, _HEIGHT = 15, 210, 297  # millimetres: A4
_LINES, _CHARACTERS = 72, 114  # of a page and of a line, in the font above
_SPACE = {"Title": 2.2, "Heading 1": 2.2, "Heading 2": 1.7, "Normal": 1.3, "List Bullet": 1.1, "List Bullet 2": 1.1}
"""Height of a paragraph of one line, in lines."""
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
    for place, member in enumerate(members):
        title = [] if place else [Block("Title", (Part(f"Commitment {codebook.commitment.id}: scores by member"),))]
        for block in [*title, *_page(frames, final, codebook, member=member, lines=_lines_of(reasons, member))]:
            _write(document, block, on_new_page=place > 0 and block.style == "Heading 1")
    if not members:
        _write(document, Block("Title", (Part(f"Commitment {codebook.commitment.id}: no member has a score"),)))
    buffer = BytesIO()
    document.save(buffer)
    return with_fixed_dates(buffer.getvalue())


def _lines_of(reasons: Mapping[str, Sequence[str]], member: str) -> list[str]:
    return [line for name, lines in reasons.items() if name.startswith(f"{member}: suggested ") for line in lines]


def _page(frames: Frames, final: pd.DataFrame, codebook: Codebook, *, member: str, lines: Sequence[str]) -> list[Block]:
    """Return the blocks of a member's page, with as many items and findings as fit."""
    items = _carrying(frames, codebook, member)
    findings = _own_findings(frames["findings"], member, codebook)
    before = [
        *_heading(frames["scores"], final, codebook, member=member),
        *_because([line for line in lines if line.startswith("Rule:")]),
    ]
    changes = list(_changes([line for line in lines if not line.startswith(("Rule:", *_ELSEWHERE))]))
    after = list(_labelled(frames, codebook, member))
    pages = (
        [
            *before,
            *_evidence(frames["evidence_matrix"], items, codebook, member=member, most=most),
            *changes,
            *_found(findings, codebook, most=most_findings),
            *after,
        ]
        for most, most_findings in _AMOUNTS
    )
    for blocks in pages:
        if sum(map(_height, blocks)) <= _LINES:
            break
    return blocks


def _heading(scores: pd.DataFrame, final: pd.DataFrame, codebook: Codebook, *, member: str) -> Iterator[Block]:
    commitment = codebook.commitment
    yield Block("Heading 1", (Part(f"{member} ({codebook.codes[member]})"),))
    title = Part(f"Commitment {commitment.id}, {commitment.title}. ", bold=True)
    yield Block("Normal", (title, Part(snippet(commitment.text, _LONGEST_NOTE))))
    own = scores[scores["member"] == member].set_index("reading")
    row = final[final["member"] == member].iloc[0].to_dict()
    score = "not decided" if pd.isna(row["final_score"]) else signed(row["final_score"])
    basis = value_word("basis", row["basis"], "final_scores").name
    who = f"{basis}, {row['decided_by']}" if row["decided_by"] else basis
    suggested = {heading: signed(own["suggested_score"].get(name, pd.NA)) for name, heading in _readings(codebook)}
    cells = {
        "Published": signed(own["published_score"].iloc[0]), **suggested, "Final": score, "Decided": who,
        "Why": snippet(row["why"], _LONGEST_NOTE),
    }  # fmt: skip
    yield Block("Table Grid", rows=(tuple(cells), tuple(cells.values())))


def _readings(codebook: Codebook) -> list[tuple[str, str]]:
    return list(reading_headings(codebook).items())


def _because(rules: Sequence[str]) -> Iterator[Block]:
    yield Block("Heading 2", (Part("Rule"),))
    for line in rules:
        yield Block("Normal", (Part(sentence_case(line.removeprefix("Rule: "))),))


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
    rows = rows.merge(_sources(counts, frames["citations"]), on="item_id", how="left")
    rows = rows.fillna({"source": "", "url": ""})
    parts = [rows[has_key(rows["dimensions"], key)].assign(dimension=key) for key in codebook.dimension_keys]
    found = pd.concat(parts)
    alike = found.groupby(["dimension", "item_id", "strong"], sort=False)
    least = alike["doubt"].transform("min")
    found = found.assign(sure=alike["sure"].transform("max"), doubt=found["doubt"].mask(least == "", ""))
    first = found.sort_values("strong", ascending=False, kind="stable").drop_duplicates(["dimension", "item_id"])
    return first.sort_values(["strong", "sure"], ascending=False, kind="stable").reset_index(drop=True)


def _sources(items: pd.DataFrame, citations: pd.DataFrame) -> pd.DataFrame:
    """Return the first note of each item: its number and publisher, and its address if that is a web address."""
    firsts = {item_id: notes[0] for item_id, notes in item_notes(items, citations).items() if notes}
    rows = [
        (item_id, f"{note.publisher}, note {note.number}" if note.publisher else f"note {note.number}", note.url)
        for item_id, note in firsts.items()
    ]
    return pd.DataFrame(rows, columns=["item_id", "source", "url"], dtype="str")


def _evidence(
    evidence_matrix: pd.DataFrame, items: pd.DataFrame, codebook: Codebook, *, member: str, most: int
) -> Iterator[Block]:
    yield Block("Heading 2", (Part("Level in each dimension, and the items that carry it"),))
    cells = evidence_matrix[evidence_matrix["member"] == member].set_index("dimension").to_dict("index")
    shown: dict[str, str] = {}
    for dimension in codebook.dimensions:
        cell: Mapping[Any, Any] = cells.get(dimension.key, {"level": "none", "n_strong": 0, "n_weak": 0})
        numbers = f"{counted(cell['n_strong'], 'strong item')}, {counted(cell['n_weak'], 'weak item')}"
        own = items[items["dimension"] == dimension.key]
        first = own[own["strong"]] if cell["level"] == "strong" else own
        first = first.head(most)
        rest = len(own) - len(first)
        more = f"; {rest} more in report.html" if rest else ""
        name = Part(f"{dimension.label}: {cell['level']}", bold=True)
        yield Block("List Bullet", (name, Part(f" ({numbers}{more})")))
        for item in first.to_dict("records"):
            yield Block("List Bullet 2", tuple(_item_parts(item, shown.get(item["item_id"], ""))))
            shown.setdefault(item["item_id"], dimension.label)


def _item_parts(item: Mapping[Any, Any], above: str) -> Iterator[Part]:
    """Return an item in short; if it is shown above, only a reference."""
    marks = ["strong" if item["strong"] else "weak", *([f"doubtful: {item['doubt']}"] if item["doubt"] else [])]
    yield Part(f"{item['item_id'].rpartition('/')[2]}, {day(item['date'])} ({', '.join(marks)})")
    if above:
        yield Part(f": see {above}")
        return
    yield Part(f": {snippet(item['text'], _LONGEST_ITEM)} ")
    if item["source"]:
        yield Part(f"[{item['source']}]", url=item["url"])


def _changes(lines: Sequence[str]) -> Iterator[Block]:
    if lines:
        yield Block("Heading 2", (Part("What is missing, and what would change the score"),))
    for line in lines:
        yield Block("List Bullet", (Part(line),))


def _own_findings(findings: pd.DataFrame, member: str, codebook: Codebook) -> pd.DataFrame:
    """Return findings of high and medium severity on a member, and those of high severity that its items prove."""
    own = findings["member"].eq(member)
    own_items = f"{codebook.commitment.id}/{codebook.codes[member]}-"
    proof = findings["proof"].str.contains(own_items, regex=False)
    severe = findings.assign(own=own)[(own & findings["severity"].eq("medium")) | findings["severity"].eq("high")]
    order = {"high": 0, "medium": 1}
    severe = severe.assign(order=severe["severity"].map(order))[(own | proof).reindex(severe.index)]
    return severe.sort_values(["order", "own"], ascending=[True, False], kind="stable").drop(columns=["order", "own"])


def _found(findings: pd.DataFrame, codebook: Codebook, *, most: int) -> Iterator[Block]:
    yield Block("Heading 2", (Part("Findings of high and medium severity"),))
    if findings.empty:
        yield Block("Normal", (Part("None."),))
        return
    for row in findings.head(most).to_dict("records"):
        check = value_word("check", row["check"], "findings", labels=codebook.labels).name
        about = _subject(row["subject"], codebook)
        name = Part(f"{row['severity'].capitalize()}: {check}", bold=True)
        yield Block("List Bullet", (name, Part(f" ({about}): {snippet(row['message'], _LONGEST_NOTE)}")))
    rest = findings.iloc[most:]
    if len(rest):
        counts = [f"{len(list(rows))} {severity}" for severity, rows in groupby(rest["severity"])]
        more = "more " if most else ""
        yield Block(
            "Normal", (Part(f"And {counted(len(rest), f'{more}finding')} in report.html ({', '.join(counts)})."),)
        )


def _subject(subject: str, codebook: Codebook) -> str:
    """Return a subject without the id of the codebook's commitment; one of another commitment stays whole."""
    own = subject.startswith(f"{codebook.commitment.id}/")
    return subject.rpartition("/")[2] if own else subject


def _labelled(frames: Frames, codebook: Codebook, member: str) -> Iterator[Block]:
    """Return how the labels of a member were made, and how certain they are."""
    yield Block("Heading 2", (Part("How the labels were made"),))
    ids = frames["sentences"].loc[frames["sentences"]["member"] == member, "sentence_id"]
    own = {name: frames[name][frames[name]["sentence_id"].isin(ids)] for name in ("labels", "annotations", "tags")}
    tags = own["tags"]
    doubtful = f"{counted(len(tags), 'tag')} ({doubtful_text(tags)})"
    sure = f"mean probability that a tag is right: {percent(tags['p_right'].mean())}"
    seen = frames["findings"]["check"].eq("seen_in_training").any()
    warning = (
        " The tagger was trained on these items, so its agreement with published scores is no evidence." if seen else ""
    )
    yield Block(
        "Normal",
        (
            Part(
                f"{sentence_case(labels_text(own['labels'], own['annotations']))}. {doubtful}; {sure}.{warning} "
                f"Codebook {codebook.id}, version {codebook.version}."
            ),
        ),
    )


def _height(block: Block) -> float:
    """Return the height of a block in lines of the page; rather too many than too few."""
    if block.rows:
        width = [_CHARACTERS * share for share in _shares(block.rows)]
        return 1 + sum(
            max(-(-len(cell) // max(int(each) - 3, 4)) for cell, each in zip(row, width, strict=True))
            for row in block.rows
        )
    indent = {"List Bullet": 6, "List Bullet 2": 10}.get(block.style, 0)
    scale = _SIZE / _POINTS[block.style]
    n = sum(len(part.text) for part in block.parts)
    return _SPACE[block.style] - 1 + max(1, -(-n // int((_CHARACTERS - indent) * scale))) / scale


def _shares(rows: Sequence[Sequence[str]]) -> list[float]:
    """Return the share of the width of a table for each column: by its longest text, within limits."""
    longest = [min(max(*map(len, cells), 13), 45) for cells in zip(*rows, strict=True)]
    return [each / sum(longest) for each in longest]


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
    footer.add_run("Suggested scores follow from labels by rules; people decide. Page ")
    _add_field(footer, "PAGE")
    footer.add_run(" of ")
    _add_field(footer, "NUMPAGES")
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
    if block.rows:
        _write_table(document, block)
        return
    paragraph = document.add_paragraph(style=block.style)
    if on_new_page:
        paragraph.paragraph_format.page_break_before = True
    for part in block.parts:
        _add_part(paragraph, part)


def _write_table(document: Docx, block: Block) -> None:
    table = document.add_table(len(block.rows), len(block.rows[0]), style=block.style)
    table.autofit = False
    for column, share in zip(table.columns, _shares(block.rows), strict=True):
        column.width = Mm(share * (_WIDTH - 2 * _MARGIN))
    for place, row in enumerate(block.rows):
        for column, text, cell in zip(table.columns, row, table.rows[place].cells, strict=True):
            cell.width = column.width
            cell.paragraphs[0].add_run(one_line(text)).bold = place == 0
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


def _add_field(paragraph: Paragraph, name: str) -> None:
    """Add a field that Word computes, such as the number of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    _wrap(paragraph.add_run("1"), field)


def _wrap(run: Run, element: Any) -> None:
    """Put a run into an element at its place; python-docx has no function for links and fields."""
    own: Any = run._r
    own.addprevious(element)
    element.append(own)

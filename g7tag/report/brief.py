"""Word documents (.docx): the brief of a run, one page per member, and what other documents share with it.

The page, the styles and the footer are those of `templates/document.docx`; change them there, with Word.
"""

from importlib.resources import files
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pandas as pd
from docx import Document
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from g7tag.audit import day, score_text
from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.report.audits import severity_counts
from g7tag.report.cells import is_web, one_line, snippet
from g7tag.report.doubts import doubtful_text, doubts_of
from g7tag.report.evidence import own_frames
from g7tag.report.models import labels_text
from g7tag.report.reasons import member_changes
from g7tag.report.tables import percent, reading_headings, shares_text
from g7tag.scoring import signed
from g7tag.store import with_fixed_dates
from g7tag.text import counted, sentence_case

_MOST_ITEMS, _MOST_FINDINGS = 2, 4  # of each dimension and of a member; the page of the run has all
_LONGEST_ITEM, _LONGEST_NOTE = 200, 300  # characters
_LONGEST_TITLE = 255  # characters of a property of a Word document
_MARGIN = 15  # millimetres
_WIDEST = 40  # characters of a column that count for its width
SEEN = " The tagger was trained on these items, so its agreement with published scores is no evidence."
"""Part of a note if an audit found `seen_in_training`."""


def run_brief(frames: Frames, final: pd.DataFrame, codebook: Codebook, *, behind: pd.DataFrame) -> bytes:
    """Return a Word document with a page for each member; `behind` has the sentences that carry each level."""
    frames = own_frames(frames, codebook)
    members = list(dict.fromkeys(frames["scores"]["member"]))
    title = f"Commitment {codebook.commitment.id}: {'scores by member' if members else 'no member has a score'}"
    document = new_document(f"{title}. {codebook.commitment.title}")
    section = document.sections[0]
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN)
    add_text(document, "Title", title)
    changes = member_changes(frames, codebook)
    for place, member in enumerate(members):
        heading = add_text(document, "Heading 1", f"{member} ({codebook.codes[member]})")
        heading.paragraph_format.page_break_before = place > 0
        _add_scores(document, frames["scores"], final, codebook, member=member)
        _add_evidence(document, frames, behind[behind["member"] == member], codebook, member=member)
        if changes[member]:
            add_text(document, "Heading 2", "What is missing, and what would change the score")
        for line in changes[member]:
            add_text(document, "List Bullet", line)
        _add_findings(document, frames["findings"], codebook, member=member)
        add_text(document, "Heading 2", "How the labels were made")
        add_text(document, "Normal", _labelled(frames, codebook, member))
    return document_bytes(document)


def new_document(title: str) -> Docx:
    """Return an empty A4 document with the styles of the template."""
    document = Document(BytesIO((files("g7tag.report") / "templates" / "document.docx").read_bytes()))
    document.core_properties.title = snippet(title, _LONGEST_TITLE)
    return document


def add_text(document: Docx, style: str, text: str, *, lead: str = "", source: tuple[str, str] = ("", "")) -> Paragraph:
    """Add a paragraph: bold words, text, and a source with its address, which is linked if it is on the web."""
    paragraph = document.add_paragraph(style=style)
    for words, bold in ((lead, True), (text, None)):
        if words:
            paragraph.add_run(one_line(words)).bold = bold
    name, url = source
    if not is_web(url):
        paragraph.add_run(one_line(name))
        return paragraph
    link = OxmlElement("w:hyperlink")  # python-docx has no function for links
    target = quote(url, safe=":/?#[]@!$&'()*+,;=%~-._")
    link.set(qn("r:id"), paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(paragraph.add_run(one_line(name), style="Hyperlink")._r)
    element: Any = paragraph._p
    element.append(link)
    return paragraph


def add_table(document: Docx, rows: pd.DataFrame) -> None:
    """Add a table of the width of the page; its headings are repeated on each page, and no row is on two."""
    section, texts = (
        document.sections[0],
        [list(map(str, rows)), *rows.astype("object").fillna("").astype("str").to_numpy().tolist()],
    )
    room: Any = section.page_width - section.left_margin - section.right_margin  # type: ignore[operator]
    needs = [max(map(len, [*str(name).split(), *cells])) for name, *cells in zip(*texts, strict=True)]
    shares = [min(need, _WIDEST) + 2 for need in needs]
    table = document.add_table(len(texts), len(shares), style="Exhibit")
    table.autofit = False
    for at, share in enumerate(shares):
        table.columns[at].width = round(room * share / sum(shares))
        is_number = pd.api.types.is_numeric_dtype(rows.dtypes.iloc[at])
        for cell, row in zip(table.columns[at].cells, texts, strict=True):
            cell.width, paragraph = table.columns[at].width, cell.paragraphs[0]
            paragraph.style, paragraph.alignment = "Cell", WD_ALIGN_PARAGRAPH.RIGHT if is_number else None
            paragraph.add_run(one_line(row[at]))
    for place, row in enumerate(table.rows):
        for name in ("w:cantSplit", "w:tblHeader")[: 1 + (place == 0)]:
            row._tr.get_or_add_trPr().append(OxmlElement(name))


def document_bytes(document: Docx) -> bytes:
    """Return a document as a file; the same content gives the same bytes."""
    buffer = BytesIO()
    document.save(buffer)
    return with_fixed_dates(buffer.getvalue())


def _add_scores(document: Docx, scores: pd.DataFrame, final: pd.DataFrame, codebook: Codebook, *, member: str) -> None:
    commitment = codebook.commitment
    text = snippet(commitment.text, _LONGEST_NOTE)
    add_text(document, "Normal", text, lead=f"Commitment {commitment.id}, {commitment.title}. ")
    own = scores[scores["member"] == member].set_index("reading")
    row = final[final["member"] == member].iloc[0].to_dict()
    basis = value_word("basis", row["basis"], "final_scores").name
    headings, suggested = reading_headings(codebook), own["suggested_score"]
    cells = {
        "Published": signed(own["published_score"].iloc[0]),
        **{heading: signed(suggested.get(name, pd.NA)) for name, heading in headings.items()},
        "Final": "not decided" if pd.isna(row["final_score"]) else signed(row["final_score"]),
        "Decided": f"{basis}, {row['decided_by']}" if row["decided_by"] else basis,
        "Why": snippet(row["why"], _LONGEST_NOTE),
    }  # fmt: skip
    add_table(document, pd.DataFrame([cells]))
    add_text(document, "Heading 2", "Rule, and the probability of each score")
    for reading, row in own.to_dict("index").items():
        rule = f"{row['rule']}, so {score_text(row['suggested_score'])}. {sentence_case(shares_text(row))}."
        add_text(document, "List Bullet", rule, lead=f"{headings[str(reading)]}: ")


def _add_evidence(document: Docx, frames: Frames, behind: pd.DataFrame, codebook: Codebook, *, member: str) -> None:
    """Add the level in each dimension with the first items that carry it, those without doubt first."""
    add_text(document, "Heading 2", "Level in each dimension, and the items that carry it")
    days, doubts = frames["items"].set_index("item_id")["date"], doubts_of(frames["tags"])
    rows = behind.assign(
        item=behind["sentence_id"].str.rpartition(".")[0], weak=behind["strength"] != "strong",
        doubt=behind["sentence_id"].map(doubts).where(behind["needs_review"], ""),
    ).sort_values(["weak", "needs_review"], kind="stable").drop_duplicates(["dimension", "item"])  # fmt: skip
    matrix = frames["evidence_matrix"]
    cells = matrix[matrix["member"] == member].set_index("dimension").to_dict("index")
    for dimension in codebook.dimensions:
        cell = cells.get(dimension.key, {"level": "none", "n_strong": 0, "n_weak": 0})
        own = rows[rows["dimension"] == dimension.key]
        first = (own[~own["weak"]] if cell["level"] == "strong" else own).head(_MOST_ITEMS)
        more = f"; {len(own) - len(first)} more in report.html" if len(own) > len(first) else ""
        numbers = f"{counted(cell['n_strong'], 'strong item')}, {counted(cell['n_weak'], 'weak item')}"
        add_text(document, "List Bullet", f" ({numbers}{more})", lead=f"{dimension.label}: {cell['level']}")
        for item in first.to_dict("records"):
            marks = ("weak" if item["weak"] else "strong") + (f", doubtful: {item['doubt']}" if item["doubt"] else "")
            name = f"{item['item'].rpartition('/')[2]}, {day(days[item['item']])} ({marks})"
            add_text(
                document, "List Bullet 2", f"{name}: {snippet(item['text'], _LONGEST_ITEM)} ", source=_source(item)
            )


def _source(row: dict[Any, Any]) -> tuple[str, str]:
    """Return the name and the address of the first note of an item."""
    if pd.isna(row["note"]):
        return "", ""
    publisher = "" if pd.isna(row["publisher"]) or not row["publisher"] else f"{row['publisher']}, "
    return f"[{publisher}note {row['note']}]", "" if pd.isna(row["url"]) else row["url"]


def _add_findings(document: Docx, findings: pd.DataFrame, codebook: Codebook, *, member: str) -> None:
    """Add findings of high and medium severity on a member, and those of high severity that its items prove."""
    add_text(document, "Heading 2", "Findings of high and medium severity")
    own, high = findings["member"].eq(member), findings["severity"].eq("high")
    proof = findings["proof"].str.contains(f"{codebook.commitment.id}/{codebook.codes[member]}-", regex=False)
    found = findings[(own & findings["severity"].isin(["high", "medium"])) | (high & proof)]
    for row in found.head(_MOST_FINDINGS).to_dict("records"):
        check = value_word("check", row["check"], "findings", labels=codebook.labels).name
        about = row["subject"].removeprefix(f"{codebook.commitment.id}/")
        text = f" ({about}): {snippet(row['message'], _LONGEST_NOTE)}"
        add_text(document, "List Bullet", text, lead=f"{row['severity'].capitalize()}: {check}")
    rest = found.iloc[_MOST_FINDINGS:]
    if found.empty or len(rest):
        add_text(document, "Normal", "None." if found.empty else f"And in report.html: {severity_counts(rest)}.")


def _labelled(frames: Frames, codebook: Codebook, member: str) -> str:
    """Return how the labels of a member were made, and how certain they are."""
    ids = frames["sentences"].loc[frames["sentences"]["member"] == member, "sentence_id"]
    labels, annotations, tags = (
        frames[name][frames[name]["sentence_id"].isin(ids)] for name in ("labels", "annotations", "tags")
    )
    seen = SEEN if frames["findings"]["check"].eq("seen_in_training").any() else ""
    return (
        f"{sentence_case(labels_text(labels, annotations))}. {counted(len(tags), 'tag')} ({doubtful_text(tags)}); mean "
        f"probability that a tag is right: {percent(tags['p_right'].mean())}.{seen} Codebook {codebook.id}, version "
        f"{codebook.version}."
    )

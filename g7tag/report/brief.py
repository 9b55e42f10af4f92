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

from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.report.audits import severity_counts
from g7tag.report.cards import item_cards
from g7tag.report.cells import is_web, one_line, snippet
from g7tag.report.evidence import own_frames
from g7tag.report.members import Part, member_parts
from g7tag.report.models import labels_text
from g7tag.report.tables import doubtful_text, percent
from g7tag.scoring import item_effects, item_levels, reconcile
from g7tag.store import with_fixed_dates
from g7tag.text import counted, sentence_case

_MOST_ITEMS, _MOST_FINDINGS = 2, 4  # of each dimension and of a member; the page of the run has all
_LONGEST_ITEM, _LONGEST_NOTE = 160, 250  # characters
_LONGEST_TITLE = 255  # characters of a property of a Word document
_MARGIN = 15  # millimetres
_WIDEST = 40  # characters of a column that count for its width
SEEN = " The tagger was trained on these items, so its agreement with published scores is no evidence."
"""Part of a note if an audit found `seen_in_training`."""


def run_brief(frames: Frames, final: pd.DataFrame, codebook: Codebook, *, behind: pd.DataFrame) -> bytes:
    """Return a Word document with a page for each member; `behind` has the sentences that carry each level."""
    frames = own_frames(frames, codebook)
    levels = item_levels(frames["labels"], sentences=frames["sentences"], items=frames["items"], codebook=codebook)
    cards = item_cards(frames, item_effects(levels, frames["evidence_matrix"], codebook), codebook)
    reconciled = reconcile(frames["scores"])
    parts = member_parts(frames, cards, reconciled=reconciled, behind=behind, final=final, codebook=codebook)
    title = f"Commitment {codebook.commitment.id}: {'scores by member' if parts else 'no member has a score'}"
    document = new_document(f"{title}. {codebook.commitment.title}")
    section = document.sections[0]
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN)
    add_text(document, "Title", title)
    for place, part in enumerate(parts):
        heading = add_text(document, "Heading 1", f"{part['name']} ({part['code']})")
        heading.paragraph_format.page_break_before = place > 0
        text = snippet(codebook.commitment.text, _LONGEST_NOTE)
        add_text(document, "Normal", text, lead=f"Commitment {codebook.commitment.id}, {codebook.commitment.title}. ")
        _add_scores(document, part)
        add_text(document, "Heading 2", "Level in each dimension, and the items that carry it")
        for level in part["levels"]:
            _add_level(document, level)
        if part["changes"]:
            add_text(document, "Heading 2", "What is missing, and what would change the score")
        for line in part["changes"]:
            add_text(document, "List Bullet", line)
        _add_findings(document, frames["findings"], codebook, part)
        add_text(document, "Heading 2", "How the labels were made")
        add_text(document, "Normal", _labelled(frames, codebook, part["name"]))
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


def _add_scores(document: Docx, part: Part) -> None:
    """Add a member's scores, who decided, and the rule of each suggested score."""
    final = part["final"]
    basis = value_word("basis", final["basis"], "final_scores").name
    cells = {
        "Published": part["published"], **{each["heading"]: each["score"] for each in part["scores"]},
        "Final": final["final_text"] or "not decided",
        "Decided": f"{basis}, {final['decided_by']}" if final["decided_by"] else basis,
        "Why": snippet(final["why"], _LONGEST_NOTE),
    }  # fmt: skip
    add_table(document, pd.DataFrame([cells]))
    add_text(document, "Heading 2", "Rule, and the probability of each score")
    for each in part["scores"]:
        rule = f"{each['rule']}, so {each['score']}. {sentence_case(each['chances'])}."
        add_text(document, "List Bullet", rule, lead=f"{each['heading']}: ")


def _add_level(document: Docx, level: Part) -> None:
    """Add a member's level in a dimension, with the first items that carry it, those without doubt first."""
    items = [each for each in level["behind"] if each["strong"] or level["level"] != "strong"]
    items = sorted(items, key=lambda each: bool(each["doubt"]))[:_MOST_ITEMS]
    rest = len(level["behind"]) - len(items)
    numbers = f"{counted(level['n_strong'], 'strong item')}, {counted(level['n_weak'], 'weak item')}"
    more = f"; {rest} more in report.html" if rest else ""
    add_text(document, "List Bullet", f" ({numbers}{more})", lead=f"{level['label']}: {level['level']}")
    for each in items:
        card, doubt = each["card"], f", doubtful: {each['doubt']}" if each["doubt"] else ""
        its = [sentence for sentence in card["sentences"] if level["key"] in sentence["dimensions"]]
        its.sort(key=lambda sentence: sentence["strength"] != "strong")
        text = snippet("".join(words.words for words in its[0]["parts"]), _LONGEST_ITEM)
        name = f"{card['name']}, {card['date'] or 'no date'} ({'strong' if each['strong'] else 'weak'}{doubt})"
        source = [
            (f"[{f'{note.publisher}, ' if note.publisher else ''}note {note.number}]", note.url)
            for note in card["sources"][:1]
        ]
        add_text(document, "List Bullet 2", f"{name}: {text} ", source=next(iter(source), ("", "")))


def _add_findings(document: Docx, findings: pd.DataFrame, codebook: Codebook, part: Part) -> None:
    """Add findings of high and medium severity on a member, and those of high severity that its items prove."""
    add_text(document, "Heading 2", "Findings of high and medium severity")
    own, high = findings["member"].eq(part["name"]), findings["severity"].eq("high")
    proof = findings["proof"].str.contains(f"{codebook.commitment.id}/{part['code']}-", regex=False)
    found = findings[(own & findings["severity"].ne("low")) | (high & proof)]
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

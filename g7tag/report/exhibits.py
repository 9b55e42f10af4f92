"""Figures and tables of a run for print: numbered, each with a caption, a note and how to cite it."""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from textwrap import fill
from typing import NamedTuple

import matplotlib as mpl
import pandas as pd
from docx.shared import Mm
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.labels import PeopleAgreement, label_kinds
from g7tag.report import plots
from g7tag.report.agreement import part_table
from g7tag.report.audits import by_check
from g7tag.report.brief import add_table, add_text, document_bytes, new_document
from g7tag.report.cells import one_line
from g7tag.report.evidence import own_frames
from g7tag.report.methods import About, citation_lines
from g7tag.report.tables import percent, reading_headings
from g7tag.report.terminal import printable
from g7tag.report.workbook import run_csv
from g7tag.scoring import CLEAR, averages, item_levels, reconcile, signed
from g7tag.store import PEOPLE, Page, workbook_bytes
from g7tag.text import counted, sentence_case, shortened

CAPTIONS = "captions.md"
"""Written last: a folder without it is not complete."""
_WIDTH = 6.3  # inches: 16 cm, a column of text on A4
_TALLEST = 8.5  # inches: the caption and the note are on the same page
_DPI = 300
_FORMATS = {"svg": ("Creator", "Date", "Format", "Type"), "pdf": ("CreationDate",), "png": ("Software",)}
"""Formats of figures, and their metadata that would differ from day to day."""


_AGREEMENT = (
    "Krippendorff's alpha (1: perfect, 0: chance) for sentences that two or more people labelled. At least 0.667 is "
    "enough for tentative conclusions, at least 0.8 is reliable. Bars and the column 95 %: bootstrap intervals over items."
)


class Exhibit(NamedTuple):
    """A figure or a table: the name of its files, its caption and note, and what is drawn or written."""

    name: str
    caption: str
    note: str
    draw: Callable[[Axes], Axes] | None = None
    height: float = 0.0
    rows: pd.DataFrame = pd.DataFrame()
    scores: Sequence[str] = ()


def run_exhibits(
    frames: Frames,
    final: pd.DataFrame,
    codebook: Codebook,
    *,
    agreement: PeopleAgreement,
    quality: pd.DataFrame,
    about: About,
    fingerprint: str,
) -> dict[str, bytes]:
    """Return the exhibits of a run as files by name; the same run gives the same bytes.

    Parameters
    ----------
    quality
        Result of `quality_table` for the tagger of the run; without rows if it was not evaluated.
    fingerprint
        What identifies the run; "" if it is not saved.
    """
    own = own_frames(frames, codebook)
    made = ", ".join(dict.fromkeys(own["tags"]["tagger"])) or "none"
    kinds = label_kinds(own["labels"], own["annotations"])
    base = (
        f"Codebook {codebook.id}, version {codebook.version}; tagger {made}; g7tag {about.version}; labels that count: "
        f"{len(kinds)}, of which {int(kinds.isin(PEOPLE).sum())} by people."
    )
    figures = _numbered("Figure", _figures(own, codebook, agreement), base)
    tables = _numbered("Table", _tables(own, final, codebook, agreement, quality), base)
    citation = [*citation_lines(frames, codebook, about=about), *([f"Run: {fingerprint}."] if fingerprint else [])]
    files, pictures = {}, {}
    for number, figure in figures.items():
        images = _images(figure)
        pictures[number] = images["png"]
        files |= {f"{_file_name(number, figure)}.{kind}": content for kind, content in images.items()}
    for number, table in tables.items():
        (content,) = run_csv({"": table.rows}).values()
        files[f"{_file_name(number, table)}.csv"] = content
    both = figures | tables
    files["tables.xlsx"] = _workbook(both, citation)
    files["exhibits.docx"] = _document(both, pictures, citation, codebook)
    files[CAPTIONS] = _captions(both, citation, codebook).encode("utf-8", "replace")
    return files


def _figures(frames: Frames, codebook: Codebook, agreement: PeopleAgreement) -> Iterator[Exhibit]:
    """Yield the figures for which there is something to draw."""
    matrix, scores, thresholds, least = (
        frames["evidence_matrix"], frames["scores"], frames["thresholds"], codebook.min_strong_items
    )  # fmt: skip
    members, reading = matrix["member"].nunique(), codebook.readings[0].name
    levels = item_levels(frames["labels"], sentences=frames["sentences"], items=frames["items"], codebook=codebook)
    n_items = counted(levels.loc[levels["in_period"], "item_id"].nunique(), "item")
    drawn = levels[levels["date"].notna()]
    if members:
        yield Exhibit(
            "evidence", "Level of each member in each dimension",
            f"The darker the cell, the higher the level: none, weak, strong. Numbers are items in the period (n = "
            f"{n_items}); {counted(least, 'strong item')} {'makes' if least == 1 else 'make'} a level strong.",
            lambda ax: _wrapped(plots.plot_evidence(matrix, codebook, ax=ax)), 0.8 + 0.4 * members,
        )  # fmt: skip
        yield Exhibit(
            "scores", "Probability of each suggested score, with the published score",
            f"Reading {reading}, n = {members} members. Orange: -1, gray: 0, blue: +1, white: no score. Shares of "
            "10,000 random draws of labels that are as uncertain as the tagger says; not the probability that the "
            f"analysts are right. *: the published score is not the most probable one, or none reaches {CLEAR:.0%}.",
            lambda ax: plots.plot_scores(scores, reading=reading, ax=ax), 0.7 + 0.45 * members,
        )  # fmt: skip
    if len(drawn):
        yield Exhibit(
            "timeline", "When each member acted, and in which dimension",
            f"n = {counted(drawn['item_id'].nunique(), 'item')} with a dimension and a day. Color and shape: the "
            "dimension; filled: strong, open: weak. Dotted lines: the period of the commitment; crossed: outside it, "
            "and not counted. Marks that would overlap are on different rows.",
            lambda ax: _narrowed(plots.plot_timeline(levels, codebook, ax=ax)), min(0.8 * plots.timeline_height(levels, codebook), _TALLEST),
        )  # fmt: skip
    if len(thresholds):
        yield Exhibit(
            "thresholds", "Suggested scores by the number of strong items for a strong level",
            f"Reading {reading}, n = {members} members. Orange: -1, gray: 0, blue: +1, white: no score. Frame: the "
            f"number of the codebook, {least}. *: differs from the score with it.",
            lambda ax: plots.plot_thresholds(thresholds, reading=reading, own=least, ax=ax), 0.9 + 0.4 * members,
        )  # fmt: skip
    shared = frames["joint_actions"]["members"].str.contains(";")
    if shared.any():
        yield Exhibit(
            "joint-acts", "Joint acts of several members",
            f"n = {counted(int(shared.sum()), 'act')}. Light: the items have the same labels; dark: different labels; "
            "white, \"named\": the member is only named in an item of another member. Numbers are those of the items.",
            lambda ax: plots.plot_joint_actions(frames["joint_actions"], codebook, ax=ax), 0.9 + 0.3 * shared.sum(),
        )  # fmt: skip
    parts = agreement.parts[agreement.parts["n"] > 0]
    if len(parts):
        rows = parts.rename(columns={"part": "label"}).assign(file="people")
        yield Exhibit(
            "agreement", "Agreement between people by part of the label", _AGREEMENT,
            lambda ax: plots.plot_agreement(rows, ax=ax), 0.9 + 0.35 * len(rows),
        )  # fmt: skip


def _tables(
    frames: Frames, final: pd.DataFrame, codebook: Codebook, agreement: PeopleAgreement, quality: pd.DataFrame
) -> Iterator[Exhibit]:
    """Yield the tables that have rows."""
    headings, reconciled = {"published_score": "Published"} | reading_headings(codebook), reconcile(frames["scores"])
    decided = final.set_index("member")["final_score"]
    scores = reconciled[["member", *headings]].rename(columns={"member": "Member"} | headings).assign(
        Final=reconciled["member"].map(decided).astype("Int64"), Probability=reconciled["chance"].map(percent),
        Verdict=reconciled["verdict"],
    )  # fmt: skip
    means = averages(frames["scores"]).assign(scores=list(headings.values()))
    average = "; ".join(
        f"{row['scores'].lower()} {row['mean']:+.2f} ({row['percent']:.0f}%)"
        for row in means.dropna().to_dict("records")
    )
    yield Exhibit(
        "scores", "Published, suggested and final scores",
        f"n = {counted(len(scores), 'member')}. Averages, and as compliance from 0% (-1) to 100% (+1): {average or 'none'}. "
        f"Final: what people decided; empty if nobody did. Probability: how likely the suggested score is if the labels "
        f"are as uncertain as the tagger says; below {CLEAR:.0%} it is too close to call.",
        rows=scores, scores=("Final", *headings.values()),
    )  # fmt: skip
    matrix, labels = frames["evidence_matrix"], codebook.labels
    items = matrix["item_ids"].str.replace(f"{codebook.commitment.id}/", "", regex=False).str.replace(";", "; ")
    cells = {
        "Member": matrix["member"], "Dimension": matrix["dimension"].replace(labels), "Level": matrix["level"],
        "Strong items": matrix["n_strong"], "Weak items": matrix["n_weak"], "Items": items,
    }  # fmt: skip
    yield Exhibit(
        "evidence", "Evidence by member and dimension",
        f"{counted(codebook.min_strong_items, 'strong item')} or more: a strong level. Items have the names of the page.",
        rows=pd.DataFrame(cells),
    )  # fmt: skip
    findings = frames["findings"]
    yield Exhibit(
        "findings", "Findings of the audit by severity and check",
        f"n = {counted(len(findings), 'finding')}. Members: those that a finding is on; some are on none.",
        rows=pd.DataFrame(
            [
                (value_word("severity", row["severity"]).name,
                 value_word("check", row["check"], "findings", labels=labels).name, row["n"], ", ".join(row["members"]))
                for row in by_check(findings)
            ],
            columns=["Severity", "Check", "Findings", "Members"],
        ),
    )  # fmt: skip
    parts = part_table(agreement.parts)
    if len(parts):
        yield Exhibit("agreement", "Agreement between people by part of the label", _AGREEMENT, rows=parts)
    if len(quality):
        yield Exhibit(
            "tagger", "Quality of the tagger",
            "Measured on sentences from which it did not learn. Brackets: 95 % intervals over items. Labels of these "
            "sentences come from language models, not from people.",
            rows=quality.drop(columns="not trained on").rename(columns=sentence_case),
        )  # fmt: skip


def _numbered(kind: str, exhibits: Iterator[Exhibit], base: str) -> dict[str, Exhibit]:
    """Return exhibits by number, such as "Figure 1", with what they are based on in the note."""
    return {
        f"{kind} {number}": each._replace(caption=one_line(each.caption), note=one_line(f"{each.note} {base}"))
        for number, each in enumerate(exhibits, start=1)
    }


def _file_name(number: str, exhibit: Exhibit) -> str:
    return f"{number.lower().replace(' ', '-')}-{exhibit.name}"


def _images(figure: Exhibit) -> dict[str, bytes]:
    """Return a figure as an image of each format; its title is the caption."""
    settings = {
        "svg.hashsalt": figure.name, "pdf.fonttype": 42, "xtick.labelsize": 9, "ytick.labelsize": 9
    }  # fmt: skip
    images, drawing = {}, Figure(figsize=(_WIDTH, figure.height), layout="constrained")
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a character that the font lacks is a box
        ax = figure.draw(drawing.subplots())
        ax.set_title("", loc="left")
        ax.set_xlabel("")
        for kind, changing in _FORMATS.items():
            image = BytesIO()
            drawing.savefig(image, format=kind, dpi=_DPI, metadata=dict.fromkeys(changing))
            images[kind] = image.getvalue()
    images["svg"] = printable(images["svg"].decode("utf-8")).encode("utf-8")
    return images


def _wrapped(ax: Axes) -> Axes:
    """Wrap the names of columns, which may be long."""
    labels = [fill(shortened(label.get_text(), most=48), 16) for label in ax.get_xticklabels()]
    ax.set_xticks(ax.get_xticks(), labels, parse_math=False)
    return ax


def _narrowed(ax: Axes) -> Axes:
    """Make the marks of a timeline smaller, and its legend narrower."""
    for marks in ax.collections:
        marks.set_sizes([12])
    legend = ax.get_legend()
    if legend:
        names = [text.get_text() for text in legend.get_texts()]
        plots._add_legend(
            ax, handles=legend.legend_handles, labels=names, ncols=4, loc="lower left", bbox_to_anchor=(0, 1)
        )
    return ax


def _workbook(exhibits: Mapping[str, Exhibit], citation: Sequence[str]) -> bytes:
    """Return the tables as a workbook; its first sheet has the captions of all exhibits."""
    rows = [(number, each.caption, each.note) for number, each in exhibits.items()]
    about = pd.DataFrame([*rows, *(("Cite", line, "") for line in citation)], columns=["Exhibit", "Caption", "Note"])
    pages = [Page("Captions", about, widths={"Caption": 60, "Note": 100})]
    for number, each in exhibits.items():
        if not each.draw:
            widths = {name: 40 for name in each.rows if each.rows[name].astype("str").str.len().max() > 30}
            pages.append(Page(number, each.rows, widths=widths, formats=dict.fromkeys(each.scores, "+0;-0;0")))
    return workbook_bytes(pages)


def _document(
    exhibits: Mapping[str, Exhibit], pictures: Mapping[str, bytes], citation: Sequence[str], codebook: Codebook
) -> bytes:
    """Return the exhibits as a Word document, with each caption above a table and below a figure."""
    document = new_document(f"Exhibits: commitment {codebook.commitment.id}, {codebook.commitment.title}")
    for number, each in exhibits.items():
        if each.draw:
            picture = document.add_picture(BytesIO(pictures[number]), width=Mm(160))
            picture._inline.docPr.set("descr", f"{number}. {each.caption}")
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        caption = add_text(document, "Caption", each.caption, lead=f"{number}. ")
        if not each.draw:
            signs = {name: each.rows[name].map(signed, na_action="ignore") for name in each.scores}
            add_table(document, each.rows.assign(**signs))
        add_text(document, "Note", each.note, lead="Note. ")
    add_text(document, "Heading 2", "How to cite")
    for line in citation:
        add_text(document, "Normal", line)
    return document_bytes(document)


def _captions(exhibits: Mapping[str, Exhibit], citation: Sequence[str], codebook: Codebook) -> str:
    """Return the captions as Markdown; text of reports and people is not markup."""
    parts = [f"# Exhibits: commitment {_escaped(codebook.commitment.id)}, {_escaped(codebook.commitment.title)}"]
    for number, each in exhibits.items():
        parts.append(f"**{number}. {_escaped(each.caption)}**")
        parts.append(f"Files: `{_file_name(number, each)}`. *Note.* {_escaped(each.note)}")
    parts += ["## How to cite", *map(_escaped, citation)]
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>&|#~!])", r"\\\1", one_line(text))

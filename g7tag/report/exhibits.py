"""Figures and tables of a run for print: numbered, each with a caption, a note and how to cite it.

Their captions and notes are in `templates/exhibits.csv`.
"""

import csv
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from textwrap import fill
from typing import Any, NamedTuple

import matplotlib as mpl
import pandas as pd
from docx.shared import Mm
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.labels import PeopleAgreement, label_kinds
from g7tag.report import plots
from g7tag.report.agreement import part_table
from g7tag.report.audits import by_check
from g7tag.report.brief import add_table, add_text, document_bytes, new_document
from g7tag.report.cells import one_line, read_asset
from g7tag.report.evidence import own_frames
from g7tag.report.tables import percent, reading_headings
from g7tag.report.terminal import printable
from g7tag.report.workbook import run_csv
from g7tag.scoring import CLEAR, averages, item_levels, reconcile, signed
from g7tag.scoring.distribution import DRAWS
from g7tag.store import PEOPLE, Page, workbook_bytes
from g7tag.text import counted, sentence_case, shortened

CAPTIONS = "captions.md"
"""Written last: a folder without it is not complete."""
_WIDTH, _TALLEST = 6.3, 8.5  # inches: 16 cm, a column of text on A4; with a caption below
_FORMATS = {"svg": ("Creator", "Date", "Format", "Type"), "pdf": ("CreationDate",), "png": ("Software",)}
"""Formats of figures, with metadata that would differ from day to day or from version to version."""
_STYLE: dict[str, Any] = {
    "pdf.fonttype": 42,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
}  # 42: text of a PDF stays text


Draw = Callable[[Axes], Axes]


class Exhibit(NamedTuple):
    """A figure, with its height in inches, or the rows of a table, with those of its columns that are scores."""

    name: str
    draw: Draw | None = None
    height: float = 0.0
    rows: pd.DataFrame = pd.DataFrame()
    scores: Sequence[str] = ()
    caption: str = ""
    note: str = ""


def run_exhibits(
    frames: Frames,
    final: pd.DataFrame,
    codebook: Codebook,
    *,
    agreement: PeopleAgreement,
    quality: pd.DataFrame,
    citation: Sequence[str],
    version: str,
) -> dict[str, bytes]:
    """Return the exhibits of a run as files by name; the same run gives the same bytes.

    `quality` is that of the run's tagger (see `quality_table`), without rows if nobody measured it.
    """
    frames = own_frames(frames, codebook)
    levels = item_levels(frames["labels"], sentences=frames["sentences"], items=frames["items"], codebook=codebook)
    facts = _facts(frames, levels, codebook) | {"version": version}
    texts = {(row["exhibit"], row["name"]): row for row in csv.DictReader(read_asset("exhibits.csv").splitlines())}
    exhibits, files = {}, {}
    for kind, made in (
        ("Figure", _figures(frames, levels, codebook, agreement)),
        ("Table", _tables(frames, final, codebook, agreement, quality)),
    ):
        for place, each in enumerate(made, start=1):
            note = f"{texts[kind, each.name]['note']} {texts['All', '']['note']}".format(**facts)
            name, caption = f"{kind.lower()}-{place}-{each.name}", texts[kind, each.name]["caption"]
            exhibits[f"{kind} {place}"] = each._replace(name=name, caption=caption, note=one_line(note))
    for each in exhibits.values():
        if each.draw:
            files |= _images(each, each.draw)
        else:
            (files[f"{each.name}.csv"],) = run_csv({"": each.rows}).values()
    title = f"Exhibits: commitment {codebook.commitment.id}, {codebook.commitment.title}"
    files["tables.xlsx"] = _workbook(exhibits, citation)
    files["exhibits.docx"] = _document(exhibits, files, title, citation)
    files[CAPTIONS] = _captions(exhibits, title, citation).encode("utf-8", "replace")
    return files


def _figures(frames: Frames, levels: pd.DataFrame, codebook: Codebook, agreement: PeopleAgreement) -> Iterator[Exhibit]:
    """Yield the figures for which there is something to draw."""
    matrix, acts = frames["evidence_matrix"], frames["joint_actions"]
    reading, own, n = codebook.readings[0].name, codebook.min_strong_items, matrix["member"].nunique()
    n_shared = int(acts["members"].str.contains(";").sum())
    if n:
        yield Exhibit("evidence", lambda ax: _wrapped(plots.plot_evidence(matrix, codebook, ax=ax)), 0.8 + 0.4 * n)
        yield Exhibit("scores", lambda ax: plots.plot_scores(frames["scores"], reading=reading, ax=ax), 0.7 + 0.45 * n)
    if levels["date"].notna().any():
        height = min(0.8 * plots.timeline_height(levels, codebook), _TALLEST)
        yield Exhibit("timeline", lambda ax: _narrowed(plots.plot_timeline(levels, codebook, ax=ax)), height)
    if len(frames["thresholds"]):
        draw = partial(plots.plot_thresholds, frames["thresholds"], reading=reading, own=own)
        yield Exhibit("thresholds", lambda ax: draw(ax=ax), 0.9 + 0.4 * n)
    if n_shared:
        yield Exhibit("joint-acts", lambda ax: plots.plot_joint_actions(acts, codebook, ax=ax), 0.9 + 0.3 * n_shared)
    parts = agreement.parts[agreement.parts["n"] > 0].rename(columns={"part": "label"}).assign(file="people")
    if len(parts):
        yield Exhibit("agreement", lambda ax: plots.plot_agreement(parts, ax=ax), 0.9 + 0.35 * len(parts))


def _tables(
    frames: Frames, final: pd.DataFrame, codebook: Codebook, agreement: PeopleAgreement, quality: pd.DataFrame
) -> Iterator[Exhibit]:
    """Yield the tables that have rows."""
    matrix, headings, reconciled = frames["evidence_matrix"], _headings(codebook), reconcile(frames["scores"])
    scores = reconciled[["member", *headings]].rename(columns={"member": "Member"} | headings)
    decided = scores["Member"].map(final.set_index("member")["final_score"]).astype("Int64")
    chances = reconciled["chance"].map(percent)
    evidence = {
        "Member": matrix["member"], "Dimension": matrix["dimension"].replace(codebook.labels),
        "Level": matrix["level"], "Strong items": matrix["n_strong"], "Weak items": matrix["n_weak"],
        "Items": matrix["item_ids"].str.replace(f"{codebook.commitment.id}/", "").str.replace(";", "; "),
    }  # fmt: skip
    findings = [
        (value_word("severity", row["severity"]).name,
         value_word("check", row["check"], "findings", labels=codebook.labels).name, row["n"], ", ".join(row["members"]))
        for row in by_check(frames["findings"])
    ]  # fmt: skip
    for name, rows in {
        "scores": scores.assign(Final=decided, Probability=chances, Verdict=reconciled["verdict"]),
        "evidence": pd.DataFrame(evidence),
        "findings": pd.DataFrame(findings, columns=["Severity", "Check", "Findings", "Members"]),
        "agreement": part_table(agreement.parts).rename(columns=sentence_case),
        "tagger": quality.drop(columns="not trained on").rename(columns=sentence_case),
    }.items():
        if len(rows):
            yield Exhibit(name, rows=rows, scores=[each for each in rows if each in {"Final", *headings.values()}])


def _headings(codebook: Codebook) -> dict[str, str]:
    return {"published_score": "Published"} | reading_headings(codebook)


def _facts(frames: Frames, levels: pd.DataFrame, codebook: Codebook) -> dict[str, str]:
    """Return what the notes say about a run."""
    n_people = int(label_kinds(frames["labels"], frames["annotations"]).isin(PEOPLE).sum())
    means = averages(frames["scores"]).assign(name=list(_headings(codebook).values())).dropna(subset="mean")
    texts = [f"{row['name'].lower()} {row['mean']:+.2f} ({row['percent']:.0f}%)" for row in means.to_dict("records")]
    return {
        "n_items": counted(levels.loc[levels["in_period"], "item_id"].nunique(), "item"),
        "n_dated": counted(levels.loc[levels["date"].notna(), "item_id"].nunique(), "item"),
        "n_members": counted(frames["scores"]["member"].nunique(), "member"),
        "n_acts": counted(int(frames["joint_actions"]["members"].str.contains(";").sum()), "act"),
        "n_findings": counted(len(frames["findings"]), "finding"),
        "people": f"{n_people} of {counted(len(frames['labels']), 'label')}",
        "reading": codebook.readings[0].name, "least": counted(codebook.min_strong_items, "strong item"),
        "averages": "; ".join(texts) or "none", "clear": f"{CLEAR:.0%}", "draws": f"{DRAWS:,}",
        "codebook": f"{codebook.id}, version {codebook.version}",
        "tagger": ", ".join(dict.fromkeys(frames["tags"]["tagger"])) or "none",
    }  # fmt: skip


def _images(figure: Exhibit, draw: Draw) -> dict[str, bytes]:
    """Return a figure as an image of each format, by file name; its title is the caption."""
    images, drawing = {}, Figure(figsize=(_WIDTH, figure.height), layout="constrained")
    with mpl.rc_context(_STYLE | {"svg.hashsalt": figure.name}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a character that the font lacks is a box
        ax = draw(drawing.subplots())
        ax.set_title("", loc="left")
        ax.set_xlabel("")
        for kind, changing in _FORMATS.items():
            image = BytesIO()
            drawing.savefig(image, format=kind, dpi=300, metadata=dict.fromkeys(changing))
            images[f"{figure.name}.{kind}"] = image.getvalue()
    svg = printable(images[f"{figure.name}.svg"].decode("utf-8"))  # comments have the texts
    return images | {f"{figure.name}.svg": svg.encode("utf-8")}


def _wrapped(ax: Axes) -> Axes:
    """Wrap the names of columns, which may be long."""
    labels = [fill(shortened(label.get_text(), most=48), 16) for label in ax.get_xticklabels()]
    ax.set_xticks(ax.get_xticks(), labels, parse_math=False)
    return ax


def _narrowed(ax: Axes) -> Axes:
    """Make the marks of a timeline smaller, and its legend narrower."""
    for marks in ax.collections:
        if isinstance(marks, PathCollection):
            marks.set_sizes([12])
    handles, place = ax.get_legend().legend_handles, {"loc": "lower left", "bbox_to_anchor": (0, 1)}
    for text in ax.legend(handles=handles, ncols=4, frameon=False, fontsize=8.5, **place).get_texts():
        text.set_parse_math(False)
    return ax


def _workbook(exhibits: Mapping[str, Exhibit], citation: Sequence[str]) -> bytes:
    """Return the tables as a workbook; its first sheet has the captions of all exhibits."""
    rows = [(number, each.caption, each.note) for number, each in exhibits.items()]
    about = pd.DataFrame([*rows, *(("Cite", line, "") for line in citation)], columns=["Exhibit", "Caption", "Note"])
    pages = [Page("Captions", about, widths={"Caption": 60, "Note": 100})]
    for number, each in exhibits.items():
        if not each.draw:
            widths = {name: 40 for name in each.rows if each.rows[name].astype("str").str.len().max() > 20}
            pages.append(Page(number, each.rows, widths=widths, formats=dict.fromkeys(each.scores, "+0;-0;0")))
    return workbook_bytes(pages)


def _document(
    exhibits: Mapping[str, Exhibit], files: Mapping[str, bytes], title: str, citation: Sequence[str]
) -> bytes:
    """Return the exhibits as a Word document: captions above tables and below figures."""
    document = new_document(title)
    for number, each in exhibits.items():
        if each.draw:
            picture = document.add_picture(BytesIO(files[f"{each.name}.png"]), width=Mm(160))
            picture._inline.docPr.set("descr", f"{number}. {each.caption}")
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        add_text(document, "Caption", each.caption, lead=f"{number}. ")
        if not each.draw:
            add_table(
                document,
                each.rows.assign(**{name: each.rows[name].map(signed, na_action="ignore") for name in each.scores}),
            )
        add_text(document, "Note", each.note, lead="Note. ")
    add_text(document, "Heading 2", "How to cite")
    for line in citation:
        add_text(document, "Normal", line)
    return document_bytes(document)


def _captions(exhibits: Mapping[str, Exhibit], title: str, citation: Sequence[str]) -> str:
    """Return the captions as Markdown, in which texts of reports and people are no markup."""
    parts = [
        f"**{number}. {each.caption}** ({each.name})\n\n*Note.* {_escaped(each.note)}"
        for number, each in exhibits.items()
    ]
    return "\n\n".join([f"# {_escaped(title)}", *parts, "## How to cite", *map(_escaped, citation)]) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>&|#~!])", r"\\\1", one_line(text))

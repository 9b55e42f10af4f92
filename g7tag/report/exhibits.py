"""Figures and tables of a run for print: numbered, each with a caption, a note and how to cite it.

Their captions and notes are in `templates/exhibits.csv`.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from textwrap import fill
from typing import Any, NamedTuple

import pandas as pd
from docx.shared import Mm
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from g7tag.codebook import Codebook
from g7tag.frames import Frames, value_word
from g7tag.labels import PeopleAgreement, label_kinds
from g7tag.report import plots
from g7tag.report.audits import by_check
from g7tag.report.brief import SEEN, add_table, add_text, document_bytes, new_document
from g7tag.report.cells import one_line, read_asset
from g7tag.report.evidence import own_frames
from g7tag.report.tables import percent, reading_headings
from g7tag.report.terminal import printable
from g7tag.report.workbook import csv_bytes
from g7tag.scoring import CLEAR, averages, item_levels, reconcile, signed
from g7tag.scoring.distribution import DRAWS
from g7tag.store import PEOPLE, Page, package_version, workbook_bytes
from g7tag.text import sentence_case, shortened

CAPTIONS = "captions.md"
"""Written last: a folder without it is not complete."""
_WIDTH, _TALLEST = 6.3, 8.5  # inches: 16 cm, a column of text on A4; and with a caption below
# 42: the text of a PDF stays text
_STYLE: Any = {"pdf.fonttype": 42, "xtick.labelsize": 9, "ytick.labelsize": 9}
_SIGNED = "+0;-0;0"  # a score in a workbook
_PARTS = {
    "part": "Part", "n": "Sentences", "percent": "Equal in percent", "alpha": "Alpha", "low": "From", "high": "To",
    "reason": "Note",
}  # fmt: skip


class Exhibit(NamedTuple):
    """A figure, with its size in inches, or the rows of a table, with those of its columns that are scores."""

    name: str
    draw: Callable[[Axes], Axes] | None = None
    height: float = 0.0
    width: float = _WIDTH
    rows: pd.DataFrame = pd.DataFrame()
    scores: Sequence[str] = ()
    caption: str = ""
    note: str = ""


def run_exhibits(
    frames: Frames, final: pd.DataFrame, codebook: Codebook, *, agreement: PeopleAgreement, quality: pd.DataFrame,
    citation: Sequence[str],
) -> dict[str, bytes]:  # fmt: skip
    """Return the exhibits of a run as files by name; the same run gives the same bytes.

    `quality` is that of the run's tagger (see `quality_table`), without rows if nobody measured it.
    """
    frames = own_frames(frames, codebook)
    levels = item_levels(frames["labels"], sentences=frames["sentences"], items=frames["items"], codebook=codebook)
    headings = {"published_score": "Published"} | reading_headings(codebook)
    facts = {"codebook": codebook} | _facts(frames, levels, headings)
    texts = {(row["exhibit"], row["name"]): row for row in csv.DictReader(read_asset("exhibits.csv").splitlines())}
    kinds = {
        "Figure": _figures(frames, levels, codebook, agreement),
        "Table": _tables(frames, final, codebook, headings, agreement, quality),
    }
    exhibits = {}
    for kind, made in kinds.items():
        for place, each in enumerate(made, start=1):
            name, caption = f"{kind.lower()}-{place}-{each.name}", texts[kind, each.name]["caption"]
            note = f"{texts[kind, each.name]['note']} {texts['All', '']['note']}".format(**facts)
            exhibits[f"{kind} {place}"] = each._replace(name=name, caption=caption, note=one_line(note))
    title = f"Exhibits: commitment {codebook.commitment.id}, {codebook.commitment.title}"
    files = {name: content for each in exhibits.values() for name, content in _files(each).items()}
    files["tables.xlsx"] = _workbook(exhibits, citation)
    files["exhibits.docx"] = _document(exhibits, files, title, citation)
    return files | {CAPTIONS: _captions(exhibits, title, citation).encode("utf-8", "replace")}


def _figures(frames: Frames, levels: pd.DataFrame, codebook: Codebook, agreement: PeopleAgreement) -> Iterator[Exhibit]:
    """Yield the figures for which there is something to draw."""
    matrix, scores, numbers, acts = (
        frames[name] for name in ("evidence_matrix", "scores", "thresholds", "joint_actions")
    )
    reading, own, n = codebook.readings[0].name, codebook.min_strong_items, matrix["member"].nunique()
    if n:
        wide = max(_WIDTH, 1.1 + 1.25 * len(codebook.dimensions))
        drawn = partial(plots.plot_evidence, matrix, codebook)
        yield Exhibit("evidence", lambda ax: _wrapped(drawn(ax=ax)), 0.8 + 0.4 * n, wide)
        yield Exhibit("scores", lambda ax: plots.plot_scores(scores, reading=reading, ax=ax), 0.7 + 0.45 * n)
    if levels["date"].notna().any():
        height = 0.8 * plots.timeline_height(levels, codebook)
        yield Exhibit("timeline", lambda ax: _narrowed(plots.plot_timeline(levels, codebook, ax=ax)), height)
    if len(numbers):
        draw = partial(plots.plot_thresholds, numbers, reading=reading, own=own)
        yield Exhibit("thresholds", lambda ax: draw(ax=ax), 0.9 + 0.4 * n)
    if n_shared := _n_shared(acts):
        yield Exhibit("joint-acts", lambda ax: plots.plot_joint_actions(acts, codebook, ax=ax), 0.9 + 0.3 * n_shared)
    parts = agreement.parts[agreement.parts["n"] > 0].rename(columns={"part": "label"}).assign(file="people")
    if len(parts):
        yield Exhibit("agreement", lambda ax: plots.plot_agreement(parts, ax=ax), 0.9 + 0.35 * len(parts))


def _tables(
    frames: Frames, final: pd.DataFrame, codebook: Codebook, headings: dict[str, str], agreement: PeopleAgreement,
    quality: pd.DataFrame,
) -> Iterator[Exhibit]:  # fmt: skip
    """Yield the tables that have rows."""
    matrix, reconciled, labels = frames["evidence_matrix"], reconcile(frames["scores"]), codebook.labels
    scores = reconciled[["member", *headings]].rename(columns={"member": "Member"} | headings)
    decided = scores["Member"].map(final.set_index("member")["final_score"]).astype("Int64")
    evidence = {
        "Member": matrix["member"], "Dimension": matrix["dimension"].replace(labels), "Level": matrix["level"],
        "Strong items": matrix["n_strong"], "Weak items": matrix["n_weak"],
        "Items": matrix["item_ids"].str.replace(f"{codebook.commitment.id}/", "").str.replace(";", "; "),
    }  # fmt: skip
    parts = agreement.parts[agreement.parts["n"] > 0]
    findings = pd.DataFrame(by_check(frames["findings"]), columns=["severity", "check", "n", "members"])
    for name in ("severity", "check"):
        findings[name] = [value_word(name, each, "findings", labels=labels).name for each in findings[name]]
    for name, rows in {
        "scores": scores.assign(
            Final=decided, Probability=reconciled["chance"].map(percent), Verdict=reconciled["verdict"]
        ),
        "evidence": pd.DataFrame(evidence),
        "findings": findings.assign(members=findings["members"].map(", ".join)).rename(columns={"n": "findings"}),
        "agreement": parts[list(_PARTS)].round({"percent": 0, "alpha": 2, "low": 2, "high": 2}).rename(columns=_PARTS),
        "tagger": quality.drop(columns="not trained on"),
    }.items():
        if len(rows):
            own = [each for each in rows if each in {"Final", *headings.values()}]
            yield Exhibit(name, rows=rows.rename(columns=sentence_case), scores=own)


def _facts(frames: Frames, levels: pd.DataFrame, headings: Mapping[str, str]) -> dict[str, Any]:
    """Return what the notes say about a run."""
    kinds = label_kinds(frames["labels"], frames["annotations"])
    means = averages(frames["scores"]).assign(name=list(headings.values())).dropna(subset="mean")
    texts = [f"{row['name'].lower()} {row['mean']:+.2f} ({row['percent']:.0f}%)" for row in means.to_dict("records")]
    return {
        "n_items": levels.loc[levels["in_period"], "item_id"].nunique(), "n_acts": _n_shared(frames["joint_actions"]),
        "n_dated": levels.loc[levels["date"].notna(), "item_id"].nunique(), "n_findings": len(frames["findings"]),
        "n_members": frames["scores"]["member"].nunique(), "n_labels": len(kinds), "n_people": kinds.isin(PEOPLE).sum(),
        "tagger": ", ".join(dict.fromkeys(frames["tags"]["tagger"])) or "none", "version": package_version(),
        "averages": "; ".join(texts) or "none", "clear": CLEAR, "draws": DRAWS,
        "seen": SEEN if "seen_in_training" in set(frames["findings"]["check"]) else "",
    }  # fmt: skip


def _n_shared(acts: pd.DataFrame) -> int:
    """Return the number of joint acts that `plot_joint_actions` draws."""
    return int(acts["members"].str.contains(";").sum())


def _files(each: Exhibit) -> dict[str, bytes]:
    """Return the rows of a table as CSV, or a figure without its title, which is the caption, in each format."""
    if each.draw is None:
        return {f"{each.name}.csv": csv_bytes(each.rows)}
    size = (each.width, min(each.height, _TALLEST))
    made = plots.figure_files(each.draw, size, ["svg", "pdf", "png"], salt=each.name, style=_STYLE, dpi=300)
    files = {f"{each.name}.{kind}": image for kind, image in made.items()}
    svg = printable(files[f"{each.name}.svg"].decode("utf-8"))  # its comments have the texts
    return files | {f"{each.name}.svg": svg.encode("utf-8")}


def _wrapped(ax: Axes) -> Axes:
    """Wrap the names of columns, which may be long."""
    names = [label.get_text() for label in ax.get_xticklabels()]
    shown = [fill(shortened(name, most=48), max(60 // len(names), 4)) for name in names]
    ax.set_xticks(ax.get_xticks(), shown, parse_math=False)
    return ax


def _narrowed(ax: Axes) -> Axes:
    """Make the marks of a timeline smaller, and its legend narrower."""
    for marks in ax.collections:
        if isinstance(marks, PathCollection):
            marks.set_sizes([12])
    handles: Any = ax.get_legend().legend_handles  # type: ignore[union-attr]
    ax.legend(handles=handles, ncols=4, loc="lower left", bbox_to_anchor=(0, 1))
    return ax


def _workbook(exhibits: Mapping[str, Exhibit], citation: Sequence[str]) -> bytes:
    """Return the tables as a workbook; its first sheet has the captions of all exhibits."""
    rows = [(number, each.caption, each.note) for number, each in exhibits.items()]
    about = pd.DataFrame([*rows, *(("Cite", line, "") for line in citation)], columns=["Exhibit", "Caption", "Note"])
    widths = dict.fromkeys(("Caption", "Note", "Check", "Items", "Members"), 40) | {"Note": 100}
    pages = [
        Page(number, each.rows, widths=widths, formats=dict.fromkeys(each.scores, _SIGNED))
        for number, each in exhibits.items()
        if not each.draw
    ]
    return workbook_bytes([Page("Captions", about, widths=widths), *pages])


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
            signs = {name: each.rows[name].astype("object").map(signed, na_action="ignore") for name in each.scores}
            add_table(document, each.rows.assign(**signs))
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

"""Write a run for readers, with what people decided: its page, a workbook, CSV files, a brief, and exhibits."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from g7tag import report, store
from g7tag.audit import keep_ledger, ledger_rows
from g7tag.codebook import Codebook
from g7tag.errors import Announce, InputError
from g7tag.jobs.steps import receipts_of
from g7tag.labels import open_doubts, people_agreement
from g7tag.report import About, Decided, own_frames
from g7tag.scoring import SCORE_ROW, Receipt, add_sources, carrying_sentences, final_scores, score_row
from g7tag.store import Frames, Ledger, check_output, write_atomic
from g7tag.tagger import load_tagger
from g7tag.tagger.persist import bundled_model

if TYPE_CHECKING:
    from g7tag.jobs.run import Run

_OLDER = '<p role="note"><strong>People have decided scores or findings since this page was written.</strong> '
_OLDER += "The command g7tag audit writes it again.</p>"
EXHIBIT = re.compile(r"(figure|table)-\d+-[a-z-]+\.(svg|pdf|png|csv)|tables\.xlsx|exhibits\.docx|captions\.md")
"""Names of the files of `write_exhibits`."""


def write_report(
    run: "Run", *, page: Path | str | None = None, xlsx: Path | str | None = None, csv: Path | str | None = None,
    docx: Path | str | None = None, force: bool = False, announce: Announce = lambda _: None,
) -> list[Path]:  # fmt: skip
    """Write the run for readers, and return the paths of the files.

    Parameters
    ----------
    page
        Page to read in a browser and to print (.html). A saved run also has one in its directory.
    xlsx, csv
        Workbook (.xlsx) and folder of CSV files with the same tables: scores, evidence, items with labels, findings,
        ledger, agreement, and one that explains every column.
    docx
        Brief (.docx) of one page for each member, for an editor to change.

    Raises
    ------
    InputError
        A file has another ending, already exists, or cannot be written, or the ledger cannot be read.
    """
    check_targets(page=page, xlsx=xlsx, csv=csv, docx=docx, force=force)
    decided, codebook = decisions_of(run), run.codebook
    files: dict[Path, bytes] = {}
    if page is not None:
        announce("writing the page")
        files[Path(page)] = page_of(run).encode("utf-8")
    if xlsx is not None or csv is not None:
        announce("writing the tables")
        agreement = people_agreement(run.annotations, run.sentences, codebook)
        tables = report.run_tables(run.frames, decided.final, codebook, ledger=decided.ledger, agreement=agreement)
        if xlsx is not None:
            files[Path(xlsx)] = report.run_workbook(tables)
        if csv is not None:
            files |= {Path(csv) / name: content for name, content in report.run_csv(tables).items()}
    if docx is not None:
        announce("writing the brief")
        behind = sentences_behind(run.frames, codebook)
        files[Path(docx)] = report.run_brief(run.frames, decided.final, codebook, behind=behind)
    if csv is not None:
        try:
            Path(csv).mkdir(exist_ok=True)
        except OSError as error:
            msg = f"{csv}: cannot create the folder ({error.strerror}). Choose a writable place."
            raise InputError(msg) from error
    for path, content in files.items():
        write_atomic(path, content)
    return list(files)


def write_exhibits(
    run: "Run", folder: Path | str, *, force: bool = False, announce: Announce = lambda _: None
) -> list[Path]:
    """Write numbered figures and tables for print, with captions, notes and how to cite them; return their paths.

    Each figure is written as SVG, PDF and PNG (300 dpi, 16 cm wide), each table as CSV, all of them as tables.xlsx and
    exhibits.docx, and captions.md. The folder is written completely or has no captions.md; `force` replaces exhibits,
    and other files stay.

    Raises
    ------
    InputError
        The folder is not empty or cannot be written, or the ledger cannot be read.
    """
    target = Path(folder)
    check_targets(csv=target, force=force)
    announce("drawing the exhibits")
    decided = decisions_of(run)
    citation = report.methods_texts(run.frames, run.codebook, about=about_of(run, decided))["citation"]
    if run.store is not None:
        citation.append(f"Run: {store.MANIFEST} with sha256 {store.file_sha256(run.store.path / store.MANIFEST)[:12]}.")
    files = report.run_exhibits(
        run.frames, decided.final, run.codebook, agreement=run.agreement(), quality=_quality_of(run), citation=citation
    )  # fmt: skip
    try:
        _write_folder(target, files)
    except OSError as error:
        msg = f"{target}: cannot write the exhibits ({error.strerror}). Choose a writable folder with enough space."
        raise InputError(msg) from error
    return [target / name for name in files]


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write files beside a folder, then move them into it, the last one last; a new folder appears complete."""
    with TemporaryDirectory(dir=folder.absolute().parent, prefix=".g7tag-", suffix=".part") as place:
        made = Path(place) / "made"
        made.mkdir()
        for name, content in files.items():
            write_atomic(made / name, content)
        if not folder.exists():
            made.rename(folder)
            return
        old = [path for path in folder.iterdir() if EXHIBIT.fullmatch(path.name)]
        for path in sorted(old, key=lambda path: path.name != report.CAPTIONS):
            path.unlink()
        for name in files:
            (made / name).replace(folder / name)


def _quality_of(run: "Run") -> pd.DataFrame:
    """Return how good the tagger of a run was on sentences it did not learn from; no rows if it was not evaluated."""
    from g7tag.evaluation import stored_evaluation  # noqa: PLC0415 - learning is slow to import

    path, made_by = bundled_model(run.codebook), set(run.tags["tagger"])
    measured = stored_evaluation(run.codebook).get("taggers", pd.DataFrame({"tagger": [], "scheme": []}))
    known = {} if path is None or measured.empty else {
        load_tagger(path, run.codebook, fast=name.endswith("fast")).model_id: name for name in ("g7tag", "g7tag fast")
    }  # fmt: skip
    own = measured["tagger"].isin([name for model_id, name in known.items() if made_by == {model_id}])
    return report.quality_table(measured[own & measured["scheme"].eq("test part")])


def check_targets(*, force: bool, csv: Path | str | None = None, **files: Path | str | None) -> None:
    """Raise an error if `write_report` may not write one of its files, by its kind."""
    named = {kind: Path(path) for kind, path in files.items() if path is not None}
    for kind, path in named.items():
        check_output(path, force=force, types=(".html" if kind == "page" else f".{kind}",))
    if csv is None:
        return
    folder, wrong = Path(csv), ""
    if folder.absolute() in [path.absolute() for path in named.values()]:
        wrong = "is named for two results. Give each a name of its own"
    elif not folder.parent.is_dir():
        wrong = f"the folder {folder.parent} does not exist. Create it, or choose another path"
    elif folder.is_file():
        wrong = "is a file. Expected a folder. Choose another name"
    elif folder.is_dir() and any(folder.iterdir()) and not force:
        wrong = "is not empty. Choose another folder, or replace its files with --force"
    if wrong:
        msg = f"{folder}: {wrong}."
        raise InputError(msg)


def write_page(run: "Run") -> None:
    """Write the page of a run into its directory."""
    run.saved.write_file(store.PAGES[0], page_of(run).encode("utf-8"))


def mark_page(run: "Run") -> None:
    """Let the page of a run say that it is older than the ledger, until it is written again."""
    page = run.saved.inside(store.PAGES[0])
    content = page.read_text(encoding="utf-8") if page.is_file() else ""
    start, main, rest = content.partition('<main id="main" tabindex="-1">')
    if main and not rest.startswith(_OLDER):
        run.saved.write_file(store.PAGES[0], f"{start}{main}{_OLDER}{rest}".encode())


def renew_page(run: "Run") -> None:
    """Write the page of a run again if it says that it is older than the ledger."""
    page = run.saved.inside(store.PAGES[0])
    if page.is_file() and _OLDER in page.read_text(encoding="utf-8"):
        write_page(run.reopened())


def page_of(run: "Run") -> str:
    """Return the page of a run as HTML, with the decisions in its ledger."""
    behind, decided = sentences_behind(run.frames, run.codebook), decisions_of(run)
    return report.run_page(run.frames, run.codebook, behind=behind, decided=decided, about=about_of(run, decided))


def about_of(run: "Run", decided: Decided) -> About:
    """Return what the frames of a run do not say about it."""
    saved, version = run.store, store.package_version()
    if saved is None:
        return About(version=version)
    settled = decided.ledger.loc[decided.ledger["status"] != "open", "finding_id"]
    findings = own_frames(run.frames, run.codebook)["findings"]["finding_id"]
    seen = saved.setting("tag", "seen", 0)
    return About(
        version=version, policy=saved.setting("score", "policy", ""),
        seen_items=None if seen == 0 and saved.setting("tag", "seen_unknown", default=False) else seen,
        keep_hidden=saved.setting("ingest", "keep_hidden", default=False),
        undecided=int((~findings.isin(settled)).sum()),
        undecided_scores=int(decided.final["basis"].isin(["open", "stale"]).sum()),
    )  # fmt: skip


def decisions_of(run: "Run") -> Decided:
    """Return what the ledger of an audited run decides now; without a directory nobody has decided anything."""
    ledger = store.empty_ledger() if run.store is None else store.read_ledger(store.ledger_path(run.store.path))
    receipts = receipts_of(run)
    stale = keep_ledger(ledger, ledger_rows(run.frames, receipts)).stale
    return Decided(final_under(ledger, run, receipts), ledger.rows, stale)


def final_under(ledger: Ledger, run: "Run", receipts: list[Receipt]) -> pd.DataFrame:
    """Return the final scores of a run under a ledger; the score of a row that cannot be used is open."""
    evidence = {score_row(receipt): receipt.evidence_sha256 for receipt in receipts}
    final = final_scores(run.scores, run.members, ledger.rows, evidence=evidence)
    unusable = set(ledger.cells["finding_id"]) - set(ledger.rows["finding_id"])
    codes = dict(zip(run.members["member"], run.members["code"], strict=True))
    rows = SCORE_ROW + final["commitment_id"] + "/" + final["member"].map(codes)
    wrong = rows.isin(unusable)
    problems = rows.map(lambda row: next((each for each in ledger.problems if f"({row})" in each), ""))
    return final.assign(
        final_score=final["final_score"].mask(wrong), basis=final["basis"].mask(wrong, "open"),
        why=final["why"].mask(wrong, problems),
    )  # fmt: skip


def sentences_behind(frames: Frames, codebook: Codebook) -> pd.DataFrame:
    """Return the sentences that carry each level, with their sources; see `Run.sentences_behind`."""
    sentences, items, tags = frames["sentences"], frames["items"], frames["tags"]
    tags = open_doubts(tags, frames["labels"], frames["annotations"])
    carrying = carrying_sentences(
        frames["labels"], sentences=sentences, items=items, evidence_matrix=frames["evidence_matrix"], codebook=codebook
    )
    return add_sources(carrying, sentences=sentences, items=items, tags=tags, citations=frames["citations"])

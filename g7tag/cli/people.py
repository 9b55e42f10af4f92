"""The commands for people's labels: write and read sheets, share the work, merge labels, and measure agreement."""

import signal
import webbrowser
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Exit, Option

from g7tag import jobs, report, store
from g7tag.cli import options
from g7tag.cli.options import UNFINISHED, refuse, write, write_json
from g7tag.cli.runs import opened_run, reading_codebook, rescored, warn_of_disputes, warn_of_drafts
from g7tag.text import counted, enumerated, quoted

if TYPE_CHECKING:
    from g7tag.jobs import Run


def label(
    directory: Annotated[Path, Argument(help="Run directory; without tags, all its sentences are listed.")],
    chosen: options.Chosen,
    filled: Annotated[
        Path | None,
        Argument(
            metavar="[SHEET]",
            help="Filled-in sheet (.xlsx, .ods or .csv), or project of a QDA program (.qdpx), to read. If omitted, a "
            "sheet is written.",
        ),
    ] = None,
    annotator: Annotated[str, Option(help="Your name, the same every time. Required to read a sheet.")] = "",
    sheet: Annotated[
        Path | None, Option(help="Sheet to write (.xlsx, .csv). Default: DIRECTORY/queue NAME.xlsx.")
    ] = None,
    assign: Annotated[
        list[str] | None,
        Option(help="Name of an annotator; repeat for each. Saves who labels which items: a tenth is for all."),
    ] = None,
    coders: Annotated[int, Option(min=1, help="With --assign: people who label each item.")] = 1,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Write sentences to a sheet for you to label, or read a filled-in sheet and score with its labels.

    Example: g7tag label run

    Fill in the sheet, then: g7tag label run run/queue.xlsx --annotator "Ada Lovelace". Use one sheet for each person:
    with --annotator it has your name, and leaves out what you have labelled.

    Mark the dimensions of a sentence with x, and choose strength and act; without a dimension, act is enough. A row in
    which nothing is filled in is not decided yet. The second page of the sheet explains all labels. Good rows are
    taken, and each bad one is named: correct it and read the sheet again.

    If two analysts disagree on a sentence, the tagger's label counts until they agree, or an adjudicator, who is not
    one of them, decides with --adjudicator. A later label of the same person supersedes the earlier one.

    A project (see g7tag report --qdpx) has the names of its users, so it takes no --annotator.
    """
    run = opened_run(directory, codebook, quiet=quiet)
    if assign:
        plan = run.write_label_plan(assign, coders=coders)
        some = f"{plan.shared:.0%} of the items go to all, the others to {plan.coders}"
        some = "all items go to all" if plan.coders == len(plan.annotators) else some
        write(f"{', '.join(plan.annotators)}: {some}. Saved in {directory / jobs.PLAN_FILE}.", err=True)
        write(f'Next: g7tag desk {quoted(directory)} --annotator "{plan.annotators[0]}", or g7tag label', err=True)
        return
    if filled is not None:
        is_project = filled.suffix.lower() == ".qdpx"
        if is_project and (annotator or chosen.adjudicator):
            refuse("--annotator, --adjudicator", "do not apply to a project, which has the names of its users.")
        if not is_project and not annotator.strip():
            refuse("--annotator", "required with a sheet. Give your name: --annotator NAME.")
        if run.saved.has("tags"):
            warn_of_drafts(run.codebook, codebook, directory)
        kind = "adjudicator" if chosen.adjudicator else "analyst"
        given = {"annotator": annotator, "kind": kind, "force": chosen.force}
        _read_sheet(run, filled, given, quiet=quiet, as_json=as_json)
        return
    warn_of_disputes(jobs.to_label(run), briefly=True)
    path = sheet or jobs.sheet_path(run, annotator)
    rows = run.write_label_sheet(path, annotator=" ".join(annotator.split()), **vars(chosen))
    waiting = (rows[[*run.codebook.dimension_keys, "strength", "act", "note"]] == "").all(axis=1).sum()
    write(str(path))
    write(f"{counted(int(waiting), 'sentence')} to label in {path}.", err=True)
    flags = (" --adjudicator" if chosen.adjudicator else "") + (" --force" if chosen.force else "")
    name = " ".join(annotator.split()) or "YOUR NAME"
    write(f'Next: g7tag label {quoted(directory)} {quoted(path)} --annotator "{name}"{flags}', err=True)


def _read_sheet(run: "Run", filled: Path, given: dict[str, Any], *, quiet: bool, as_json: bool) -> None:
    """Record the labels of a sheet, score with them, and print what changed."""
    changed, directory, tagged = "", run.saved.path, run.saved.has("tags")
    if tagged:
        before = (run if run.saved.has("scores") else rescored(run, quiet=quiet)).read("labels", "scores")
    if is_project := filled.suffix.lower() == ".qdpx":
        recorded = run.read_project(filled, force=given["force"])
        who = enumerated(list(dict.fromkeys(recorded.annotations["annotator"])))
    else:
        recorded, who = run.record_labels(filled, **given), " ".join(given["annotator"].split())
    write(*filter(None, [store.dialect_note(filled)]), err=True)
    if tagged:
        run = rescored(run, quiet=quiet)
        changed = _print_changes(before, run, as_json=as_json)
    n, waiting = counted(len(recorded.annotations), "new label"), counted(len(run.label_queue()), "sentence")
    by = f" by {who}" if who else ""
    write(f"{n}{by}. {changed}Still to label: {waiting}.", err=True)
    warn_of_disputes(jobs.to_label(run), briefly=True)
    if not tagged:
        write(f"Next: g7tag train -o my.npz --with-labels {quoted(directory)}", err=True)
    if recorded.problems:
        rows, cells = ("codings", "codings") if is_project else ("rows", "cells")
        write(f"{counted(len(recorded.problems), 'problem')}; the other {rows} were recorded:", err=True)
        write(*jobs.problem_lines(recorded.problems), err=True)
        again = f"Correct these {cells} and read {filled} again"
        write(f"{again}; what is already recorded stays as it is.", err=True)
        raise Exit(UNFINISHED)


def _print_changes(before: "store.Frames", after: "Run", *, as_json: bool) -> str:
    """Print which labels and scores changed, and return their numbers as a sentence."""
    from g7tag.labels import label_changes
    from g7tag.scoring import score_changes, signed

    labels, scores = label_changes(before["labels"], after.labels), score_changes(before["scores"], after.scores)
    if as_json:
        write_json({"labels": labels, "scores": scores})
    else:
        shown = scores.assign(**{name: scores[name].map(signed) for name in ("before", "after")})
        for table in filter(len, (labels, shown)):
            report.print_table(table)
    return f"{counted(len(labels), 'sentence label')} and {counted(len(scores), 'score')} changed. "


def desk(
    directory: Annotated[Path, Argument(help="Run directory; it needs no tags or scores.")],
    annotator: Annotated[str, Option(help="Your name, the same every time.")],
    chosen: options.Chosen,
    codebook: options.Codebook = None,
    no_browser: Annotated[bool, Option("--no-browser", help="Do not open a browser; only print the address.")] = False,
) -> None:
    """Open the review desk in a browser: label sentences, and decide scores and findings, with the keyboard.

    Example: g7tag desk run --annotator "Ada Lovelace"

    Each label is saved at once in DIRECTORY/labels. Press Ctrl-C in the terminal to stop, and give the command again to
    continue. The desk shows no label of a machine until you have decided. Afterwards: g7tag score run

    In a scored run, the tabs Scores and Findings write decisions into the ledger at once, and the page is written when
    the desk stops. They show labels of machines: labels that you give after opening them are recorded as not blind.

    The desk is on this machine alone, at an address that holds a secret: do not pass it on.
    """
    from g7tag.desk.server import DeskServer

    run = opened_run(directory, codebook, quiet=True)
    session = jobs.desk_session(run, annotator=annotator, **vars(chosen))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the usual end
    with suppress(KeyboardInterrupt), DeskServer(session) as server:
        write(f"The desk is at {server.address}", "Press Ctrl-C here to stop.", err=True)
        if not no_browser:  # some browsers run in the terminal, and end only with the desk
            Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
        server.serve_forever()
    write(f"All decisions are saved. Next: g7tag score {quoted(directory)}", err=True)
    jobs.renew_page(run)


def merge(
    directory: Annotated[Path, Argument(help="Run directory that receives the labels.")],
    others: Annotated[list[Path], Argument(help="Run directories, their folders labels, or label files (.jsonl).")],
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
) -> None:
    """Add labels that other people made on their machines, and score with them.

    Example: g7tag merge run ../from-bo/run

    Each person's labels are in a file of their own, labels/NAME.jsonl, which you can send by e-mail or keep in Git. The
    order does not matter, and merging again changes nothing. No label is lost.
    """
    run = opened_run(directory, codebook, quiet=quiet)
    merged = run.merge_labels(others)
    if run.saved.has("tags"):
        run = rescored(run, quiet=quiet)
    added = "; ".join(f"{name}: {counted(n, 'new label')}" for name, n in merged.added.items())
    write(f"{added or 'No new labels'}.", err=True)
    warn_of_disputes(jobs.to_label(run))
    write(*merged.notes, err=True)
    if merged.notes:
        raise Exit(UNFINISHED)


def agreement(
    directory: Annotated[Path, Argument(help="Run directory with labels of two or more people.")],
    annotator: Annotated[
        str, Option(help="Print instead where this person's labels were overruled, why, and which confusions return.")
    ] = "",
    codebook: options.Codebook = None,
    as_json: options.Json = False,
) -> None:
    """Print how far people agree: by label, with their own earlier labels, and who is lenient.

    Example: g7tag agreement run

    Only labels that people gave on their own count, not changes after seeing other labels. alpha is Krippendorff's,
    with a 95 % interval over items. --json also prints what each pair of people answered.

    After an adjudicator decided, --annotator NAME prints what this person can learn from it, without labels of others.
    """
    run = jobs.Run.at(directory, reading_codebook([directory], codebook))
    if annotator:
        own = run.feedback(" ".join(annotator.split()))
        found = own._asdict()
        lines = [f"Labels of {annotator} that were settled otherwise: {len(own.overruled)}."]
        tables = report.feedback_tables(own)
    else:
        people = run.agreement()
        found, lines, tables = people._asdict(), report.agreement_lines(people), report.agreement_tables(people)
    if as_json:
        write_json(found)
        return
    write(*lines)
    for table in tables:
        report.print_table(table)


def certify(
    directory: Annotated[Path, Argument(help="Run directory whose random sample people have labelled.")],
    target: Annotated[float, Option(min=0, max=1, help="Greatest acceptable share of wrong labels.")] = 0.05,
    epsilon: Annotated[float, Option(min=0, max=1, help="How much worse than a person a machine may be.")] = 0.15,
    codebook: options.Codebook = None,
    as_json: options.Json = False,
) -> None:
    """Print what people's labels of the random sample say about the tagger: errors, corrected shares, comparisons.

    Example: g7tag certify run

    First label the random sample without seeing the tagger's labels: g7tag desk run --select audit --annotator NAME. It
    starts with the same sentences for everybody, in random order. Decide how many you will label before you look here.
    "At most 4%" means: with 95% confidence, at most 4% of the labels that need no review are wrong.
    """
    run = jobs.Run.at(directory, reading_codebook([directory], codebook))
    found = run.certify(target=target, epsilon=epsilon)
    if as_json:
        write_json(found._asdict())
        return
    write(*report.certificate_lines(found, target=target))
    for table in report.certificate_tables(found):
        report.print_table(table)

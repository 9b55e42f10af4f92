"""The commands for people's labels: write and read sheets, share the work, merge labels, and measure agreement."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, BadParameter, Exit, Option

from g7tag import jobs, report, store
from g7tag.cli import options
from g7tag.cli.options import UNFINISHED, write, write_json
from g7tag.cli.runs import reading_codebook, run_codebook, warn_of_disputes, warn_of_drafts
from g7tag.text import counted, quoted

if TYPE_CHECKING:
    from g7tag.codebook import Codebook
    from g7tag.jobs import Purpose, Run


def label(
    directory: Annotated[Path, Argument(help="Run directory; without tags, all its sentences are listed.")],
    filled: Annotated[
        Path | None,
        Argument(metavar="[SHEET]", help="Filled-in sheet (.xlsx, .ods or .csv) to read. If omitted, one is written."),
    ] = None,
    annotator: Annotated[str, Option(help="Your name, the same every time. Required to read a sheet.")] = "",
    adjudicator: Annotated[
        bool,
        Option("--adjudicator", help="These labels count before those of analysts, and settle their disagreements."),
    ] = False,
    force: options.Party = False,
    sheet: Annotated[
        Path | None, Option(help="Sheet to write (.xlsx or .csv). Default: DIRECTORY/queue NAME.xlsx.")
    ] = None,
    select: options.Select = None,
    member: options.Member = "",
    dimension: options.Dimension = "",
    audit_share: options.AuditShare = 0.1,
    seed: options.Seed = 0,
    show_suggestions: options.Suggestions = False,
    assign: Annotated[
        list[str] | None, Option(help="Name of an annotator; repeat for each. Saves who labels which items.")
    ] = None,
    coders: Annotated[int, Option(min=1, help="With --assign: people who label each item.")] = 1,
    shared: Annotated[
        float, Option(min=0, max=1, help="With --assign: share of the items that everybody labels.")
    ] = 0.1,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Write sentences to a sheet for you to label, or read a filled-in sheet and score with its labels.

    Example: g7tag label run

    Fill in the sheet, then: g7tag label run run/queue.xlsx --annotator "Ada Lovelace"

    With --annotator the sheet leaves out what you have labelled, and has your name: run/queue Ada Lovelace.xlsx. Use
    one sheet for each person.

    In the sheet, mark the dimensions of a sentence with x, and choose strength and act; without a dimension, act is
    enough. contradicts is yes if the act is contrary to the commitment, and note is your reason. A row in which nothing
    is filled in is not decided yet. Good rows are taken, and each bad one is named: correct it and read the sheet
    again. The second page of the sheet explains all labels.

    The sheet shows no label of a machine, so that you decide for yourself (--show-suggestions adds them). If two
    analysts disagree on a sentence, the tagger's label counts until they agree or an adjudicator, who is not one of
    them, decides: write a sheet with --adjudicator, fill it in, and read it with --adjudicator. Labels are never
    overwritten: a later label of the same person supersedes the earlier one. They are in DIRECTORY/labels, one file for
    each person.
    """
    book = run_codebook(directory, codebook, quiet=quiet)
    jobs.labelled_sentences(directory, book)  # refused now if it is not a run directory
    if assign:
        plan = jobs.write_plan(directory, assign, coders=coders, shared=shared, random_state=seed)
        some = f"{plan.shared:.0%} of the items go to all, the others to {plan.coders}"
        every = plan.coders == len(plan.annotators) or plan.shared == 1
        words = "all items go to all" if every else some
        write(f"{', '.join(plan.annotators)}: {words}. Saved in {directory / jobs.PLAN_FILE}.", err=True)
        if filled is None:
            write(f'Next: g7tag desk {quoted(directory)} --annotator "{plan.annotators[0]}", or g7tag label', err=True)
            return
    if jobs.is_tagged(directory):
        with report.progress(quiet=quiet) as announce:  # with what models proposed since it was last scored
            jobs.Run.at(directory, book).rescore(announce=announce)
    if filled is not None:
        if jobs.is_tagged(directory):
            warn_of_drafts(book, codebook, directory)
        if not annotator.strip():
            msg = "required with a sheet. Give your name: --annotator NAME."
            raise BadParameter(msg, param_hint="--annotator")
        kind = "adjudicator" if adjudicator else "analyst"
        given = {"annotator": annotator, "kind": kind, "force": force}
        _read_sheet(directory, filled, book, given, quiet=quiet, as_json=as_json)
        return
    reasons = tuple(select) if select else ("disagreements" if adjudicator else "doubtful",)
    purpose = jobs.Purpose(reasons, member, dimension, " ".join(annotator.split()), audit_share, seed)
    _write_sheet(
        directory, book, sheet, purpose, adjudicator=adjudicator, force=force, show_suggestions=show_suggestions
    )


def _write_sheet(
    directory: Path,
    book: "Codebook",
    sheet: Path | None,
    purpose: "Purpose",
    *,
    adjudicator: bool,
    force: bool,
    show_suggestions: bool,
) -> None:
    from g7tag.labels import disputed_sentences

    name = purpose.annotator
    file = f"queue {name}.xlsx" if name else jobs.LABEL_SHEET
    path = sheet or directory / file.replace("/", "_")
    frames = jobs.frames_to_label(directory, book)
    write(*report.disputed_lines(disputed_sentences(frames["annotations"], frames["sentences"])), err=True)
    queue = jobs.label_queue(frames, book, purpose)
    if not adjudicator:
        queue = jobs.assigned(queue, frames, directory, name)
    elif name and not force:
        queue = jobs.to_adjudicate(queue, frames, name)
    narrowed = bool(purpose.dimension)
    jobs.write_label_sheet(frames, queue, path, book, show_suggestions=show_suggestions, narrowed=narrowed)
    write(str(path))
    write(f"{counted(len(queue), 'sentence')} to label in {path}.", err=True)
    settles = adjudicator or (purpose.select == ("disagreements",) and not name)
    flags = (" --adjudicator" if settles else "") + (" --force" if force else "")
    who = name or "YOUR NAME"
    write(f'Next: g7tag label {quoted(directory)} {quoted(path)} --annotator "{who}"{flags}', err=True)


def _read_sheet(
    directory: Path, filled: Path, book: "Codebook", given: dict[str, Any], *, quiet: bool, as_json: bool
) -> None:
    tagged, name = jobs.is_tagged(directory), given["annotator"].strip()
    before = jobs.open_run(directory, book) if tagged else None
    recorded = jobs.record_labels(directory, filled, codebook=book, **given)
    write(*filter(None, [store.dialect_note(filled)]), err=True)
    changed = _score_again(before, directory, book, quiet=quiet, as_json=as_json) if before is not None else ""
    frames = jobs.frames_to_label(directory, book)
    waiting = counted(len(jobs.label_queue(frames, book)), "sentence")
    write(f"{counted(len(recorded.annotations), 'new label')} by {name}. {changed}Still to label: {waiting}.", err=True)
    warn_of_disputes(frames, briefly=True)
    if not tagged:
        write(f"Next: g7tag train -o my.npz --with-labels {quoted(directory)}", err=True)
    problems, most = recorded.problems, jobs.MOST_PROBLEMS
    if problems:
        more = [f"and {len(problems) - most} more"] if len(problems) > most else []
        write(f"{counted(len(problems), 'problem')}; the other rows were recorded:", err=True)
        write(*(f"  {line}" for line in [*problems[:most], *more]), err=True)
        again = f"Correct these cells and read {filled} again"
        write(f"{again}; rows that are already recorded stay as they are.", err=True)
        raise Exit(UNFINISHED)


def _score_again(before: "Run", directory: Path, book: "Codebook", *, quiet: bool, as_json: bool) -> str:
    """Score with the new labels, print what changed, and return it as a sentence."""
    from g7tag.labels import label_changes
    from g7tag.scoring import score_changes, signed

    with report.progress(quiet=quiet) as announce:
        decided = jobs.Run.at(directory, book).rescore(announce=announce)
    labels, scores = label_changes(before.labels, decided.labels), score_changes(before.scores, decided.scores)
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
    adjudicator: Annotated[
        bool, Option("--adjudicator", help="Decide the sentences on which analysts disagree.")
    ] = False,
    force: options.Party = False,
    select: options.Select = None,
    member: options.Member = "",
    dimension: options.Dimension = "",
    audit_share: options.AuditShare = 0.1,
    seed: options.Seed = 0,
    show_suggestions: options.Suggestions = False,
    codebook: options.Codebook = None,
    no_browser: Annotated[
        bool, Option("--no-browser", help="Do not open JupyterLab; only write the notebook.")
    ] = False,
) -> None:
    """Open the review desk in JupyterLab: label sentences one at a time, with the keyboard.

    Example: g7tag desk run --annotator "Ada Lovelace"

    In JupyterLab, press Shift+Enter to run the cell. Each decision is saved at once in DIRECTORY/labels; run the cell
    again to continue. The desk shows no label of a machine until you have decided. Afterwards: g7tag score run

    The notebook is in a new private folder. It has only the desk, and you can delete it afterwards.
    """
    given = {"annotator": annotator, "adjudicator": adjudicator, "show_suggestions": show_suggestions}
    given |= ({"select": select} if select else {}) | ({"force": True} if force else {})
    given |= {"member": member, "dimension": dimension, "audit_share": audit_share, "random_state": seed}
    run_codebook(directory, codebook, quiet=True)
    notebook = jobs.write_desk_notebook(directory, given)
    write(str(notebook))
    if not no_browser:
        raise Exit(jobs.open_notebook(notebook))
    write(f"Next: jupyter lab {quoted(notebook)}", err=True)


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
    book = run_codebook(directory, codebook, quiet=quiet)
    merged = jobs.merge_labels(directory, others, codebook=book)
    if jobs.is_tagged(directory):
        with report.progress(quiet=quiet) as announce:
            jobs.Run.at(directory, book).rescore(announce=announce)
    frames = jobs.frames_to_label(directory, book)
    added = "; ".join(f"{name}: {counted(n, 'new label')}" for name, n in merged.added.items())
    write(f"{added or 'No new labels'}.", err=True)
    warn_of_disputes(frames)
    write(*merged.notes, err=True)
    if merged.notes:
        raise Exit(UNFINISHED)


def agreement(
    directory: Annotated[Path, Argument(help="Run directory with labels of two or more people.")],
    codebook: options.Codebook = None,
    as_json: options.Json = False,
) -> None:
    """Print how far people agree: by label, with their own earlier labels, and who is lenient.

    Example: g7tag agreement run

    Only labels that people gave on their own count, not changes after seeing other labels. alpha is Krippendorff's,
    with a 95 % interval over items. --json also prints what each pair of people answered.
    """
    found = jobs.agreement_of(directory, reading_codebook([directory], codebook))
    if as_json:
        write_json(found._asdict())
        return
    write(*report.agreement_lines(found))
    for table in report.agreement_tables(found):
        report.print_table(table)


def certify(
    directory: Annotated[Path, Argument(help="Run directory whose random sample people have labelled.")],
    target: Annotated[float, Option(min=0, max=1, help="Greatest acceptable share of wrong labels.")] = 0.05,
    epsilon: Annotated[float, Option(min=0, max=1, help="How much worse than a person a machine may be.")] = 0.15,
    seed: options.Seed = 0,
    codebook: options.Codebook = None,
    as_json: options.Json = False,
) -> None:
    """Print what people's labels of the random sample say about the tagger: errors, corrected shares, comparisons.

    Example: g7tag certify run

    First label the random sample without seeing the tagger's labels: g7tag desk run --select audit --annotator NAME. It
    starts with the same sentences for everybody, in random order. Decide how many you will label before you look here.
    "At most 4%" means: with 95% confidence, at most 4% of the labels that need no review are wrong.
    """
    book = reading_codebook([directory], codebook)
    found = jobs.certify_run(directory, book, target=target, epsilon=epsilon, random_state=seed)
    if as_json:
        write_json(found._asdict())
        return
    write(*report.certificate_lines(found, target=target))
    for table in report.certificate_tables(found):
        report.print_table(table)

"""The commands for people's labels: write and read sheets, share the work, merge labels, and measure agreement."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from g7tag.cli.options import (
    UNFINISHED,
    CodebookOption,
    JsonOption,
    QuietOption,
    SeedOption,
    SelectOption,
    warn_of_drafts,
    write,
    write_json,
)
from g7tag.cli.runs import reading_codebook, run_codebook
from g7tag.text import quoted

if TYPE_CHECKING:
    from g7tag.codebook import Codebook
    from g7tag.jobs import Purpose, Run

AnnotatorOption = Annotated[
    str, typer.Option("--annotator", help="Your name, the same every time. Required to read a sheet.")
]
MemberOption = Annotated[str, typer.Option("--member", help="Only sentences of this member (name or code).")]
DimensionOption = Annotated[str, typer.Option("--dimension", help="Only sentences of this dimension.")]
ShareOption = Annotated[
    float, typer.Option("--audit-share", min=0, max=1, help="Share of the sentences in the random sample.")
]
PartyOption = Annotated[
    bool,
    typer.Option(
        "--force",
        help="With --adjudicator: also decide disagreements to which you are a party. They are shown as such.",
    ),
]
SuggestionsOption = Annotated[
    bool, typer.Option("--show-suggestions", help="Show what tagger and models say. It influences people.")
]


def label(
    directory: Annotated[Path, typer.Argument(help="Run directory; without tags, all its sentences are listed.")],
    filled: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SHEET]", help="Filled-in sheet (.xlsx, .ods or .csv) to read. If omitted, one is written."
        ),
    ] = None,
    annotator: AnnotatorOption = "",
    adjudicator: Annotated[
        bool,
        typer.Option(
            "--adjudicator", help="These labels count before those of analysts, and settle their disagreements."
        ),
    ] = False,
    force: PartyOption = False,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="Sheet to write (.xlsx or .csv). Default: DIRECTORY/queue NAME.xlsx.")
    ] = None,
    select: SelectOption = None,
    member: MemberOption = "",
    dimension: DimensionOption = "",
    audit_share: ShareOption = 0.1,
    seed: SeedOption = 0,
    show_suggestions: SuggestionsOption = False,
    assign: Annotated[
        list[str] | None,
        typer.Option("--assign", help="Name of an annotator; repeat for each. Saves who labels which items."),
    ] = None,
    coders: Annotated[int, typer.Option("--coders", min=1, help="With --assign: people who label each item.")] = 1,
    shared: Annotated[
        float, typer.Option("--shared", min=0, max=1, help="With --assign: share of the items that everybody labels.")
    ] = 0.1,
    codebook: CodebookOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
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
    from g7tag import jobs, report

    book = run_codebook(directory, codebook, quiet=quiet)
    jobs.labelled_sentences(directory, book)  # refused now if it is not a run directory
    if assign:
        plan = jobs.write_plan(directory, assign, coders=coders, shared=shared, random_state=seed)
        every = plan.coders == len(plan.annotators) or plan.shared == 1
        words = (
            "all items go to all" if every else f"{plan.shared:.0%} of the items go to all, the others to {plan.coders}"
        )
        write(f"{', '.join(plan.annotators)}: {words}. Saved in {directory / jobs.PLAN_FILE}.", err=True)
        if filled is None:
            write(f'Next: g7tag desk {quoted(directory)} --annotator "{plan.annotators[0]}", or g7tag label', err=True)
            return
    if jobs.is_tagged(directory):
        with report.progress(quiet=quiet) as announce:  # with what models proposed since it was last scored
            jobs.score_run(directory, book, announce=announce)
    if filled is not None:
        if jobs.is_tagged(directory):
            warn_of_drafts(book, codebook, directory)
        given = {"annotator": annotator, "kind": "adjudicator" if adjudicator else "analyst", "force": force}
        _read_filled(directory, filled, book, given, quiet=quiet, as_json=as_json)
        return
    reasons = tuple(select) if select else ("disagreements" if adjudicator else "doubtful",)
    chosen = jobs.Purpose(reasons, member, dimension, " ".join(annotator.split()), audit_share, seed)
    _write_queue(
        directory, book, sheet, chosen, adjudicator=adjudicator, force=force, show_suggestions=show_suggestions
    )


def desk(
    directory: Annotated[Path, typer.Argument(help="Run directory; it needs no tags or scores.")],
    annotator: Annotated[str, typer.Option("--annotator", help="Your name, the same every time.")],
    adjudicator: Annotated[
        bool, typer.Option("--adjudicator", help="Decide the sentences on which analysts disagree.")
    ] = False,
    force: PartyOption = False,
    select: SelectOption = None,
    member: MemberOption = "",
    dimension: DimensionOption = "",
    audit_share: ShareOption = 0.1,
    seed: SeedOption = 0,
    show_suggestions: SuggestionsOption = False,
    codebook: CodebookOption = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open JupyterLab; only write the notebook.")
    ] = False,
) -> None:
    """Open the review desk in JupyterLab: label sentences one at a time, with the keyboard.

    Example: g7tag desk run --annotator "Ada Lovelace"

    In JupyterLab, press Shift+Enter to run the cell. Each decision is saved at once in DIRECTORY/labels; run the cell
    again to continue. The desk shows no label of a machine until you have decided. Afterwards: g7tag score run

    The notebook is in a new private folder. It has only the desk, and you can delete it afterwards.
    """
    from g7tag import jobs

    given: dict[str, object] = {
        "annotator": annotator,
        "adjudicator": adjudicator,
        "show_suggestions": show_suggestions,
    }
    given |= ({"select": select} if select else {}) | ({"force": True} if force else {})
    given |= {"member": member, "dimension": dimension, "audit_share": audit_share, "random_state": seed}
    run_codebook(directory, codebook, quiet=True)
    notebook = jobs.write_desk_notebook(directory, given)
    write(str(notebook))
    if no_browser:
        write(f"Next: jupyter lab {quoted(notebook)}", err=True)
        return
    raise typer.Exit(jobs.open_notebook(notebook))


def _write_queue(
    directory: Path,
    book: "Codebook",
    sheet: Path | None,
    purpose: "Purpose",
    *,
    adjudicator: bool,
    force: bool,
    show_suggestions: bool,
) -> None:
    from g7tag import jobs, report
    from g7tag.labels import disputed_sentences
    from g7tag.store import RunDirectory
    from g7tag.text import counted

    name = f"queue {purpose.annotator}.xlsx" if purpose.annotator else jobs.LABEL_SHEET
    path = sheet or directory / name.replace("/", "_")
    frames = jobs.frames_to_label(directory, book)
    for line in report.disputed_lines(disputed_sentences(frames["annotations"], frames["sentences"])):
        write(line, err=True)
    wanted = jobs.wanted_setting(RunDirectory(directory))
    queue = jobs.label_queue(frames, book, purpose, wanted)
    if not adjudicator:
        queue = jobs.assigned(queue, frames, directory, purpose.annotator)
    elif purpose.annotator and not force:
        queue = jobs.to_adjudicate(queue, frames, purpose.annotator)
    jobs.write_label_sheet(
        frames, queue, path, book, show_suggestions=show_suggestions, narrowed=bool(purpose.dimension)
    )
    write(str(path))
    write(f"{counted(len(queue), 'sentence')} to label in {path}.", err=True)
    who = purpose.annotator or "YOUR NAME"
    settles = adjudicator or (purpose.select == ("disagreements",) and not purpose.annotator)
    settle = (" --adjudicator" if settles else "") + (" --force" if force else "")
    write(f'Next: g7tag label {quoted(directory)} {quoted(path)} --annotator "{who}"{settle}', err=True)


def _read_filled(
    directory: Path,
    filled: Path,
    book: "Codebook",
    given: dict[str, Any],
    *,
    quiet: bool,
    as_json: bool,
) -> None:
    from g7tag import jobs, report
    from g7tag.labels import disputed_sentences, party_decisions
    from g7tag.store import dialect_note
    from g7tag.text import counted

    if not given["annotator"].strip():
        msg = "required with a sheet. Give your name: --annotator NAME."
        raise typer.BadParameter(msg, param_hint="--annotator")
    tagged = jobs.is_tagged(directory)
    before = jobs.open_run(directory, book) if tagged else None
    recorded = jobs.record_labels(directory, filled, codebook=book, **given)
    if dialect_note(filled):
        write(dialect_note(filled), err=True)
    changed = _score_again(before, directory, book, quiet=quiet, as_json=as_json) if before is not None else ""
    frames = jobs.frames_to_label(directory, book)
    waiting = counted(len(jobs.label_queue(frames, book)), "sentence")
    write(
        f"{counted(len(recorded.annotations), 'new label')} by {given['annotator'].strip()}. {changed}"
        f"Still to label: {waiting}.",
        err=True,
    )
    known = frames["annotations"], frames["sentences"]
    for line in (*report.disputed_lines(disputed_sentences(*known)), *report.party_lines(party_decisions(*known))):
        write(line, err=True)
    if not tagged:
        write(f"Next: g7tag train -o my.skops --with-labels {quoted(directory)}", err=True)
    if recorded.problems:
        _write_problems(recorded.problems, filled)
        raise typer.Exit(UNFINISHED)


def _score_again(before: "Run", directory: Path, book: "Codebook", *, quiet: bool, as_json: bool) -> str:
    """Score with the new labels, print what changed, and return it as a sentence."""
    from g7tag import jobs, report
    from g7tag.labels import label_changes
    from g7tag.scoring import score_changes, signed
    from g7tag.text import counted

    with report.progress(quiet=quiet) as announce:
        decided = jobs.score_run(directory, book, announce=announce)
    labels, scores = label_changes(before.labels, decided.labels), score_changes(before.scores, decided.scores)
    if as_json:
        changes = {"labels": labels, "scores": scores}.items()
        write_json({name: json.loads(frame.to_json(orient="records")) for name, frame in changes})
    else:
        shown = scores.assign(**{name: scores[name].map(signed) for name in ("before", "after")})
        for table in filter(len, (labels, shown)):
            report.print_table(table)
    return f"{counted(len(labels), 'sentence label')} and {counted(len(scores), 'score')} changed. "


def _write_problems(problems: list[str], filled: Path) -> None:
    from g7tag import jobs
    from g7tag.text import counted

    write(f"{counted(len(problems), 'problem')}; the other rows were recorded:", err=True)
    for line in problems[: jobs.MOST_PROBLEMS]:
        write(f"  {line}", err=True)
    if len(problems) > jobs.MOST_PROBLEMS:
        write(f"  and {len(problems) - jobs.MOST_PROBLEMS} more", err=True)
    write(f"Correct these cells and read {filled} again; rows that are already recorded stay as they are.", err=True)


def merge(
    directory: Annotated[Path, typer.Argument(help="Run directory that receives the labels.")],
    others: Annotated[
        list[Path], typer.Argument(help="Run directories, their folders labels, or label files (.jsonl).")
    ],
    codebook: CodebookOption = None,
    quiet: QuietOption = False,
) -> None:
    """Add labels that other people made on their machines, and score with them.

    Example: g7tag merge run ../from-bo/run

    Each person's labels are in a file of their own, labels/NAME.jsonl, which you can send by e-mail or keep in Git. The
    order does not matter, and merging again changes nothing. No label is lost.
    """
    from g7tag import jobs, report
    from g7tag.labels import disputed_sentences, party_decisions
    from g7tag.text import counted

    book = run_codebook(directory, codebook, quiet=quiet)
    merged = jobs.merge_labels(directory, others, codebook=book)
    if jobs.is_tagged(directory):
        with report.progress(quiet=quiet) as announce:
            jobs.score_run(directory, book, announce=announce)
    frames = jobs.frames_to_label(directory, book)
    added = "; ".join(f"{name}: {counted(n, 'new label')}" for name, n in merged.added.items())
    write(f"{added or 'No new labels'}.", err=True)
    known = frames["annotations"], frames["sentences"]
    for line in (*report.disagreement_lines(disputed_sentences(*known)), *report.party_lines(party_decisions(*known))):
        write(line, err=True)
    for note in merged.notes:
        write(note, err=True)
    if merged.notes:
        raise typer.Exit(UNFINISHED)


def agreement(
    directory: Annotated[Path, typer.Argument(help="Run directory with labels of two or more people.")],
    codebook: CodebookOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print how far people agree: by label, with their own earlier labels, and who is lenient.

    Example: g7tag agreement run

    Only labels that people gave on their own count, not changes after seeing other labels. alpha is Krippendorff's,
    with a 95 % interval over items. --json also prints what each pair of people answered.
    """
    from g7tag import jobs, report

    book = reading_codebook([directory], codebook)
    found = jobs.agreement_of(directory, book)
    if as_json:
        write_json({name: json.loads(frame.to_json(orient="records")) for name, frame in found._asdict().items()})
        return
    for line in report.agreement_lines(found):
        write(line)
    for table in report.agreement_tables(found):
        report.print_table(table)


def certify(
    directory: Annotated[Path, typer.Argument(help="Run directory whose random sample people have labelled.")],
    target: Annotated[
        float, typer.Option("--target", min=0, max=1, help="Greatest acceptable share of wrong labels.")
    ] = 0.05,
    epsilon: Annotated[
        float, typer.Option("--epsilon", min=0, max=1, help="How much worse than a person a machine may be.")
    ] = 0.15,
    seed: SeedOption = 0,
    codebook: CodebookOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what people's labels of the random sample say about the tagger: errors, corrected shares, comparisons.

    Example: g7tag certify run

    First label the random sample without seeing the tagger's labels: g7tag desk run --select audit --annotator NAME. It
    starts with the same sentences for everybody, in random order. Decide how many you will label before you look here.
    "At most 4%" means: with 95% confidence, at most 4% of the labels that need no review are wrong.
    """
    from g7tag import jobs, report

    book = reading_codebook([directory], codebook)
    found = jobs.certify_run(directory, book, target=target, epsilon=epsilon, random_state=seed)
    if as_json:
        write_json({name: json.loads(frame.to_json(orient="records")) for name, frame in found._asdict().items()})
        return
    for line in report.certificate_lines(found, target=target):
        write(line)
    for table in report.certificate_tables(found):
        report.print_table(table)

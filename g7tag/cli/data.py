"""Commands on taggers, codebooks and labelled sentences: train, evaluate, codebook and corpus."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option, echo

from g7tag import corpus as corpora
from g7tag import jobs, report, store
from g7tag.cli import models, options
from g7tag.cli.options import UNFINISHED, refuse, write, write_json, write_parts, write_tables
from g7tag.cli.runs import reading_codebook
from g7tag.errors import InputError
from g7tag.text import counted, quoted

_TO_THREE = ("alpha", "low", "high", "ac1")  # columns of an agreement with three decimals
ANSWERS = ".requests.sqlite"
"""Ending of the file beside a draft that keeps the answers of a model."""


def train(
    output: Annotated[Path, Option("-o", "--output", help="File to write the tagger to; must end in .npz.")],
    corpus: options.Corpus = None,
    exclude_member: Annotated[list[str] | None, Option(help="Do not train on this member; repeat for several.")] = None,
    with_labels: Annotated[
        list[Path] | None, Option(help="Run directory with labels of people to add; repeat.")
    ] = None,
    with_proposals: Annotated[
        list[Path] | None,
        Option(
            help="Run directory whose proposals by a language model that passed its trial are added, with less weight."
        ),
    ] = None,
    codebook: options.Codebook = None,
    force: options.Replace = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a tagger on labelled sentences, or on none. Those of the part test are left out, to measure it later.

    Example: g7tag train --corpus data/examples/harbours-labelled.csv --codebook data/examples/harbours.toml -o my.npz

    With a codebook of your own: --codebook my.toml and, if there are labels, --corpus labelled.csv
    """
    runs = list(dict.fromkeys([*(with_labels or []), *(with_proposals or [])]))
    with report.progress(quiet=quiet) as announce:
        trained = jobs.train_file(
            output, reading_codebook(runs, codebook), corpus or [], exclude_member or [], announce,
            force=force, with_labels=with_labels or [], with_proposals=with_proposals or [],
        )  # fmt: skip
    about = trained.tagger.about
    files = f" ({about['corpus']})" if about["corpus_rows"] else ""
    by_models = f", {about['proposals']} of them proposed by a language model" if about["proposals"] else ""
    trained_on = f"{counted(about['corpus_rows'], 'sentence')}{files}{by_models}"
    write(f"{output}: tagger {trained.tagger.model_id}, trained on {trained_on}.", err=True)
    write(*report.training_lines(trained.quality, trained.suspects), err=True)
    with_it = f"--model {quoted(output)}" + (f" --codebook {quoted(codebook)}" if codebook else "")
    for run in map(quoted, runs):
        write(f"Next: g7tag tag {run} {with_it} --force, then g7tag score {run}", err=True)
    if not runs:
        write(f"Next: g7tag run REPORT {with_it} -o run", err=True)


def evaluate(
    corpus: options.Corpus = None,
    learning_curve: Annotated[
        bool, Option("--learning-curve", help="Measure how good taggers are by the number of labels instead, from 0.")
    ] = False,
    wrong: Annotated[float, Option(min=0, max=1, metavar="SHARE", help="Share of wrong labels in the curve.")] = 0.0,
    plot: Annotated[Path | None, Option(help="Also plot the learning curve to this file (.svg, .png or .pdf).")] = None,
    test_part: Annotated[
        bool,
        Option("--test-part", help="Also evaluate on the test part, which is reserved for the figures of a release."),
    ] = False,
    codebook: options.Codebook = None,
    as_json: options.Json = False,
    force: Annotated[bool, Option("--force", help="Replace an existing plot.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure how well a tagger tags members and files that it was not trained on.

    \b
    Example: g7tag evaluate --corpus data/examples/harbours-labelled.csv \\
        --codebook data/examples/harbours.toml
    """  # noqa: D301 - \b keeps the lines of the example
    from g7tag.report.plots import IMAGE_TYPES, learning_curve_image

    for option, given in (("--plot", plot is not None), ("--wrong", wrong > 0)):
        if given and not learning_curve:
            refuse(option, "belongs to the learning curve. Add --learning-curve.")
    if test_part and learning_curve:
        refuse("--test-part", "does not belong to the learning curve. Leave out one of the two options.")
    if plot is not None:
        store.check_output(plot, force=force, types=IMAGE_TYPES)
    book = jobs.open_codebook(codebook)
    with report.progress(quiet=quiet) as announce:
        tables = jobs.evaluate_files(
            corpus or [], book, announce, curve=learning_curve, wrong=wrong, test_part=test_part
        )
    if as_json:
        write_json(tables)
    else:
        for name in filter(report.EVALUATION_HEADINGS.__contains__, tables):
            write_tables(report.evaluation_tables(name, tables[name]), frame=f"evaluation_{name}")
    if plot is not None:
        store.write_atomic(plot, learning_curve_image(tables["learning_curve"], plot.suffix.lower()))


def codebook_new(
    chapter: Annotated[Path, Argument(help="Report or chapter: PDF, DOCX, HTML or text.")],
    output: Annotated[Path, Option("-o", "--output", help="Codebook file to write; must end in .toml.")],
    asking: models.Asking,
    commitment: Annotated[
        int | None, Option(min=1, help="Number of the commitment, if several or none are printed.")
    ] = None,
    year: options.Year = None,
    codes: Annotated[
        Path | None, Option(help="Codebook of a QDA program (.qdc), whose codes are the dimensions; without rules.")
    ] = None,
    keep_hidden: options.KeepHidden = False,
    force: options.Replace = False,
    quiet: options.Quiet = False,
) -> None:
    """Draft a codebook from a report: commitment, members, dimensions, and the scoring guidelines as rules.

    Example: g7tag codebook new data/examples/harbours-report.txt -o draft.toml

    Dimensions, scores, period and members come from lists and tables of the report; each part is a draft until you
    delete its line `draft = true`. The rest is a question in the file. If no rule can be read, the exit code is 4.
    Without --model nothing is sent. A model describes the dimensions; it never writes rules. Its answers are kept
    beside the file, and are not paid for twice.
    """
    if asking.dry_run and not asking.model:
        refuse("--dry-run", "needs --model, because without a model nothing is sent.")
    store.check_output(output, force=force or asking.dry_run, types=(".toml",))
    if output.exists() and chapter.exists() and output.samefile(chapter):
        msg = f"{output}: is the report itself. Choose another file for the codebook."
        raise InputError(msg)
    endpoint, cost = (asking.endpoint, asking.cost) if asking.model else (None, None)
    with report.progress(quiet=quiet) as announce:
        draft = jobs.draft_codebook(
            chapter, commitment=commitment, year=year, keep_hidden=keep_hidden, codes=codes, announce=announce
        )
    described = None
    if endpoint is not None and cost is not None:
        plan = jobs.plan_describing(draft, endpoint, price=cost, file=output.with_suffix(ANSWERS))
        write(report.quote_text(plan.quote, endpoint), err=True)
        if asking.dry_run:
            return
        with report.progress(quiet=quiet) as announce:
            described = jobs.describe_draft(plan, limits=asking.limits, announce=announce)
        draft = described.draft
    store.write_atomic(output, draft.text.encode("utf-8"))
    _print_draft(draft, output)
    if described is not None:
        write(*(f"  No description by the model: {problem}" for problem in described.problems), err=True)
        write(report.asked_text(described.asked), err=True)
        models.exit_after(described.asked, n_unusable=len(described.problems))
    if draft.codebook is None:
        raise Exit(UNFINISHED)


def _print_draft(draft: "jobs.DraftedCodebook", output: Path) -> None:
    """Print what was drafted, what is open, and what comes next."""
    write(f"{output}: a draft for {jobs.draft_summary(draft)}.", err=True)
    write(*(f"  Open question: {question}" for question in draft.questions), err=True)
    if draft.codebook is None:
        text = "No scoring rule could be read. Write the readings in {}; it has an example in comments."
        write(text.format(output), err=True)
    elif corpora.is_bundled(draft.codebook):
        text = f"g7tag comes with labels and a tagger for {draft.codebook.id}. They are used with this codebook too, "
        write(text + "unless you change its id, or the keys of its dimensions or exclusions.", err=True)
    write(f"Next: check each part in {output}, then: g7tag codebook check {quoted(output)}", err=True)


def codebook_show(
    codebook: options.Codebook = None,
    as_json: options.Json = False,
    as_toml: Annotated[bool, Option("--toml", help="Print the file itself, as a start for your own.")] = False,
    qdc: Annotated[Path | None, Option(help="Write its codes to this file (.qdc) for QDA programs instead.")] = None,
    force: options.Replace = False,
) -> None:
    """Print a codebook: dimensions, strengths, exclusions, rules and settled cases.

    Example: g7tag codebook show
    """
    book = jobs.open_codebook(codebook)
    if qdc is not None:
        jobs.write_codes(book, qdc, force=force)
        write(str(qdc))
        return
    if as_toml or as_json:
        file = jobs.codebook_file(codebook)
        echo(file.read_text(encoding="utf-8").rstrip() if as_toml else book.model_dump_json(indent=1))
        return
    it, threshold = book.commitment, counted(book.min_strong_items, "strong item")
    write(f"{book.id}, version {book.version}: commitment {it.id}, {it.title}")
    write(f"Period {it.period_start} to {it.period_end}; threshold: {threshold} for a strong level.")
    write_tables({f"\n{name}": table for name, table in report.codebook_tables(book).items()})


def codebook_check(
    file: Annotated[Path | None, Argument(help="Codebook file (TOML). Default: 2024 Apulia commitment 19.")] = None,
    strict: Annotated[bool, Option("--strict", help="Exit with code 4 if any problem is found.")] = False,
    as_json: options.Json = False,
) -> None:
    """Try every combination of levels under the scoring rules, and list gaps, overlaps and contradictions.

    Example: g7tag codebook check data/examples/harbours.toml

    A codebook with unchecked drafts or open questions (see g7tag codebook new) fails with exit code 4.
    """
    from g7tag.codebook import unchecked_drafts
    from g7tag.scoring import check_codebook

    book = jobs.open_codebook(file)
    found, drafts = check_codebook(book), unchecked_drafts(book)
    if as_json:
        questions = [{"problem": "open question", "question": question} for question in book.questions]
        open_parts = [{"problem": "unchecked draft", **draft._asdict()} for draft in drafts]
        write_json([*found.to_dict("records"), *questions, *open_parts])
    else:
        write(*report.rubric_lines(found), *report.draft_lines(book))
    write(f"{book.id}, version {book.version}: {counted(len(found), 'problem')} in the scoring rules.", err=True)
    if drafts or book.questions:
        counts = f"{counted(len(drafts), 'unchecked draft')} and {counted(len(book.questions), 'open question')}"
        write(f"Not accepted: {counts}. Scores depend on them.", err=True)
    if drafts or book.questions or (len(found) and strict):
        raise Exit(UNFINISHED)


def codebook_diff(
    old: Annotated[Path, Argument(help="Codebook file (TOML), or the id of one that comes with g7tag.")],
    new: Annotated[Path, Argument(help="The changed codebook.")],
    run: Annotated[Path | None, Option(help="Run directory whose labels and scores to look at.")] = None,
    as_json: options.Json = False,
) -> None:
    """Show what differs between two codebooks and, with --run, which labels and scores of a run it concerns.

    Example: g7tag codebook diff data/examples/harbours.toml draft.toml

    Nothing is written. A label may be outdated if a dimension, strength, exclusion or act that it uses has another
    definition now, or is gone. Scores are computed with both codebooks from the same labels.
    """
    found = jobs.compare_codebooks(old, new, run)
    if as_json:
        write_json(found._asdict())
        return
    write_parts(report.codebook_change_parts(found._asdict(), has_run=run is not None))


def corpus_add(
    directory: Annotated[Path, Argument(help="Run directory with labels of people.")],
    output: Annotated[Path, Option("-o", "--output", help="Labelled file to write (.csv, .parquet or .jsonl).")],
    codebook: options.Codebook = None,
    force: options.Replace = False,
) -> None:
    """Write the sentences that people labelled in a run to a labelled file, to check, share or train on.

    Example: g7tag corpus add run -o labelled.csv

    Sentences on which people disagree are left out until an adjudicator decides. The file holds the text of the report:
    check that you may share it.
    """
    labelled = jobs.write_people_corpus(directory, output, reading_codebook([directory], codebook), force=force)
    left_out = f"; {counted(labelled.n_disputed, 'disputed sentence')} left out" if labelled.n_disputed else ""
    n_test = int((labelled.rows["part"] == "test").sum())
    test = f"; {n_test} in the part test, which no tagger is trained on" if n_test else ""
    write(f"{output}: {counted(len(labelled.rows), 'labelled sentence')}{left_out}{test}.", err=True)
    write(f"Next: g7tag train -o my.npz --with-labels {quoted(directory)}", err=True)


def corpus_check(
    files: Annotated[list[Path] | None, Argument(help="Labelled files. Default: those that come with g7tag.")] = None,
    codebook: options.Codebook = None,
    quiet: options.Quiet = False,
) -> None:
    """Check labelled files, name what makes a tagger look better than it is, and print the agreement of the coders.

    Example: g7tag corpus check
    """
    with report.progress(quiet=quiet) as announce:
        weak, coders = jobs.check_corpus(files or [], jobs.open_codebook(codebook), announce)
    coders = coders.round({"percent": 1} | dict.fromkeys(_TO_THREE, 3))
    heading = "Agreement of the two coders' original labels, {} (alpha with its 95 % interval over items)"
    write_tables({heading.format(name): rows.drop(columns="file") for name, rows in coders.groupby("file", sort=False)})
    weak = weak and [*weak, "Training accepts these files, but evaluation on them will flatter."]
    write(*(weak or ["All checks passed."]), err=True)

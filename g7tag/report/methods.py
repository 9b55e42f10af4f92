"""Text for a paper on a run: its methods, how to cite it, and its limits, such as what was not read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit import day
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.labels import (
    WHOLE,
    current_annotations,
    disputed_sentences,
    independent_labels,
    label_kinds,
    party_decisions,
    people_agreement,
)
from g7tag.report.cells import one_line
from g7tag.report.doubts import doubtful_text
from g7tag.report.evidence import own_frames
from g7tag.report.models import disputed_lines, party_lines
from g7tag.scoring import CLEAR, P_COLUMNS, in_period
from g7tag.scoring.distribution import CORRELATION, DRAWS
from g7tag.sources import ZERO_WIDTH
from g7tag.store import PEOPLE
from g7tag.text import counted, enumerated, first_few

SOFTWARE = ("The g7tag developers", "2026", "Apache-2.0")
"""Authors, year and licence, as in CITATION.cff, which an installed package does not have."""
_SHOWN = 12  # characters of a hash
_CORPUS = "corpus"
_LEAST_HIDDEN = 4  # consecutive zero-width characters that may hide text; single ones are common on web pages
_LONGEST = 60  # characters of hidden text to show


class About(NamedTuple):
    """What the frames of a run do not say about it."""

    version: str = ""
    policy: str = ""
    seen_items: int | None = None
    keep_hidden: bool = False
    undecided: int | None = None
    undecided_scores: int | None = None


def methods_paragraphs(frames: Frames, codebook: Codebook, *, about: About) -> list[str]:
    """Return paragraphs on the methods of a run, in the past tense, to paste into a paper."""
    frames = own_frames(frames, codebook)
    return [
        _material(frames, codebook, about),
        _labels(frames, codebook, about),
        _rules(codebook),
        _probabilities(frames, codebook),
        _published(frames, codebook, about),
        _audit(frames["findings"]),
        _people(frames, codebook),
    ]


def citation_lines(frames: Frames, codebook: Codebook, *, about: About) -> list[str]:
    """Return how to cite g7tag, the codebook and the reports, one line each."""
    authors, year, licence = SOFTWARE
    commitment = f"commitment {codebook.commitment.id}, {codebook.commitment.title}"
    return [
        f"{authors} ({year}). g7tag, {_version(about)} [computer software]. Licence: {licence}.",
        f"Codebook {codebook.id}, version {codebook.version} (sha256 {codebook.sha256[:_SHOWN]}).",
        *(
            f"{one_line(row['name'])} (sha256 {row['sha256'][:_SHOWN]}), {commitment}. Cite the report by the authors, "
            "title and date on its title page."
            for row in frames["documents"].to_dict("records")
        ),
    ]


def limits_lines(frames: Frames, codebook: Codebook, *, about: About) -> list[str]:
    """Return what was not read, not labelled and not decided in a run, one line each."""
    frames = own_frames(frames, codebook)
    return [
        *reading_lines(frames["documents"], frames["gaps"], keep_hidden=about.keep_hidden),
        *_unread(frames, codebook),
        *_unsure(frames),
        *_disputed(frames),
        *_unlabelled(frames, about),
        *_undecided(frames, codebook, about),
        "Probabilities cover doubtful labels only: not doubtful rules, and not evidence that nobody found.",
    ]


def reading_lines(documents: pd.DataFrame, gaps: pd.DataFrame, *, keep_hidden: bool = False) -> list[str]:
    """Return lines on unread parts and hidden text of reports; empty if everything was read and nothing is hidden."""
    lines = [line for name, rows in gaps.groupby("name", sort=False) for line in _gap_words(str(name), rows)]
    return lines + [line for row in documents.to_dict("records") for line in _hidden_words(row, keep_hidden)]


def _material(frames: Frames, codebook: Codebook, about: About) -> str:
    files = [
        f"{one_line(row['name'])} (sha256 {row['sha256'][:_SHOWN]})" for row in frames["documents"].to_dict("records")
    ]
    read = f"The following {'report was' if len(files) == 1 else 'reports were'} read with g7tag, {_version(about)}"
    items, n_items = frames["items"], counted(len(frames["items"]), "item")
    n_outside, n_unread = int((~in_period(items, codebook)).sum()), int(items["date"].isna().sum())
    dates = [f"{n_outside} {_was(n_outside)} dated outside the period and did not count"] if n_outside else []
    dates += [f"{n_unread} had a date that could not be read, and counted"] if n_unread else []
    of_items = f" Of {n_items}, {'; '.join(dates)}." if dates else ""
    commitment = codebook.commitment
    return (
        f"{read}: {'; '.join(files) or 'none'}. Commitment {commitment.id} was coded with the codebook {codebook.id}, "
        f"version {codebook.version} (sha256 {codebook.sha256[:_SHOWN]}). Its period was "
        f"{day(pd.Timestamp(commitment.period_start))} to {day(pd.Timestamp(commitment.period_end))}, both days "
        f"included. The evidence on {counted(len(frames['members']), 'member')} had {n_items} with "
        f"{counted(len(frames['sentences']), 'sentence')}.{of_items}"
    )


def _labels(frames: Frames, codebook: Codebook, about: About) -> str:
    tags, labels = frames["tags"], frames["labels"]
    taggers = ", ".join(dict.fromkeys(tags["tagger"])) or "none"
    kinds = label_kinds(labels, frames["annotations"])
    names = {
        "classifier": "the tagger", "llm": "language models", "analyst": "analysts", "adjudicator": "adjudicators",
        _CORPUS: "the bundled corpus", "": "nobody (no label)",
    }  # fmt: skip
    counts = {name: int((kinds == kind).sum()) for kind, name in names.items()}
    who = ", ".join(f"{n} by {name}" for name, n in counts.items() if n) or "none"
    policy = about.policy or next(iter(labels["policy"]), "unknown")
    return (
        f"Each sentence was labelled with any number of dimensions ({', '.join(codebook.dimension_keys)}) and a "
        f"strength (strong or weak). Labels were proposed by the tagger {taggers}. Of "
        f"{counted(len(tags), 'proposed label')}, {doubtful_text(tags, _was(int(tags['needs_review'].sum())))}. "
        f"{_seen(frames, about)} Under the policy {policy}, the following labels counted (n = {len(labels)}): {who}."
    )


def _seen(frames: Frames, about: About) -> str:
    if about.seen_items:
        return f"The tagger had been trained on restatements of {counted(about.seen_items, 'item')} of this commitment."
    if _was_seen(frames):
        return "The tagger had been trained on restatements of items of this commitment."
    if about.seen_items is None:
        return "It is not known whether the tagger had been trained on items of this commitment."
    return "The tagger had not been trained on items of this commitment."


def _was_seen(frames: Frames) -> bool:
    return "seen_in_training" in set(frames["findings"]["check"])


def _rules(codebook: Codebook) -> str:
    least = counted(codebook.min_strong_items, "strong item")
    readings = "; ".join(f"{each.name} (source: {each.source.strip().rstrip('.')})" for each in codebook.readings)
    n_readings = counted(len(codebook.readings), "reading")
    return (
        "An item was strong in a dimension if one of its sentences was, and weak if one was weak and none was strong. "
        f"A member was strong in a dimension with at least {least}, and weak with fewer but at least one item. Scores "
        f"(-1, 0 or +1) followed from these levels under {n_readings} of the guidelines: {readings}."
    )


def _probabilities(frames: Frames, codebook: Codebook) -> str:
    clear = []
    for reading in codebook.readings:
        rows = frames["scores"][frames["scores"]["reading"] == reading.name]
        scored = rows[rows["suggested_score"].notna()].to_dict("records")
        chances = pd.Series([row[P_COLUMNS[row["suggested_score"]]] for row in scored], dtype="float64").dropna()
        n_clear = int((chances >= CLEAR).sum())
        unknown = f" ({len(rows) - len(chances)} had no such probability)" if len(chances) < len(rows) else ""
        clear.append(f"{n_clear} of {counted(len(chances), 'member')}{unknown} under the reading {reading.name}")
    return (
        f"The probability of each score was estimated with {DRAWS:,} random draws of all labels, with a fixed seed. In "
        "each draw, chance decided which dimensions a sentence had, and whether it was strong. For labels of the "
        "tagger, the chances were the tagger's probabilities; that of a dimension was at most the probability that the "
        "sentence was not excluded, and that its act was done or planned. For labels of language models, they came "
        "from a trial. All other labels were certain. Draws of the same label in sentences of one item were correlated "
        f"(Gaussian copula with correlation {CORRELATION:g}); all others were independent. The suggested score had a "
        f"probability of at least {CLEAR:.0%} for {enumerated(clear)}."
    )


def _published(frames: Frames, codebook: Codebook, about: About) -> str:
    sentences = []
    for reading in codebook.readings:
        agrees = frames["scores"].loc[frames["scores"]["reading"] == reading.name, "agrees"]
        known = agrees.dropna()
        missing = len(agrees) - len(known)
        rest = f"; {counted(missing, 'member')} could not be compared because a score was missing" if missing else ""
        equal = f"equalled the published score for {int(known.sum())} of {counted(len(known), 'member')}"
        sentences.append(f"Under the reading {reading.name}, the suggested score {equal}{rest}.")
    warning = "Because of the training, this agreement is not independent evidence."
    return " ".join([*sentences, *([warning] if about.seen_items or _was_seen(frames) else [])])


def _audit(findings: pd.DataFrame) -> str:
    counts = [f"{(findings['severity'] == severity).sum()} of {severity}" for severity in ("high", "medium", "low")]
    n = counted(len(findings), "finding")
    return f"An audit of the report and the scores gave {n}: {enumerated(counts)} severity."


def _people(frames: Frames, codebook: Codebook) -> str:
    parts = people_agreement(frames["annotations"], frames["sentences"], codebook).parts
    whole = next(iter(parts[parts["part"] == WHOLE].to_dict("records")), None)
    if whole is None:
        return "No analyst labelled a sentence, so agreement between people is unknown."
    if not whole["n"]:
        return "No sentence was labelled by two analysts with an act, so agreement between people is unknown."
    n = f"n = {counted(int(whole['n']), 'sentence')} by {int(whole['n_annotators'])} analysts"
    start = (
        "Agreement between analysts who labelled the same sentences was measured with Krippendorff's alpha. For the "
    )
    if pd.isna(whole["alpha"]):
        return f"{start}whole label it was undefined ({n}): {whole['reason']}."
    if pd.isna(whole["low"]):
        return f"{start}whole label it was {whole['alpha']:.2f} ({n}); its interval was undefined: {whole['reason']}."
    interval = f"95 % bootstrap interval over items {whole['low']:.2f} to {whole['high']:.2f}"
    return f"{start}whole label it was {whole['alpha']:.2f} ({interval}; {n})."


def _unread(frames: Frames, codebook: Codebook) -> Iterator[str]:
    """Return lines on items that are incomplete or do not count, and on members and commitments without evidence."""
    items, members = frames["items"], frames["members"]
    n = counted(len(items), "item")
    outside, cut = items[~in_period(items, codebook)], items[items["status"] == "cut_off"]
    unread = items[items["date"].isna()]
    for rows, what in (
        (outside, "dated outside the period and did not count"),
        (unread, "without a date that could be read; they counted as if in the period"),
        (cut, "cut off in the report"),
    ):
        if len(rows):
            yield f"Of {n}, {len(rows)} {_was(len(rows))} {what}: {first_few(list(rows['item_id']))}."
    idle = [name for name in members["member"] if name not in set(items["member"])]
    if idle:
        yield f"Of {counted(len(members), 'member')}, {len(idle)} had no item: {', '.join(map(one_line, idle))}."
    n_others = int((frames["commitments"]["commitment_id"] != codebook.commitment.id).sum())
    if n_others:
        yield f"{counted(n_others, 'other commitment')} in the reports {_was(n_others)} read but not tagged or scored."


def _unsure(frames: Frames) -> Iterator[str]:
    """Return lines on doubtful tags, and on sentences that the tagger could not judge."""
    tags = frames["tags"]
    doubtful = tags[tags["needs_review"]]
    if len(doubtful):
        kinds = doubtful["sentence_id"].map(label_kinds(frames["labels"], frames["annotations"]))
        n, n_left, n_bundled = len(doubtful), int((~kinds.isin(PEOPLE)).sum()), int((kinds == _CORPUS).sum())
        left = f"no person's label counted for {n_left} of these {n}"
        left += f", but the label of the bundled corpus for {n_bundled}" if n_bundled else ""
        yield f"Of {counted(len(tags), 'tag')}, {doubtful_text(tags, _was(n))}; {left}."
    failed = tags[tags["status"] != "ok"]
    if len(failed):
        ids = first_few(list(failed["sentence_id"]))
        yield f"Of {counted(len(tags), 'sentence')}, the tagger could not judge {len(failed)}: {ids}."


def _disputed(frames: Frames) -> Iterator[str]:
    """Return lines on sentences that people, or a model and the tagger, label differently."""
    disputed = disputed_sentences(frames["annotations"], frames["sentences"])
    yield from disputed_lines(disputed)
    yield from party_lines(party_decisions(frames["annotations"], frames["sentences"]))
    labels = frames["labels"]
    n = int(((labels["status"] == "conflict") & ~labels["sentence_id"].isin(disputed["sentence_id"])).sum())
    if n:
        of_all = counted(len(labels), "sentence")
        yield f"A language model and the tagger disagree on {n} of {of_all}; the tagger's label counts."


def _unlabelled(frames: Frames, about: About) -> Iterator[str]:
    """Return lines on who did not label, and on what the tagger had seen."""
    current = current_annotations(frames["annotations"], frames["sentences"])
    people = current[current["kind"].isin(PEOPLE) & (current["at"] != "")]
    n = counted(len(frames["sentences"]), "sentence")
    if people.empty:
        yield f"No person labelled any of {n}."
    else:
        yield f"People labelled {people['sentence_id'].nunique()} of {n}."
    models = current.loc[current["kind"] == "llm", "sentence_id"].nunique()
    if models:
        n_counted = int((label_kinds(frames["labels"], frames["annotations"]) == "llm").sum())
        yield f"Language models proposed labels of {models} of {n}; {n_counted} counted."
    else:
        yield f"No language model reviewed any of {n}."
    labelled = independent_labels(frames["annotations"], frames["sentences"])["sentence_id"]
    if not labelled.duplicated().any():
        yield "Agreement between people is unknown: no sentence was labelled by two analysts."
    if about.seen_items or _was_seen(frames):
        yield f"{_seen(frames, about)} It makes fewer errors here than on a new report."


def _undecided(frames: Frames, codebook: Codebook, about: About) -> Iterator[str]:
    """Return lines on missing scores and undecided findings."""
    scores = frames["scores"]
    published = scores.drop_duplicates("member")["published_score"]
    if published.isna().any():
        yield f"Of {counted(len(published), 'member')}, {int(published.isna().sum())} had no published score."
    for reading in codebook.readings:
        suggested = scores.loc[scores["reading"] == reading.name, "suggested_score"]
        if suggested.isna().any():
            n, n_all = int(suggested.isna().sum()), counted(len(suggested), "member")
            yield f"Of {n_all}, {n} had no suggested score under the reading {reading.name}."
    n_members, n_open = counted(len(published), "member"), about.undecided_scores
    if n_open:
        yield f"Of {n_members}, {n_open} had scores that did not agree, and nobody had decided on the final score."
    n_findings = len(frames["findings"])
    if about.undecided is None and n_findings:
        yield f"No decision on the {counted(n_findings, 'finding')} was recorded."
    elif about.undecided:
        yield f"Of {counted(n_findings, 'finding')}, {about.undecided} {_was(about.undecided)} not decided."


def _version(about: About) -> str:
    return f"version {about.version}" if about.version else "unknown version"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


def _gap_words(name: str, gaps: pd.DataFrame) -> Iterator[str]:
    pages = gaps[gaps["part"].str.startswith("page ")]
    for gap in gaps.drop(pages.index).to_dict("records"):
        reason = f"not read: {gap['reason']}" if gap["kind"] == "unread" else gap["reason"]
        part = "" if gap["part"] == "document" else f", {gap['part']}"
        yield f"{name}{part}: {reason}"
    for (kind, reason), rows in pages.groupby(["kind", "reason"], sort=False):
        numbers = [part.removeprefix("page ") for part in rows["part"]]
        named = f"page{'s' if len(numbers) > 1 else ''} {first_few(numbers)}"
        yield f"{name}, {named}: {'not read: ' if kind == 'unread' else ''}{reason}."


def _hidden_words(document: Mapping[Any, Any], keep_hidden: bool) -> Iterator[str]:
    text, spans = str(document["text"]), json.loads(str(document["hidden"]))
    for why in dict.fromkeys(why for _, _, why in spans):
        places = [(start, end) for start, end, reason in spans if reason == why]
        if why == ZERO_WIDTH and max(end - start for start, end in places) < _LEAST_HIDDEN:
            continue
        start, end = places[0]
        page = f", page {text.count(chr(12), 0, start) + 1}" if document["pages"] else ""
        shown = " ".join(text[start:end].split())
        shown = repr(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")
        used = "used as evidence" if keep_hidden else "ignored"
        first = f"the first at character {start}{page}: {shown}"
        yield f"{document['name']}: hidden text ({why}) in {counted(len(places), 'place')}, {used}; {first}"

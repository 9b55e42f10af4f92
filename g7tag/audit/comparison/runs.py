"""Compare the frames of two runs."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from g7tag.audit.comparison.findings import compare_findings
from g7tag.audit.comparison.labels import Shared, compare_labels, differently_labelled, shared_keys
from g7tag.audit.comparison.levels import compare_levels
from g7tag.audit.comparison.matching import (
    CHANGED,
    ONLY_FIRST,
    ONLY_SECOND,
    SIMILAR,
    SIMILAR_ON_ANOTHER_DAY,
    TWO_COMMITMENTS,
    Pairs,
    match_runs,
)
from g7tag.audit.comparison.scores import compare_scores, pair_readings
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.scoring import averages
from g7tag.text import counted

RUNS = ("first", "second")
_KINDS = {
    "classifier": "the tagger", "llm": "models", "analyst": "analysts", "adjudicator": "adjudicators",
    "corpus": "the bundled corpus", "nobody": "nobody",
}  # fmt: skip
"""Who gave a label, by kind of annotator. The bundled corpus is not a person."""
_ONLY = {ONLY_FIRST: "first", ONLY_SECOND: "second"}
_FINAL = ["member", "final_score", "basis"]


class Comparison(NamedTuple):
    """Two runs side by side; each frame has all rows, and its column `differs` is "" where the runs are equal.

    Attributes
    ----------
    about
        part, first, second, differs: reports, codebook, tagger, policy, and numbers of labels.
    notes
        note: what can be compared and what cannot, and why; one line each.
    counts
        unit, first, second, matched, only_first, only_second, differ: `matched` and the two others add up.
    scores, levels, labels, findings
        Members by reading, members by dimension, matched sentences, and findings.
    agreement
        Of the labels of sentences with the same text in both runs: as `PeopleAgreement.parts`.
    members
        For each member: numbers of items and sentences, and the share of sentences that are labelled strong.
    averages
        measure, first, second, difference and, if one is NaN, the reason.
    only
        Items, sentences, members, dimensions and readings of one run only, with the reason.
    """

    about: pd.DataFrame
    notes: pd.DataFrame
    counts: pd.DataFrame
    scores: pd.DataFrame
    levels: pd.DataFrame
    labels: pd.DataFrame
    findings: pd.DataFrame
    agreement: pd.DataFrame
    members: pd.DataFrame
    averages: pd.DataFrame
    only: pd.DataFrame


def compare_frames(first: Frames, second: Frames, *, codebooks: tuple[Codebook, Codebook]) -> Comparison:
    """Return two runs side by side."""
    one, other = (_own(run, book) for run, book in zip((first, second), codebooks, strict=True))
    comparable = codebooks[0].commitment.id == codebooks[1].commitment.id
    pairs = match_runs(one, other, comparable=comparable)
    shared = shared_keys(*codebooks)
    found = compare_labels(one, other, pairs.sentences, shared=shared)
    how: dict[str, Any] = {"codebooks": codebooks, "comparable": comparable}
    levels = compare_levels(one, other, pairs, **how)
    scores = compare_scores(one, other, levels, **how)
    findings = compare_findings(one, other, pairs)
    runs = (one, other)
    return Comparison(
        about=_about(runs, codebooks),
        notes=_notes(runs, codebooks, pairs, shared, comparable=comparable),
        counts=_counts(runs, pairs, found.labels, findings, scores),
        scores=scores, levels=levels, labels=found.labels, findings=findings, agreement=found.agreement,
        members=_members(runs),
        averages=_averages(runs, codebooks),
        only=_only(runs, codebooks, pairs, comparable=comparable),
    )  # fmt: skip


def _own(run: Frames, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return the frames of a run with the rows of its commitment; items have the code of their member."""
    own = dict(run)
    for name in ("members", "items", "sentences", "evidence_matrix", "scores"):
        own[name] = run[name][run[name]["commitment_id"] == codebook.commitment.id].reset_index(drop=True)
    own["labels"] = run["labels"][run["labels"]["sentence_id"].isin(own["sentences"]["sentence_id"])]
    own["final"] = run.get("final", pd.DataFrame(columns=_FINAL).astype({"member": "str", "final_score": "Int64"}))
    codes = own["items"]["member"].map(dict(zip(own["members"]["member"], own["members"]["code"], strict=True)))
    own["items"] = own["items"].assign(code=codes.fillna(own["items"]["member"]).astype("str"))
    return own


def _about(runs: Sequence[Frames], codebooks: Sequence[Codebook]) -> pd.DataFrame:
    """Return how each run was made."""
    cells = [_made(run, book) for run, book in zip(runs, codebooks, strict=True)]
    parts = dict.fromkeys([*cells[0], *cells[1]])
    rows = [{"part": part, "first": cells[0].get(part, ""), "second": cells[1].get(part, "")} for part in parts]
    frame = pd.DataFrame(rows, columns=["part", "first", "second"]).astype("str")
    return frame.assign(differs=frame["first"] != frame["second"])


def _made(run: Frames, book: Codebook) -> dict[str, str]:
    documents, labels = run["documents"], run["labels"]
    bundled = (run["annotations"]["kind"] == "adjudicator") & (run["annotations"]["at"] == "")
    by_kind = run["annotations"]["kind"].mask(bundled, "corpus")
    kinds = labels["annotation_id"].map(dict(zip(run["annotations"]["annotation_id"], by_kind, strict=True)))
    by = kinds.fillna("nobody").value_counts(sort=False)
    conflicts = int((labels["status"] == "conflict").sum())
    return {
        "reports": ", ".join(documents["name"]),
        "content": ", ".join(each[:12] for each in documents["sha256"]),
        "commitment": f"{book.commitment.id}, {book.commitment.title}",
        "codebook": f"{book.id}, version {book.version}",
        "codebook content": book.sha256[:12],
        "period": f"{book.commitment.period_start} to {book.commitment.period_end}",
        "strong items for a strong level": str(book.min_strong_items),
        "dimensions": _dimensions(book, book.dimension_keys),
        "readings": ", ".join(reading.name for reading in book.readings),
        "tagger": ", ".join(dict.fromkeys(run["tags"]["tagger"])),
        "labels that count": ", ".join(dict.fromkeys(labels["policy"])),
        "items": str(len(run["items"])),
        "sentences": str(len(run["sentences"])),
        **{f"labels by {name}": str(by.get(kind, 0)) for kind, name in _KINDS.items()},
        "labels in dispute": str(conflicts),
        "findings": str(len(run["findings"])),
    }  # fmt: skip


def _dimensions(book: Codebook, keys: Sequence[str]) -> str:
    return ", ".join(book.labels[key] for key in keys)


def _notes(
    runs: tuple[Frames, Frames], codebooks: tuple[Codebook, Codebook], pairs: Pairs, shared: Shared, *, comparable: bool
) -> pd.DataFrame:
    """Return what can be compared and what cannot, and why."""
    if not comparable:
        ids = " and ".join(book.commitment.id for book in codebooks)
        lines = [
            f"The runs are on two commitments ({ids}). Their sentences are different, so labels cannot be compared; "
            "levels, scores and numbers can."
        ]
    else:
        lines = _report_notes(runs, pairs)
    return pd.DataFrame({"note": [*lines, *_codebook_notes(codebooks, shared, comparable=comparable)]}, dtype="str")


def _report_notes(runs: tuple[Frames, Frames], pairs: Pairs) -> list[str]:
    contents = [set(run["documents"]["sha256"]) for run in runs]
    alone = {run: int((pairs.sentences["match"] == match).sum()) for match, run in _ONLY.items()}
    n_changed = int((pairs.sentences["match"] == CHANGED).sum())
    parts = [f"{counted(n, 'sentence')} only in the {run} run" for run, n in alone.items() if n]
    parts += [f"{counted(n_changed, 'sentence')} with a changed text"] if n_changed else []
    rule = (
        f"Items match if member, day and text are equal; then if they share at least {SIMILAR:.0%} of their words "
        f"({SIMILAR_ON_ANOTHER_DAY:.0%} if the day differs), the most similar first."
    )
    if contents[0] == contents[1]:
        start = "Both runs read the same report."
        return [start] if not parts else [f"{start} Yet there are {', '.join(parts)}. {rule}"]
    start = "The runs read different files."
    return [f"{start} {'There are ' + ', '.join(parts) if parts else 'All sentences are the same'}. {rule}"]


def _codebook_notes(codebooks: tuple[Codebook, Codebook], shared: Shared, *, comparable: bool) -> list[str]:
    if codebooks[0].sha256 == codebooks[1].sha256:
        return ["Both runs have the same codebook."]
    compared = _dimensions(codebooks[0], shared.dimensions) or "none"
    lines = [f"The codebooks differ. Compared dimensions: {compared}."]
    for place, run in enumerate(RUNS):
        only = [key for key in codebooks[place].dimension_keys if key not in shared.dimensions]
        if only:
            labels = "; labels in it are shown but not compared" if comparable else ""
            lines.append(f"Only the {run} codebook has {_dimensions(codebooks[place], only)}{labels}.")
    readings = pair_readings(*codebooks)
    if readings[0].first.name != readings[0].second.name:
        pair = f"{readings[0].first.name} and {readings[0].second.name}"
        lines.append(f"No reading has the same name in both codebooks, so the first of each is compared: {pair}.")
    return lines


def _counts(
    runs: Sequence[Frames], pairs: Pairs, labels: pd.DataFrame, findings: pd.DataFrame, scores: pd.DataFrame
) -> pd.DataFrame:
    """Return how many items, sentences, findings and members match."""
    members = scores.drop_duplicates("code").assign(match=lambda rows: rows["differs"])
    differing = set(scores.loc[scores["differs"] != "", "code"])
    matches = {
        "members": (members["match"], len(differing - set(members.loc[members["match"].isin(_ONLY), "code"]))),
        "items": (pairs.items["match"], int((pairs.items["match"] == CHANGED).sum())),
        "sentences": (pairs.sentences["match"], int(differently_labelled(labels).sum())),
        "findings": (findings["differs"], int((~findings["differs"].isin(["", *_ONLY])).sum())),
    }
    rows = []
    for unit, (match, n_differ) in matches.items():
        alone = [int((match == each).sum()) for each in _ONLY]
        n = [len(run[unit]) for run in runs]
        rows.append((unit, *n, n[0] - alone[0], *alone, n_differ))
    return pd.DataFrame(rows, columns=["unit", "first", "second", "matched", "only_first", "only_second", "differ"])


def _members(runs: Sequence[Frames]) -> pd.DataFrame:
    """Return the numbers of items and sentences of each member, and the share of sentences that are strong."""
    sides = []
    for run, name in zip(runs, RUNS, strict=True):
        labelled = run["sentences"].merge(run["labels"][["sentence_id", "strength"]], on="sentence_id", how="left")
        members = run["members"].set_index("member")
        strong = labelled["strength"].eq("strong").fillna(value=False).groupby(labelled["member"]).mean()
        table = pd.DataFrame(
            {
                "code": members["code"],
                f"{name}_items": run["items"].groupby("member").size().reindex(members.index, fill_value=0),
                f"{name}_sentences": labelled.groupby("member").size().reindex(members.index, fill_value=0),
                f"{name}_strong": strong.reindex(members.index),
            }
        )
        sides.append(table.reset_index(names="member"))
    both = sides[0].merge(sides[1], on="code", how="outer", suffixes=("", "_second"), sort=False)
    order = dict.fromkeys([*sides[0]["code"], *sides[1]["code"]])
    both = both.set_index("code").reindex(list(order)).reset_index()
    both["member"] = both["member"].fillna(both["member_second"]).astype("str")
    columns = [f"{run}_{name}" for name in ("items", "sentences", "strong") for run in RUNS]
    whole = {name: "Int64" for name in columns if not name.endswith("strong")}
    return both[["code", "member", *columns]].astype(whole | {f"{run}_strong": "float64" for run in RUNS})


def _averages(runs: Sequence[Frames], codebooks: tuple[Codebook, Codebook]) -> pd.DataFrame:
    """Return numbers of the whole commitment in two runs."""
    sides = [_measures(run) for run in runs]
    rows = [(name, sides[0][name], sides[1][name], "") for name in _COMMON]
    means = [averages(run["scores"]).set_index("scores")["mean"] for run in runs]
    names = [("published", "published", "published average")]
    names += [
        (
            pair.first.name,
            pair.second.name,
            f"suggested average, {' and '.join(dict.fromkeys([pair.first.name, pair.second.name]))}",
        )
        for pair in pair_readings(*codebooks)
    ]
    for one, other, measure in names:
        values = [float(mean.get(name, math.nan)) for mean, name in zip(means, (one, other), strict=True)]
        rows.append((measure, values[0], values[1], "a member has no score"))
    frame = pd.DataFrame(rows, columns=["measure", "first", "second", "reason"]).astype(
        {"first": "float64", "second": "float64"}
    )
    difference = frame["second"] - frame["first"]
    reason = frame["reason"].where(difference.isna(), "")
    reason = reason.mask(difference.isna() & (frame["reason"] == ""), "there is no sentence").astype("str")
    return frame.assign(difference=difference, reason=reason)[["measure", "first", "second", "difference", "reason"]]


_COMMON = ("items", "sentences", "sentences with a dimension", "sentences labelled strong", "share strong")
"""Numbers of a run; the last one is of all sentences."""


def _measures(run: Frames) -> dict[str, float]:
    labels, n = run["labels"], len(run["sentences"])
    strong = int((labels["strength"] == "strong").sum())
    counts = (len(run["items"]), n, int((labels["dimensions"] != "").sum()), strong)
    return dict(zip(_COMMON, (*map(float, counts), strong / n if n else math.nan), strict=True))


def _only(
    runs: tuple[Frames, Frames], codebooks: tuple[Codebook, Codebook], pairs: Pairs, *, comparable: bool
) -> pd.DataFrame:
    """Return what only one run has, with the reason."""
    rows: list[tuple[str, str, str, str, str, str]] = []
    for place, run in enumerate(RUNS):
        other = RUNS[1 - place]
        parts = {
            "dimension": [book.dimension_keys for book in codebooks],
            "reading": [[reading.name for reading in book.readings] for book in codebooks],
            "member": [each["members"]["member"].tolist() for each in runs],
        }
        compared = {getattr(pair, run).name for pair in pair_readings(*codebooks)}
        codes = [dict(zip(each["members"]["member"], each["members"]["code"], strict=True)) for each in runs]
        for kind, names in parts.items():
            for name in names[place]:
                if kind == "member" and codes[place][name] in codes[1 - place].values():
                    continue
                if name not in names[1 - place] and not (kind == "reading" and name in compared):
                    reason = f"not in the {other} {'run' if kind == 'member' else 'codebook'}"
                    rows.append((kind, run, name, "", "", reason))
        rows += _only_texts(runs[place], pairs, run, comparable=comparable)
    return pd.DataFrame(rows, columns=["unit", "run", "id", "member", "text", "reason"]).astype("str")


def _only_texts(run: Frames, pairs: Pairs, name: str, *, comparable: bool) -> list[tuple[str, str, str, str, str, str]]:
    """Return the items and sentences of a run that match nothing in the other run."""
    match, key = f"only {name}", f"{name}_id"
    alone = [set(frame.loc[frame["match"] == match, key]) for frame in pairs]
    items = run["items"][run["items"]["item_id"].isin(alone[0])]
    sentences = run["sentences"][run["sentences"]["sentence_id"].isin(alone[1])]
    why = TWO_COMMITMENTS if not comparable else "no item of the member has the same or a similar text"
    rows = [("item", name, row["item_id"], row["member"], row["text"], why) for row in items.to_dict("records")]
    for row in sentences.to_dict("records"):
        part = (
            "its item is in this run only"
            if row["item_id"] in alone[0]
            else "its item has no similar sentence in the other run"
        )
        reason = part if comparable else TWO_COMMITMENTS
        rows.append(("sentence", name, row["sentence_id"], row["member"], row["text"], reason))
    return rows

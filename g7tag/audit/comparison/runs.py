"""Compare the frames of two runs."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from g7tag.audit.comparison.labels import compare_labels, differently_labelled
from g7tag.audit.comparison.matching import (
    CHANGED,
    ONLY_FIRST,
    ONLY_SECOND,
    RUNS,
    SIMILAR,
    SIMILAR_ON_ANOTHER_DAY,
    TWO_COMMITMENTS,
    Pairs,
    compare_findings,
    match_runs,
)
from g7tag.audit.comparison.scores import compare_levels, compare_scores, member_names, pair_readings
from g7tag.codebook import Codebook
from g7tag.frames import Frames
from g7tag.scoring import averages
from g7tag.text import counted

Codebooks = tuple[Codebook, Codebook]
_KINDS = {
    "classifier": "the tagger", "llm": "models", "analyst": "analysts", "adjudicator": "adjudicators",
    "corpus": "the bundled corpus", "nobody": "nobody",
}  # fmt: skip
"""Who gave a label, by kind of annotator. The bundled corpus is not a person."""
_ONLY = {ONLY_FIRST: "first", ONLY_SECOND: "second"}
_MEASURES = ("items", "sentences", "sentences with a dimension", "sentences labelled strong", "share strong")
"""Numbers of a run; the last one is of all sentences."""


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


def compare_frames(first: Frames, second: Frames, *, codebooks: Codebooks) -> Comparison:
    """Return two runs side by side."""
    runs = _own(first, codebooks[0]), _own(second, codebooks[1])
    comparable = codebooks[0].commitment.id == codebooks[1].commitment.id
    pairs = match_runs(*runs, comparable=comparable)
    labels, agreement = compare_labels(*runs, pairs.sentences, codebooks=codebooks)
    levels = compare_levels(runs, pairs, codebooks=codebooks, comparable=comparable)
    scores = compare_scores(runs, levels, codebooks=codebooks, comparable=comparable)
    findings = compare_findings(*runs, pairs)
    lines = [*_report_notes(runs, pairs, codebooks), *_codebook_notes(codebooks, comparable=comparable)]
    return Comparison(
        about=_about(runs, codebooks),
        notes=pd.DataFrame({"note": lines}, dtype="str"),
        counts=_counts(runs, pairs, labels, findings, scores),
        scores=scores, levels=levels, labels=labels, findings=findings, agreement=agreement,
        members=_members(runs),
        averages=_averages(runs, codebooks),
        only=_only(runs, codebooks, pairs, comparable=comparable),
    )  # fmt: skip


def _own(run: Frames, codebook: Codebook) -> dict[str, pd.DataFrame]:
    """The frames of a run with the rows of its commitment; items have the code of their member."""
    own = dict(run)
    for name in ("members", "items", "sentences", "evidence_matrix", "scores"):
        own[name] = run[name][run[name]["commitment_id"] == codebook.commitment.id].reset_index(drop=True)
    own["labels"] = run["labels"][run["labels"]["sentence_id"].isin(own["sentences"]["sentence_id"])]
    nobody = pd.DataFrame(columns=["member", "final_score", "basis"]).astype({"member": "str", "final_score": "Int64"})
    own["final"] = run.get("final", nobody)
    codes = own["items"]["member"].map(own["members"].set_index("member")["code"])
    own["items"] = own["items"].assign(code=codes.fillna(own["items"]["member"]).astype("str"))
    return own


def _about(runs: Sequence[Frames], codebooks: Codebooks) -> pd.DataFrame:
    """How each run was made."""
    cells = dict(zip(RUNS, map(_made, runs, codebooks), strict=True))
    frame = pd.DataFrame(cells, dtype="str").rename_axis("part").reset_index()
    return frame.assign(differs=frame["first"] != frame["second"])


def _made(run: Frames, book: Codebook) -> dict[str, str]:
    documents, labels, annotations = run["documents"], run["labels"], run["annotations"]
    bundled = (annotations["kind"] == "adjudicator") & (annotations["at"] == "")
    by_kind = annotations["kind"].mask(bundled, "corpus")
    kinds = labels["annotation_id"].map(dict(zip(annotations["annotation_id"], by_kind, strict=True)))
    by = kinds.fillna("nobody").value_counts(sort=False)
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
        "labels in dispute": str((labels["status"] == "conflict").sum()),
        "findings": str(len(run["findings"])),
    }


def _dimensions(book: Codebook, keys: Sequence[str]) -> str:
    return ", ".join(book.labels[key] for key in keys)


def _report_notes(runs: tuple[Frames, Frames], pairs: Pairs, codebooks: Codebooks) -> list[str]:
    """What texts can be compared, and why the others cannot."""
    ids = [book.commitment.id for book in codebooks]
    if ids[0] != ids[1]:
        return [
            f"The runs are on two commitments ({ids[0]} and {ids[1]}). Their sentences are different, so labels cannot "
            "be compared; levels, scores and numbers can."
        ]
    same = set(runs[0]["documents"]["sha256"]) == set(runs[1]["documents"]["sha256"])
    start = "Both runs read the same report." if same else "The runs read different files."
    numbers = pairs.sentences["match"].value_counts()
    parts = [
        f"{counted(numbers[match], 'sentence')} {text}"
        for match, text in (
            (ONLY_FIRST, "only in the first run"), (ONLY_SECOND, "only in the second run"),
            (CHANGED, "with a changed text"),
        )
        if match in numbers
    ]  # fmt: skip
    if same and not parts:
        return [start]
    rule = (
        f"Items match if member, day and text are equal; then if they share at least {SIMILAR:.0%} of their words "
        f"({SIMILAR_ON_ANOTHER_DAY:.0%} if the day differs), the most similar first."
    )
    there = f"{'Yet there' if same else 'There'} are {', '.join(parts)}" if parts else "All sentences are the same"
    return [f"{start} {there}. {rule}"]


def _codebook_notes(codebooks: Codebooks, *, comparable: bool) -> list[str]:
    """Which dimensions and readings are compared."""
    if codebooks[0].sha256 == codebooks[1].sha256:
        return ["Both runs have the same codebook."]
    shared = [key for key in codebooks[0].dimension_keys if key in codebooks[1].dimension_keys]
    compared = _dimensions(codebooks[0], shared) or "none"
    lines = [f"The codebooks differ. Compared dimensions: {compared}."]
    for run, book in zip(RUNS, codebooks, strict=True):
        only = [key for key in book.dimension_keys if key not in shared]
        if only:
            labels = "; labels in it are shown but not compared" if comparable else ""
            lines.append(f"Only the {run} codebook has {_dimensions(book, only)}{labels}.")
    first, second = (reading.name for reading in pair_readings(*codebooks)[0])
    if first != second:
        pair = f"{first} and {second}"
        lines.append(f"No reading has the same name in both codebooks, so the first of each is compared: {pair}.")
    return lines


def _counts(
    runs: Sequence[Frames], pairs: Pairs, labels: pd.DataFrame, findings: pd.DataFrame, scores: pd.DataFrame
) -> pd.DataFrame:
    """How many items, sentences, findings and members match."""
    members = scores.drop_duplicates("code")["differs"]
    both = scores[~scores["differs"].isin(_ONLY)]
    matches = {
        "members": (members, both.loc[both["differs"] != "", "code"].nunique()),
        "items": (pairs.items["match"], (pairs.items["match"] == CHANGED).sum()),
        "sentences": (pairs.sentences["match"], differently_labelled(labels).sum()),
        "findings": (findings["differs"], (~findings["differs"].isin(["", *_ONLY])).sum()),
    }
    rows = []
    for unit, (match, n_differ) in matches.items():
        alone = [int((match == each).sum()) for each in _ONLY]
        n = [len(run[unit]) for run in runs]
        rows.append((unit, *n, n[0] - alone[0], *alone, int(n_differ)))
    return pd.DataFrame(rows, columns=["unit", "first", "second", "matched", "only_first", "only_second", "differ"])


def _members(runs: Sequence[Frames]) -> pd.DataFrame:
    """The numbers of items and sentences of each member, and the share of sentences that are strong."""
    names = member_names(runs)
    table = pd.DataFrame({"code": list(names), "member": list(names.values())})
    for run, name in zip(runs, RUNS, strict=True):
        labelled = run["sentences"].merge(run["labels"][["sentence_id", "strength"]], on="sentence_id", how="left")
        strong = labelled["strength"].eq("strong").fillna(value=False)
        its = (
            run["members"]
            .set_index("member")[["code"]]
            .assign(items=run["items"].groupby("member").size(), sentences=labelled.groupby("member").size())
        )
        its = its.fillna({"items": 0, "sentences": 0}).assign(strong=strong.groupby(labelled["member"]).mean())
        table = table.join(its.set_index("code").add_prefix(f"{name}_"), on="code")
    columns = [f"{run}_{name}" for name in ("items", "sentences", "strong") for run in RUNS]
    types = {name: "float64" if name.endswith("strong") else "Int64" for name in columns}
    return table[["code", "member", *columns]].astype(types)


def _averages(runs: Sequence[Frames], codebooks: Codebooks) -> pd.DataFrame:
    """Numbers of the whole commitment in two runs."""
    readings = [[each.name for each in pair] for pair in pair_readings(*codebooks)]
    measures = [f"suggested average, {' and '.join(dict.fromkeys(names))}" for names in readings]
    columns = {}
    for place, (run, name) in enumerate(zip(runs, RUNS, strict=True)):
        labels, n = run["labels"], len(run["sentences"])
        strong = (labels["strength"] == "strong").sum()
        mean = averages(run["scores"]).set_index("scores")["mean"]
        means = [mean.get(each, math.nan) for each in ("published", *(names[place] for names in readings))]
        counts = [len(run["items"]), n, (labels["dimensions"] != "").sum(), strong, strong / n if n else math.nan]
        columns[name] = pd.Series([*counts, *means], dtype="float64")
    frame = pd.DataFrame({"measure": [*_MEASURES, "published average", *measures], **columns})
    difference = frame["second"] - frame["first"]
    why = np.where(frame["measure"].isin(_MEASURES), "there is no sentence", "a member has no score")
    reason = pd.Series(np.where(difference.isna(), why, ""), dtype="str")
    return frame.astype({"measure": "str"}).assign(difference=difference, reason=reason)


def _only(runs: tuple[Frames, Frames], codebooks: Codebooks, pairs: Pairs, *, comparable: bool) -> pd.DataFrame:
    """What only one run has, with the reason."""
    dimensions = [book.dimension_keys for book in codebooks]
    readings = [[reading.name for reading in book.readings] for book in codebooks]
    members = [dict(zip(run["members"]["code"], run["members"]["member"], strict=True)) for run in runs]
    rows: list[tuple[str, str, str, str, str, str]] = []
    for place, run in enumerate(RUNS):
        compared = {pair[place].name for pair in pair_readings(*codebooks)} | {*readings[1 - place]}
        parts = {
            "dimension": [key for key in dimensions[place] if key not in dimensions[1 - place]],
            "reading": [name for name in readings[place] if name not in compared],
            "member": [
                name
                for code, name in members[place].items()
                if code not in members[1 - place] and name not in members[1 - place].values()
            ],
        }
        for unit, names in parts.items():
            reason = f"not in the {RUNS[1 - place]} {'run' if unit == 'member' else 'codebook'}"
            rows += [(unit, run, name, "", "", reason) for name in names]
        alone = [set(frame.loc[frame["match"] == f"only {run}", f"{run}_id"]) for frame in pairs]
        items, sentences = (runs[place][name] for name in ("items", "sentences"))
        for row in items[items["item_id"].isin(alone[0])].to_dict("records"):
            why = "no item of the member has the same or a similar text" if comparable else TWO_COMMITMENTS
            rows.append(("item", run, row["item_id"], row["member"], row["text"], why))
        for row in sentences[sentences["sentence_id"].isin(alone[1])].to_dict("records"):
            why = "its item has no similar sentence in the other run"
            if row["item_id"] in alone[0]:
                why = "its item is in this run only" if comparable else TWO_COMMITMENTS
            rows.append(("sentence", run, row["sentence_id"], row["member"], row["text"], why))
    return pd.DataFrame(rows, columns=["unit", "run", "id", "member", "text", "reason"]).astype("str")

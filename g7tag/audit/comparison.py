"""Compare two runs of one commitment and codebook: scores, levels, labels and findings that differ, and why."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from g7tag.audit.findings import named
from g7tag.codebook import Codebook
from g7tag.frames import Frames, label_words
from g7tag.labels import agreement_by_part, label_authors, label_kinds
from g7tag.scoring import item_levels, label_facts, suggested_chances
from g7tag.text import counted

Runs = tuple[Frames, Frames]
ONLY_FIRST, ONLY_SECOND = "only first", "only second"
UNLABELLED = "unlabelled"
_ELSEWHERE = " (second run)"
"""Ends the id of a text of the second run if another text of the first run has this id."""
_ABSENT = "not in the run"
IDS = re.compile(r"(?:\d{4}-\d{2,}/)?[A-Z]{3}-\d{2,}(?:\.\d+)?(?!\w)")
"""An item or a sentence, with or without its commitment."""
_SAME = ["member", "date", "text", "place"]
_PARTS = ["dimensions", "strength", "act", "exclusion", "contradicts"]
_CELL = ["member", "dimension"]


class Comparison(NamedTuple):
    """Two runs side by side: all rows of both. `differs` names what differs, or the only run that has the row.

    Attributes
    ----------
    about
        part, first, second, differs: reports, tagger, policy, and numbers of items, labels and findings.
    scores
        Each member under each reading, and why the levels differ.
    levels
        Each member in each dimension, the items that count differently, and why.
    labels
        All sentences.
    findings
        All findings.
    agreement
        Of the labels of sentences in both runs: as `PeopleAgreement.parts`.
    """

    about: pd.DataFrame
    scores: pd.DataFrame
    levels: pd.DataFrame
    labels: pd.DataFrame
    findings: pd.DataFrame
    agreement: pd.DataFrame


def compare_frames(first: Frames, second: Frames, codebook: Codebook) -> Comparison:
    """Return two runs side by side, with the ids of the first for items and sentences with the same text."""
    own = _own(first, codebook)
    runs = own, _renamed(_own(second, codebook), own)
    labels, agreement = _labels(runs, codebook)
    levels = _levels(runs, codebook)
    about = pd.DataFrame({"first": _made(first), "second": _made(second)}, dtype="str").rename_axis("part")
    findings = [run["findings"] for run in runs]
    return Comparison(
        about=about.assign(differs=about["first"] != about["second"]).reset_index(),
        scores=_scores(runs, levels, codebook),
        levels=levels,
        labels=labels,
        findings=_paired(findings, ["finding_id"], ["severity", "message"], ["check", "member", "subject"]),
        agreement=agreement,
    )


def _own(run: Frames, codebook: Codebook) -> Frames:
    """The frames of a run with the rows of the commitment."""
    own = dict(run)
    for name in ("items", "sentences", "evidence_matrix", "scores", "final"):
        own[name] = run[name][run[name]["commitment_id"] == codebook.commitment.id]
    return own | {"labels": run["labels"][run["labels"]["sentence_id"].isin(own["sentences"]["sentence_id"])]}


def _renamed(run: Frames, first: Frames) -> Frames:
    """The second run with the ids of the first for items and sentences of the same member, date and text."""
    ids: dict[str, str] = {}
    for key in ("item_id", "sentence_id"):
        known = _texts(first, key)
        found = _texts(run, key).merge(known, on=_SAME, how="left", suffixes=("", "_first"))
        taken = found[key].isin(known[key])
        own = found[key].where(~taken, found[key] + _ELSEWHERE)
        ids |= dict(zip(found[key], found[f"{key}_first"].fillna(own), strict=True))
    ids |= {each.rpartition("/")[2]: new.rpartition("/")[2] for each, new in ids.items()}

    def renamed(text: str) -> str:
        return IDS.sub(lambda found: ids.get(found[0], found[0]), text)

    columns = ("item_id", "sentence_id", "finding_id", "subject", "message")
    names = ("items", "sentences", "labels", "annotations", "findings")
    return dict(run) | {
        name: run[name].assign(**{column: run[name][column].map(renamed) for column in columns if column in run[name]})
        for name in names
    }


def _texts(run: Frames, key: str) -> pd.DataFrame:
    """Member, date and text of each item or sentence; `place` numbers those in which all three are equal."""
    dated = run["items"][["item_id", "date"]]
    rows = run["items"] if key == "item_id" else run["sentences"].merge(dated, on="item_id", how="left")
    rows = rows[[key, "member", "date"]].assign(text=rows["text"].str.split().str.join(" "))
    return rows.assign(place=rows.groupby(_SAME[:3], dropna=False).cumcount())


def _paired(
    sides: Sequence[pd.DataFrame], key: list[str], values: list[str], shared: Sequence[str] = (),
    compared: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row for each key of either run, those of the first run in their order, with the values of both runs.

    `differs` names the compared values that are not equal, or says which run has the row.
    """
    one, other = (side.set_index(key) for side in sides)
    keys = one.index.append(other.index[~other.index.isin(one.index)])
    alone = {ONLY_FIRST: ~keys.isin(other.index), ONLY_SECOND: ~keys.isin(one.index)}
    one, other = one.reindex(keys), other.reindex(keys)
    unequal = {
        name: (one[name] != other[name]).fillna(value=True) & ~(one[name].isna() & other[name].isna())
        for name in compared or values
    }
    flags = pd.DataFrame(unequal).astype("bool")
    parts = [";".join(flags.columns[row]) for row in flags.to_numpy()]
    own = [side[values].add_prefix(f"{run}_") for run, side in (("first", one), ("second", other))]
    table = pd.concat([one[list(shared)].fillna(other[list(shared)]), *own], axis=1)
    table = table.assign(differs=pd.Series(np.select(list(alone.values()), list(alone), parts), keys, dtype="str"))
    texts = [name for name in table.columns if pd.api.types.is_string_dtype(table[name].dtype)]
    return table.fillna(dict.fromkeys(texts, "")).reset_index()


def _labels(runs: Runs, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The labels of all sentences, and the agreement of the two labels of sentences that both runs labelled."""
    sides = [_labelled(run, codebook) for run in runs]
    acts = [dict(zip(side["sentence_id"], side["act"], strict=True)) for side in sides]
    moved = {key for key, act in acts[0].items() if act and acts[1].get(key) and act != acts[1][key]}
    known = [  # an unknown act is no difference
        side.assign(
            act=side["act"].mask(side["act"] == "", side["sentence_id"].map(other)),
            label=side["label"] + (", " + side["act"].str.replace("_", " ")).where(side["sentence_id"].isin(moved), ""),
        )
        for side, other in zip(sides, reversed(acts), strict=True)
    ]
    paired = _paired(known, ["sentence_id"], ["label", "by", "status"], ["item_id", "member", "text"], _PARTS)
    both = set.intersection(*(set(side.loc[side["status"] != UNLABELLED, "sentence_id"]) for side in sides))
    rows = [
        side[side["sentence_id"].isin(both)].assign(annotator=name)
        for name, side in zip(("first", "second"), sides, strict=True)
    ]
    agreement = agreement_by_part(
        pd.concat(rows, ignore_index=True), runs[0]["sentences"].set_index("sentence_id")["item_id"],
        dimensions=codebook.dimension_keys, exclusions=codebook.exclusion_keys,
    )  # fmt: skip
    return paired, agreement


def _labelled(run: Frames, codebook: Codebook) -> pd.DataFrame:
    """The label of each sentence, in parts and in words, with who gave it."""
    annotations = run["annotations"]
    kinds = annotations["kind"].map({"classifier": "tagger ", "llm": "model "}).fillna("")
    authors = label_authors(run["labels"], annotations.assign(annotator=kinds + annotations["annotator"]))
    acts = dict(zip(annotations["annotation_id"], annotations["act"], strict=True))
    rows = run["sentences"][["sentence_id", "item_id", "member", "text"]]
    rows = rows.merge(run["labels"], on="sentence_id", how="left", validate="one_to_one")
    rows = rows.assign(
        **{name: rows[name].fillna("").astype("str") for name in ("dimensions", "exclusion")},
        **{name: rows[name].fillna(UNLABELLED) for name in ("strength", "status")},
        contradicts=rows["contradicts"].eq(True), act=rows["annotation_id"].map(acts).fillna("").astype("str"),
        by=rows["sentence_id"].map(authors).fillna("").astype("str"),
    )  # fmt: skip
    names = codebook.labels
    worded = rows.drop(columns="act").assign(
        dimensions=rows["dimensions"].map(lambda keys: ", ".join(names.get(key, key) for key in keys.split(";"))),
        exclusion=rows["exclusion"].map(lambda key: names.get(key, key)),
    )
    return rows.assign(label=label_words(worded))


def _levels(runs: Runs, codebook: Codebook) -> pd.DataFrame:
    """The level of each member in each dimension, and the items and sentences that count differently."""
    matrices = [run["evidence_matrix"].rename(columns={"n_strong": "strong", "n_weak": "weak"}) for run in runs]
    matrices = [matrix.astype({"strong": "Int64", "weak": "Int64"}) for matrix in matrices]
    table = _paired(matrices, _CELL, ["level", "strong", "weak"])
    reasons = _reasons(runs, codebook)
    found = [reasons.get(cell, ("", "")) for cell in zip(table["member"], table["dimension"], strict=True)]
    return table.assign(
        changes=pd.Series([changes for changes, _ in found], dtype="str"),
        why=pd.Series([why for _, why in found], dtype="str").where(table["differs"] != "", ""),
    )


def _reasons(runs: Runs, codebook: Codebook) -> dict[tuple[str, str], tuple[str, str]]:
    """The items that count differently for a member in a dimension, with how they count, and why they do."""
    counts = []
    for run in runs:
        levels = item_levels(run["labels"], sentences=run["sentences"], items=run["items"], codebook=codebook)
        state = levels["strong"].map({True: "strong", False: "weak"}).astype("str")
        counts.append(levels.assign(state=state)[levels["in_period"]])
    items = _paired(counts, ["item_id", *_CELL], ["state"])
    ids = [set(run["items"]["item_id"]) for run in runs]
    for known, name in zip(ids, ("first_state", "second_state"), strict=True):
        missing = items["item_id"].isin(known).map({True: "none", False: _ABSENT})
        items = items.assign(**{name: items[name].mask(items[name] == "", missing)})
    facts = [label_facts(run["labels"], run["sentences"]) for run in runs]
    sentences = _paired(facts, ["sentence_id", "item_id", "dimension"], ["strength"])
    sentences = sentences[(sentences["differs"] != "") & sentences["item_id"].isin(ids[0] & ids[1])]
    reasons = {}
    for (member, dimension), group in items[items["differs"] != ""].groupby(_CELL, sort=False):
        causes = []
        for side, other in (("first", "second"), ("second", "first")):
            alone = group.loc[group[f"{other}_state"] == _ABSENT, "item_id"]
            if len(alone):
                causes.append(f"{counted(len(alone), 'item')} only in the {side} run: {named(alone)}")
        moved = sentences["item_id"].isin(group["item_id"]) & (sentences["dimension"] == dimension)
        if moved.any():
            labelled = sentences.loc[moved, "sentence_id"]
            causes.append(f"{counted(len(labelled), 'sentence')} labelled differently: {named(labelled)}")
        rows = group[["item_id", "first_state", "second_state"]].astype("str").to_numpy().tolist()
        changes = [f"{named([item])}: {first} / {second}" for item, first, second in rows]
        reasons[str(member), str(dimension)] = "; ".join(changes), "; ".join(causes)
    return reasons


def _scores(runs: Runs, levels: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The scores of each member under each reading, and the levels that differ."""
    names = {"suggested_score": "suggested", "published_score": "published", "final_score": "final"}
    sides = []
    for run in runs:
        final = run["final"][["member", "final_score", "basis"]]
        rows = run["scores"].assign(chance=suggested_chances(run["scores"]))
        sides.append(rows.merge(final, on="member", how="left", validate="many_to_one").rename(columns=names))
    values = [*names.values(), "chance", "basis"]
    scores = _paired(sides, ["member", "reading"], values, compared=[*names.values()])
    different = levels[(levels["first_level"] != levels["second_level"]) & ~levels["differs"].str.startswith("only")]
    whys: dict[str, list[str]] = {}
    for row in different.to_dict("records"):
        levels_text = f"{row['first_level']} in the first run and {row['second_level']} in the second"
        text = f"{codebook.labels[row['dimension']]} is {levels_text} ({row['why']})"
        whys.setdefault(row["member"], []).append(text)
    return scores.assign(why=scores["member"].map(lambda member: "; ".join(whys.get(member, []))).astype("str"))


def _made(run: Frames) -> dict[str, str]:
    """How a run was made."""
    documents, labels, kinds = run["documents"], run["labels"], label_kinds(run["labels"], run["annotations"])
    by = {
        "the tagger": "classifier", "models": "llm", "analysts": "analyst", "adjudicators": "adjudicator",
        "the bundled corpus": "corpus", "nobody": "",
    }  # fmt: skip
    return {
        "reports": ", ".join(documents["name"]),
        "content": ", ".join(each[:12] for each in documents["sha256"]),
        "tagger": ", ".join(dict.fromkeys(run["tags"]["tagger"])),
        "labels that count": ", ".join(dict.fromkeys(labels["policy"])),
        **{f"labels by {name}": str((kinds == kind).sum()) for name, kind in by.items()},
        "labels in dispute": str((labels["status"] == "conflict").sum()),
        "items": str(len(run["items"])),
        "sentences": str(len(run["sentences"])),
        "findings": str(len(run["findings"])),
    }

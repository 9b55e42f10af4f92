"""Evaluate taggers on members and files left out of training, list their errors, and read stored evaluations."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.corpus.reading import LABEL, PARTS, without_members
from g7tag.errors import Announce, FrameError, InputError
from g7tag.evaluation import measures
from g7tag.evaluation.peers import tag_by_peers
from g7tag.frames.labels import in_order, label_words
from g7tag.store import data_path
from g7tag.tagger.encoder import open_encoder
from g7tag.tagger.explain import describe_tags, explain_tags
from g7tag.tagger.model import Tagger
from g7tag.tagger.predict import tag_sentences
from g7tag.tagger.training import train_tagger
from g7tag.text import listed

ALL_FILES = "all files"
SCHEMES = ("member left out", "file left out", "test part")
G7TAG, FAST = "g7tag", "g7tag fast"
"""The tagger, and its fast one, in the table that compares taggers."""
BY_FAST = ", fast tagger"
"""Follows the scheme in the other tables, for the fast tagger."""
TAGGER_MEASURES = {
    "labels": measures.by_label,
    "acts": measures.by_act,
    "confusion": measures.confusion,
    "calibration": measures.calibration,
    "reliability": measures.reliability,
    "routing": measures.routing,
}
_CURVE = ["tagger", "tested_on", "n_train", "n_tested", "n_items", "f1", "f1_low", "f1_high"]


class Evaluation(NamedTuple):
    """Result of `evaluate_tagger`. Each frame has the columns scheme (what was left out) and tested_on (a file)."""

    labels: pd.DataFrame
    taggers: pd.DataFrame
    acts: pd.DataFrame
    confusion: pd.DataFrame
    calibration: pd.DataFrame
    reliability: pd.DataFrame
    routing: pd.DataFrame


def evaluate_tagger(
    corpus: pd.DataFrame,
    codebook: Codebook,
    announce: Announce = lambda _: None,
    *,
    test_part: bool = False,
    shipped: Tagger | None = None,
) -> Evaluation:
    """Evaluate a tagger on each member left out of training, then on each file left out.

    Rows that share a cluster with a left-out row are also left out of training, and so is the test part. The encoder
    is not trained here. The one that comes with g7tag was tuned on the train parts of the labelled files of 2024 Apulia
    commitment 19: for these files, members and files are left out of the heads only.

    Parameters
    ----------
    corpus
        Labelled sentences with file, member, cluster and part, as returned by `read_corpus`.
    codebook
        Defines the labels.
    announce
        Called with the name of each step when it starts.
    test_part
        Also tag the test part, with a tagger trained on the other parts. The test part is reserved for the figures of
        a release; do not use it to choose between taggers.
    shipped
        A tagger that was trained without the test part, with its fast tagger. They tag the test part as they are.

    Returns
    -------
    Evaluation
        Results of the fast tagger have ", fast tagger" after the scheme; there are none if it could not be trained.

        - labels: the rows of `label_quality` for dimensions, strengths, exclusions and acts.
        - taggers: for this tagger, the fast one and simple ones (`class prior`, `words alone` and `encoder vectors`) on
          the same sentences, the macro-F1 and mean Brier score over the dimensions, and the shares of sentences with
          the right strength (strong, weak, none), the right dimensions, both (label), and the right act too (whole).
        - acts: how sentences of each kind of statement are tagged (see `measures.by_act`).
        - confusion: true and tagged labels (see `measures.confusion`).
        - calibration: Brier score, calibration error and its bound for each probability. The probability of strong is
          measured on sentences with a dimension; `p_right` is the probability of a right tag.
        - reliability: the same probabilities in bins, with the observed frequency of each bin.
        - routing: macro-F1 after people correct the most doubtful share of the sentences, or a random share.

        Every rate has its 95 % interval over items, except the calibration error, which is compared with its bound.

    Raises
    ------
    FrameError
        The rows have no members, or there is no test part to tag.
    """
    rows = require_parts(corpus).reset_index(drop=True)
    if test_part and not (rows["part"] == "test").any():
        msg = "corpus: no sentence of part 'test'. Expected a column 'part' with some."
        raise FrameError(msg)
    folds = list(_folds(rows, test_part=test_part))
    announce(f"reading {len(rows)} sentences")
    vectors = open_encoder().vectors(rows)
    tags: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for scheme, left_out, train, test in folds:
        announce(f"{scheme}: {left_out}")
        as_it_is = shipped if scheme == SCHEMES[2] else None
        tagger = as_it_is or train_tagger(train, codebook)
        found = {
            name: tag_sentences(test, each, codebook).set_index(test.index)
            for name, each in ((G7TAG, tagger), (FAST, tagger.fast))
            if each is not None
        }
        found |= tag_by_peers(train, test, (vectors[train.index], vectors[test.index]), codebook)
        for name, tagged in found.items():
            tags.setdefault((scheme, name), []).append(tagged)
    announce("measuring")
    measured: dict[str, list[pd.DataFrame]] = {name: [] for name in Evaluation._fields}
    for (scheme, name), parts in tags.items():
        if len(parts) < len(tags[scheme, G7TAG]):
            continue  # the fast tagger could not always be trained
        found_all = pd.concat(parts).sort_index()
        for file in files_of(rows.loc[found_all.index]):
            truth = of_file(rows.loc[found_all.index], file)
            tagged = found_all.loc[truth.index]
            where = {"scheme": scheme, "tested_on": file}
            own = measures.overall(truth, tagged, codebook)
            measured["taggers"].append(_headed(own, where | {"tagger": name}))
            where["scheme"] += BY_FAST if name == FAST else ""
            for kind, measure in TAGGER_MEASURES.items() if name in (G7TAG, FAST) else ():
                measured[kind].append(_headed(measure(truth, tagged, codebook), where))
    return Evaluation(**{name: pd.concat(frames, ignore_index=True) for name, frames in measured.items()})


def require_parts(corpus: pd.DataFrame) -> pd.DataFrame:
    """Return the corpus if all names of parts are known."""
    unknown = set(corpus["part"]) - {"", *PARTS}
    if unknown:
        msg = f"corpus: unknown part {listed(unknown)}. Use {', '.join(PARTS)}, or remove the column."
        raise FrameError(msg)
    return corpus


def files_of(rows: pd.DataFrame) -> list[str]:
    """Return the files of the rows, and `ALL_FILES` if there are several."""
    names = list(dict.fromkeys(rows["file"]))
    return [*names, ALL_FILES] if len(names) > 1 else names


def of_file(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of a file, or all rows for `ALL_FILES`."""
    return rows if name == ALL_FILES else rows[rows["file"] == name]


def _folds(corpus: pd.DataFrame, *, test_part: bool) -> Iterator[tuple[str, str, pd.DataFrame, pd.DataFrame]]:
    """Yield the scheme, the name of what is left out, the rows to train on and the rows to tag."""
    is_test = corpus["part"] == "test"
    rows = corpus[~is_test]
    members = list(dict.fromkeys(rows["member"]))
    if "" in members or len(members) < 2:
        without = int((rows["member"] == "").sum())
        msg = (
            f"corpus: {len(members)} members outside the test part, {without} sentences without one. Expected a column "
            "'member' with at least two members and no empty cells."
        )
        raise FrameError(msg)
    for member in members:
        yield SCHEMES[0], member, without_members(rows, [member]), rows[rows["member"] == member]
    files = list(dict.fromkeys(rows["file"]))
    for name in files if len(files) > 1 else []:
        theirs = rows[rows["file"] == name]
        yield SCHEMES[1], name, without_clusters(theirs, rows), theirs
    if test_part:
        yield SCHEMES[2], "test", without_clusters(corpus[is_test], rows), corpus[is_test]


def without_clusters(test: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are not tested and share no cluster with a tested row."""
    shared = rows["cluster"].isin(set(test["cluster"]) - {""})
    return rows[~shared & ~rows.index.isin(test.index)]


def _headed(measured: pd.DataFrame, where: dict[str, str]) -> pd.DataFrame:
    """Add these values as the first columns."""
    return pd.concat([pd.DataFrame(where, index=measured.index), measured], axis=1)


class LeftOut(NamedTuple):
    """Number of tagged sentences of a member, and those with a wrong tag."""

    n_sentences: int
    errors: pd.DataFrame


def left_out_errors(corpus: pd.DataFrame, codebook: Codebook, *, member: str) -> LeftOut:
    """Return the sentences of a member with a wrong tag, from a tagger trained without that member.

    Parameters
    ----------
    corpus
        Labelled sentences, as returned by `read_corpus`. Rows that share a cluster with the member's rows are also left
        out of training. The test part is neither used for training nor tagged.
    codebook
        Defines the labels.
    member
        A member of the corpus.

    Returns
    -------
    LeftOut
        errors: sentence_id, file, text, labelled and tagged (a label as text, such as "strong counter;dismantle"; with
        the act if it is wrong), p_right and why (the words that support the tag), sorted by p_right, highest first.
        Empty if there are no errors.

    Raises
    ------
    FrameError
        The member is not in the corpus.
    """
    rows = require_parts(corpus)
    rows = rows[rows["part"] != "test"]
    tagger = train_tagger(without_members(rows, [member]), codebook)
    left_out = rows[rows["member"] == member].reset_index(drop=True)
    tags = tag_sentences(left_out, tagger, codebook)
    left_out = left_out.assign(dimensions=[in_order(joined, codebook) for joined in left_out["dimensions"]])
    tags["act"] = tags["act"].where(left_out["act"] != "", "")
    labelled, tagged = (label_words(frame[LABEL]) for frame in (left_out, tags))
    act = left_out["act"] != tags["act"]
    wrong = (labelled != tagged) | act
    labelled, tagged = (
        words + (", act " + frame["act"]).where(act, "") for words, frame in ((labelled, left_out), (tagged, tags))
    )
    items = left_out[left_out["item_id"].isin(left_out.loc[wrong, "item_id"])]
    errors = left_out.loc[wrong, ["sentence_id", "file", "text"]].assign(
        labelled=labelled, tagged=tagged, p_right=tags["p_right"],
        why=describe_tags(tags[wrong], explain_tags(items, tagger)),
    )  # fmt: skip
    return LeftOut(len(left_out), errors.sort_values("p_right", ascending=False, kind="stable", ignore_index=True))


def stored_evaluation(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return what was measured of the tagger that comes with g7tag, as `g7tag evaluate` prints it.

    Returns
    -------
    dict of pandas.DataFrame
        The frames of `Evaluation`, from `g7tag evaluate --test-part --json`, and learning_curve, as by `stored_curve`.

    Raises
    ------
    InputError
        No evaluation comes with g7tag for this codebook.
    """
    stored = _stored(codebook, "evaluation")
    if not stored:
        msg = f"codebook {codebook.id!r}: no evaluation comes with g7tag for it. Measure one: `g7tag evaluate --json`."
        raise InputError(msg)
    return stored | {"learning_curve": stored_curve(codebook)}


def stored_curve(codebook: Codebook) -> pd.DataFrame:
    """Return the learning curve that comes with g7tag for a codebook, as `learning_curve` returns it.

    Returns
    -------
    pandas.DataFrame
        From `g7tag evaluate --learning-curve --json`. No rows if none comes with g7tag.
    """
    return _stored(codebook, "learning-curve").get("learning_curve", pd.DataFrame(columns=_CURVE))


def _stored(codebook: Codebook, kind: str) -> dict[str, pd.DataFrame]:
    path = data_path(f"models/{codebook.id}.{kind}.json")
    stored = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {name: pd.DataFrame(rows) for name, rows in stored.items() if name != "about"}

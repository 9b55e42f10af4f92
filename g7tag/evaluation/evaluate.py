"""Evaluate taggers on members and files that they did not see, and list what they get wrong."""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.corpus.reading import PARTS, without_members
from g7tag.errors import Announce, FrameError, listed
from g7tag.evaluation import measures
from g7tag.evaluation.peers import G7TAG, TagBy, find_peers
from g7tag.frames.labels import in_order, label_words
from g7tag.tagger.explain import explain_tags, why_tagged
from g7tag.tagger.model import train_tagger
from g7tag.tagger.predict import tag_sentences

ALL_FILES = "all files"
SCHEMES = ("member left out", "file left out", "test part")


OF_THE_TAGGER = {
    "labels": measures.by_label,
    "confusion": measures.confusion,
    "calibration": measures.calibration,
    "reliability": measures.reliability,
    "routing": measures.routing,
}
_LABEL = ["dimensions", "strength", "exclusion"]


class Evaluation(NamedTuple):
    """What `evaluate_tagger` measures; each frame has the columns scheme (what was left out) and tested_on (a file)."""

    labels: pd.DataFrame
    taggers: pd.DataFrame
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
) -> Evaluation:
    """Return how well sentences are tagged by taggers that saw neither their member's nor, in turn, their file's.

    Rows that share a cluster with one that is left out are left out of training too, and so is the test part.

    Parameters
    ----------
    corpus
        Labelled sentences with their file, member, cluster and part, as `read_corpus` returns them.
    codebook
        Owns the labels.
    announce
        Called with the name of each step as it begins.
    test_part
        Also tag the test part, by a tagger trained on the others. It is kept for a release's figures: whoever chooses
        by it has no figure left that can be believed.

    Returns
    -------
    Evaluation
        labels: the rows of `label_quality` for dimensions, strengths and exclusions. taggers: of this tagger and of
        those of `find_peers` on the same folds the macro-F1 and the mean Brier score over the dimensions, and the
        shares of sentences with the right strength (strong, weak, none) and with exactly the right dimensions.
        confusion: what was tagged instead of what (see `measures.confusion`). calibration: Brier score, calibration
        error and its bound for each probability (that of strong on the sentences that have a dimension; that of a
        right tag for `p_right`). reliability: the same probabilities in bins, beside how often each was so. routing:
        macro-F1 after people have put right the most doubtful share of the sentences, or a random share. Every rate
        with its 95 % interval over items, but for the calibration error, which is judged by its bound.

    Raises
    ------
    FrameError
        The rows have no members, or those that remain lack a label, or there is no test part to tag.
    """
    rows = require_parts(corpus).reset_index(drop=True)
    if test_part and not (rows["part"] == "test").any():
        msg = "corpus: no sentence of part 'test'. Expected some, in a column 'part'."
        raise FrameError(msg)
    peers = find_peers().taggers
    tags: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for scheme, left_out, train, test in _folds(rows, test_part=test_part):
        announce(f"{scheme}: {left_out}")
        for name, tag_by in peers.items():
            tags.setdefault((scheme, name), []).append(_tags(tag_by, train, test, codebook, left_out))
    announce("measuring")
    measured: dict[str, list[pd.DataFrame]] = {name: [] for name in Evaluation._fields}
    for (scheme, tagger), parts in tags.items():
        found = pd.concat(parts).sort_index()
        for name in files_of(rows.loc[found.index]):
            truth = of_file(rows.loc[found.index], name)
            where = {"scheme": scheme, "tested_on": name}
            its = found.loc[truth.index]
            measured["taggers"].append(
                _headed(measures.overall(truth, its, codebook), where | {"tagger": tagger}),
            )
            for kind, measure in OF_THE_TAGGER.items() if tagger == G7TAG else ():
                measured[kind].append(_headed(measure(truth, its, codebook), where))
    return Evaluation(**{name: pd.concat(frames, ignore_index=True) for name, frames in measured.items()})


def require_parts(corpus: pd.DataFrame) -> pd.DataFrame:
    """Return the corpus, if its parts have the names that keep the test part apart."""
    unknown = set(corpus["part"]) - {"", *PARTS}
    if unknown:
        msg = f"corpus: unknown part {listed(unknown)}. Use {', '.join(PARTS)}, or leave the column out."
        raise FrameError(msg)
    return corpus


def files_of(rows: pd.DataFrame) -> list[str]:
    """Return the files that rows come from, and `ALL_FILES` where there are several."""
    names = list(dict.fromkeys(rows["file"]))
    return [*names, ALL_FILES] if len(names) > 1 else names


def of_file(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of one of the names that `files_of` gives."""
    return rows if name == ALL_FILES else rows[rows["file"] == name]


def _folds(corpus: pd.DataFrame, *, test_part: bool) -> Iterator[tuple[str, str, pd.DataFrame, pd.DataFrame]]:
    """Scheme, what is left out, rows to train on, rows to tag."""
    is_test = corpus["part"] == "test"
    rows = corpus[~is_test]
    members = list(dict.fromkeys(rows["member"]))
    if "" in members or len(members) < 2:
        without = int((rows["member"] == "").sum())
        msg = (
            f"corpus: {len(members)} members outside the test part, {without} sentences without one. Expected a column "
            "'member' that names at least two, to leave out each in turn."
        )
        raise FrameError(msg)
    for member in members:
        yield SCHEMES[0], member, without_members(rows, [member]), rows[rows["member"] == member]
    files = list(dict.fromkeys(rows["file"]))
    for name in files if len(files) > 1 else []:
        theirs = rows[rows["file"] == name]
        yield SCHEMES[1], name, _apart_from(theirs, rows), theirs
    if test_part:
        yield SCHEMES[2], "test", _apart_from(corpus[is_test], rows), corpus[is_test]


def _apart_from(test: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that are not tested and share no cluster with one that is."""
    shared = rows["cluster"].isin(set(test["cluster"]) - {""})
    return rows[~shared & ~rows.index.isin(test.index)]


def _tags(tag_by: TagBy, train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook, left_out: str) -> pd.DataFrame:
    try:
        return tag_by(train, test, codebook)
    except FrameError as error:
        msg = f"the corpus without {left_out} cannot be trained on. {error}"
        raise FrameError(msg) from error


def _headed(measured: pd.DataFrame, where: dict[str, str]) -> pd.DataFrame:
    """With these values as first columns."""
    return pd.concat([pd.DataFrame(where, index=measured.index), measured], axis=1)


class LeftOut(NamedTuple):
    """How many sentences of a member were tagged, and those that got another label than they have."""

    n_sentences: int
    errors: pd.DataFrame


def left_out_errors(corpus: pd.DataFrame, codebook: Codebook, *, member: str) -> LeftOut:
    """Return the sentences of a member that a tagger gets wrong which was trained without it.

    Parameters
    ----------
    corpus
        Labelled sentences, as `read_corpus` returns them. Rows that share a cluster with one of the member's are left
        out of training too; the test part is neither trained on nor tagged.
    codebook
        Owns the labels.
    member
        A member of the corpus.

    Returns
    -------
    LeftOut
        errors: sentence_id, file, text, labelled and tagged (the label in words, such as "strong counter;dismantle"),
        p_right and why (what spoke for the tag), those first of which the tagger was surest. No errors give no rows.

    Raises
    ------
    FrameError
        The member is not in the corpus, or the rest lacks an example of a label.
    """
    rows = require_parts(corpus)
    rows = rows[rows["part"] != "test"]
    tagger = train_tagger(without_members(rows, [member]), codebook)
    its = rows[rows["member"] == member].reset_index(drop=True)
    tags = tag_sentences(its, tagger, codebook)
    its = its.assign(dimensions=[in_order(joined, codebook) for joined in its["dimensions"]])
    labelled, tagged = (label_words(frame[_LABEL]) for frame in (its, tags))
    told = its[["sentence_id", "file", "text"]].assign(
        labelled=labelled, tagged=tagged, p_right=tags["p_right"], why=why_tagged(tags, explain_tags(its, tagger))
    )
    wrong = told[labelled != tagged].sort_values("p_right", ascending=False, kind="stable")
    return LeftOut(len(its), wrong.reset_index(drop=True))

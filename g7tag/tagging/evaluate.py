"""Evaluate the way the tagger is trained, on members and files left out, beside simpler taggers on the same folds."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook, Setting
from g7tag.errors import FrameError, listed
from g7tag.frames import STRENGTHS
from g7tag.tagging.calibration import calibrated_bound, expected_calibration_error
from g7tag.tagging.corpus import PARTS, has_key, without_members
from g7tag.tagging.decide import STRONG
from g7tag.tagging.model import train_tagger
from g7tag.tagging.predict import tag_sentences
from g7tag.tagging.quality import item_counts, label_quality, macro_f1, mean_over_items

ALL_FILES = "all files"
G7TAG, WORDS, PRIOR = "g7tag", "words alone", "always yes"
"""The tagger; the same without the codebook's cues (TF-IDF and logistic regression); every dimension always, strong."""
REPLACED = (0.1, 0.25, 0.5)
"""Shares of the sentences whose tags people put right, for the table of routing."""
RANDOM_ORDERS = 20


class Evaluation(NamedTuple):
    """What `evaluate_tagger` measures; each frame has the columns scheme (what was left out) and tested_on (a file)."""

    labels: pd.DataFrame
    taggers: pd.DataFrame
    calibration: pd.DataFrame
    routing: pd.DataFrame


def evaluate_tagger(
    corpus: pd.DataFrame, codebook: Codebook, announce: Callable[[str], None] = lambda _: None
) -> Evaluation:
    """Return how well sentences are tagged by taggers that saw neither their member's nor, in turn, their file's.

    Rows that share a cluster with one that is left out are left out of training too, and so is the test part, which is
    kept for a release's figures.

    Parameters
    ----------
    corpus
        Labelled sentences with their file, member, cluster and part, as `read_corpus` returns them.
    codebook
        Owns the labels.
    announce
        Called with the name of each step as it begins.

    Returns
    -------
    Evaluation
        labels: the rows of `label_quality` for dimensions, strengths and exclusions. taggers: of this tagger and of
        simpler ones on the same folds the macro-F1 over the dimensions, and the shares of sentences with the right
        strength (strong, weak, none) and with exactly the right dimensions. calibration: Brier score, calibration error
        and its bound for each probability (that of strong on the sentences that have a dimension). routing: macro-F1
        after people have put right the most doubtful share of the sentences, or a random share. Every value with its
        95 % interval over items, but for the calibration error, which is judged by its bound.

    Raises
    ------
    FrameError
        The rows have no members, or those that remain lack a label.
    """
    rows = require_parts(corpus)
    rows = rows[rows["part"] != "test"].reset_index(drop=True)
    tags: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for scheme, left_out, train, test in _folds(rows):
        announce(f"{scheme}: {left_out}")
        for tagger in (G7TAG, WORDS, PRIOR):
            found = _tags(tagger, train, test, codebook, f"without {left_out}")
            tags.setdefault((scheme, tagger), []).append(found)
    whole = {key: pd.concat(parts).sort_index() for key, parts in tags.items()}
    announce("measuring")
    labels, taggers, calibration, routing = [], [], [], []
    for (scheme, tagger), found in whole.items():
        for name in files_of(rows.loc[found.index]):
            truth = of_file(rows.loc[found.index], name)
            where = {"scheme": scheme, "tested_on": name}
            its = found.loc[truth.index]
            taggers.append({"scheme": scheme, "tested_on": name, "tagger": tagger} | _overall(truth, its, codebook))
            if tagger == G7TAG:
                labels.append(_by_label(truth, its, codebook).assign(**where))
                calibration.append(pd.DataFrame(_calibration(truth, its, codebook)).assign(**where))
                routing.append(pd.DataFrame(_routing(truth, its, codebook)).assign(**where))
    joined = [pd.concat(parts, ignore_index=True) for parts in (labels, calibration, routing)]
    first = ["scheme", "tested_on"]
    ordered = [frame[[*first, *(name for name in frame if name not in first)]] for frame in joined]
    return Evaluation(ordered[0], pd.DataFrame(taggers), ordered[1], ordered[2])


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


def dimension_columns(joined: pd.Series, codebook: Codebook) -> pd.DataFrame:
    """Return a column of booleans for each dimension, from keys joined by ";"."""
    return pd.DataFrame({key: has_key(joined, key) for key in codebook.dimension_keys})


def _folds(rows: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame, pd.DataFrame]]:
    """Scheme, what is left out, rows to train on, rows to tag."""
    members = list(dict.fromkeys(rows["member"]))
    if "" in members or len(members) < 2:
        without = int((rows["member"] == "").sum())
        msg = (
            f"corpus: {len(members)} members outside the test part, {without} sentences without one. Expected a column "
            "'member' that names at least two, to leave out each in turn."
        )
        raise FrameError(msg)
    for member in members:
        yield "member left out", member, without_members(rows, [member]), rows[rows["member"] == member]
    files = list(dict.fromkeys(rows["file"]))
    for name in files if len(files) > 1 else []:
        theirs = rows["file"] == name
        shared = rows["cluster"].isin(set(rows.loc[theirs, "cluster"]) - {""})
        yield "file left out", name, rows[~theirs & ~shared], rows[theirs]


def _tags(tagger: str, train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook, described: str) -> pd.DataFrame:
    if tagger == PRIOR:
        always = ";".join(codebook.dimension_keys)
        return pd.DataFrame({"dimensions": always, "strength": STRONG, "exclusion": ""}, index=test.index)
    book = codebook if tagger == G7TAG else _without_cues(codebook)
    try:
        trained = train_tagger(train, book)
    except FrameError as error:
        msg = f"the corpus {described} cannot be trained on. {error}"
        raise FrameError(msg) from error
    return tag_sentences(test.reset_index(drop=True), trained, book).set_index(test.index)


def _without_cues(codebook: Codebook) -> Codebook:
    bare = {
        part: [category.model_copy(update={"cues": {}}) for category in getattr(codebook, part)]
        for part in ("dimensions", "strengths", "exclusions")
    }
    return codebook.model_copy(update=bare | {"cues": Setting()})


def _by_label(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    items = rows["item_id"].tolist()
    truth, found = (dimension_columns(its["dimensions"], codebook) for its in (rows, tags))
    others = [("strength", key) for key in STRENGTHS] + [("exclusion", key) for key in codebook.exclusion_keys]
    each = [
        label_quality(pd.DataFrame({key: rows[column] == key}), pd.DataFrame({key: tags[column] == key}), items).head(1)
        for column, key in others
    ]
    return pd.concat([label_quality(truth, found, items), *each], ignore_index=True)


def _overall(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> dict[str, object]:
    items = rows["item_id"].tolist()
    truth, found = (dimension_columns(its["dimensions"], codebook) for its in (rows, tags))
    measured = {
        "macro_f1": macro_f1(item_counts(truth, found, items)[None]),
        "strength": mean_over_items((rows["strength"] == tags["strength"]).to_numpy(), items),
        "dimensions": mean_over_items((truth == found).all(axis=1).to_numpy(), items),
    }
    sizes = {"n": len(rows), "n_items": rows["item_id"].nunique()}
    reason = next((one.reason for one in measured.values() if np.isnan(one.value)), "")
    return (
        sizes
        | {
            name + end: value
            for name, one in measured.items()
            for end, value in zip(("", "_low", "_high"), one[:3], strict=True)
        }
        | {"reason": reason}
    )


def _calibration(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> Iterator[dict[str, object]]:
    """Brier score and calibration error of each probability."""
    tagged = (rows["dimensions"] != "").to_numpy()
    truths = {f"p_{key}": has_key(rows["dimensions"], key).to_numpy(dtype=bool) for key in codebook.dimension_keys}
    truths |= {
        f"p_{STRONG}": (rows["strength"] == STRONG).to_numpy(),
        "p_excluded": (rows["exclusion"] != "").to_numpy(),
    }
    for name, truth in truths.items():
        kept = tagged if name == f"p_{STRONG}" else np.ones(len(rows), dtype=bool)
        shares, is_so = tags[name].to_numpy(dtype=np.float64)[kept], truth[kept]
        brier = mean_over_items((shares - is_so) ** 2, rows.loc[kept, "item_id"].tolist())
        error, bound = expected_calibration_error(shares, is_so), calibrated_bound(shares)
        yield {
            "probability": name, "n": int(kept.sum()), "brier": brier.value, "brier_low": brier.low,
            "brier_high": brier.high, "error": error, "bound": bound, "calibrated": error <= bound,
            "reason": brier.reason,
        }  # fmt: skip


def _routing(rows: pd.DataFrame, tags: pd.DataFrame, codebook: Codebook) -> Iterator[dict[str, object]]:
    """Macro-F1 when people put the tags of the most doubtful sentences right, and when they take random ones."""
    items = rows["item_id"].tolist()
    truth, found = (dimension_columns(its["dimensions"], codebook).to_numpy() for its in (rows, tags))
    doubtful = np.argsort(tags["p_right"].to_numpy(dtype=np.float64), kind="stable")
    generator = np.random.default_rng(0)
    random = [generator.permutation(len(rows)) for _ in range(RANDOM_ORDERS)]

    def f1_with(order: np.ndarray, share: float) -> np.ndarray:
        mended = found.copy()
        seen = order[: round(share * len(order))]
        mended[seen] = truth[seen]
        return item_counts(pd.DataFrame(truth), pd.DataFrame(mended), items)

    for share in REPLACED:
        first = macro_f1(f1_with(doubtful, share)[None])
        by_chance = macro_f1(np.stack([f1_with(order, share) for order in random]))
        yield {
            "replaced": share, "n": len(rows), "most_doubtful": first.value, "most_doubtful_low": first.low,
            "most_doubtful_high": first.high, "random": by_chance.value, "random_low": by_chance.low,
            "random_high": by_chance.high, "reason": first.reason,
        }  # fmt: skip

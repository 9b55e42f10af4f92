"""Feedback to a person who labels: where an adjudicator decided otherwise, and which confusions return."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from g7tag.frames import label_words
from g7tag.labels.annotations import LABEL, differing
from g7tag.labels.policies import current_annotations
from g7tag.labels.selection import to_come_back

_OFTEN = 2  # a confusion that returns


class Feedback(NamedTuple):
    """The labels of a person that were overruled, and the confusions that return, the most frequent first."""

    overruled: pd.DataFrame
    confusions: pd.DataFrame


def feedback(annotator: str, annotations: pd.DataFrame, sentences: pd.DataFrame) -> Feedback:
    """Return where adjudicators decided otherwise than an analyst, with the analyst's own labels alone.

    A sentence that comes back to the analyst is left out until the analyst has labelled it again.
    """
    current = current_annotations(annotations, sentences)
    own = current[(current["kind"] == "analyst") & (current["annotator"] == annotator)]
    ruled = current[(current["kind"] == "adjudicator") & (current["at"] != "")]  # by a person, not the bundled corpus
    ruled = ruled[~ruled["sentence_id"].isin(differing(ruled))].drop_duplicates("sentence_id", keep="last")
    both = sentences[["sentence_id", "member", "text"]].merge(own[["sentence_id"]])
    both = both[both["sentence_id"].isin(ruled["sentence_id"])]
    both = both[~both["sentence_id"].isin(to_come_back(both["sentence_id"], annotations, annotator))]
    said, settled = (rows.set_index("sentence_id").loc[both["sentence_id"]] for rows in (own, ruled))
    parts = [*LABEL, "contradicts"]
    differs = said[parts] != settled[parts]
    differs["act"] &= (said["act"] != "") & (settled["act"] != "")  # else it was not given
    texts = {"own": _words(said), "settled": _words(settled), "reason": settled["note"]}
    pairs = zip(said[parts].to_dict("records"), settled[parts].to_dict("records"), strict=True)
    often = Counter(each for pair in pairs for each in _confusions(*pair)).most_common()
    columns = ["part", "own", "settled"]
    rows = [(*each, n) for each, n in often if n >= _OFTEN]
    overruled = both.assign(**{name: text.to_numpy() for name, text in texts.items()})
    return Feedback(
        overruled[differs.any(axis=1).to_numpy()].reset_index(drop=True),
        pd.DataFrame(rows, columns=[*columns, "n"]).astype(dict.fromkeys(columns, "str")),
    )


def _words(rows: pd.DataFrame) -> pd.Series:
    acts = rows["act"].map(lambda act: f", {act.replace('_', ' ')}" if act else "")
    return label_words(rows.drop(columns="act")) + acts


def _confusions(own: Mapping[Any, Any], settled: Mapping[Any, Any]) -> list[tuple[str, ...]]:
    """Return the parts in which two labels differ, each with what only one of them says."""
    keys = [each["dimensions"].split(";") for each in (own, settled)]
    only = [";".join(key for key in one if key not in other) for one, other in (keys, keys[::-1])]
    found = [("dimensions", *only)] if any(only) else []
    for part in ("strength", "act", "exclusion", "contradicts"):
        pair = [{"True": "yes", "False": "no"}.get(str(each[part]), str(each[part])) for each in (own, settled)]
        unknown = {"strength": "none", "act": ""}.get(part)  # there is no dimension, or no act was given
        if pair[0] != pair[1] and unknown not in pair:
            found.append((part, *pair))
    return found

"""What people found who compared sentences with their sources."""

import pandas as pd

from g7tag.labels.policies import current_annotations
from g7tag.store import PEOPLE
from g7tag.text import enumerated

_WORST_FIRST = ["no", "not_found", "partly", "yes"]


def source_checks(annotations: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return what people found on the sources of the sentences that they checked, in the order of the sentences.

    The last check of each person counts; where people differ, the worst one counts: no, not found, partly, yes.

    Returns
    -------
    pandas.DataFrame
        Columns sentence_id, source_check, annotator (who found this), archived_url (the last one that anybody gave),
        and differ (whether people differ). No rows if nobody checked a source.
    """
    rows = current_annotations(annotations, sentences)
    rows = rows[rows["kind"].isin(PEOPLE)].sort_values("at", kind="stable")
    archived = rows[rows["archived_url"] != ""].groupby("sentence_id")["archived_url"].last()
    last = rows[rows["source_check"] != ""].drop_duplicates(["sentence_id", "annotator"], keep="last")
    last = last.sort_values("source_check", key=lambda found: found.map(_WORST_FIRST.index), kind="stable")
    counting = last.groupby("sentence_id")["source_check"].agg(["first", "nunique"])
    who = last[last["source_check"] == last["sentence_id"].map(counting["first"])].groupby("sentence_id")["annotator"]
    ids = [each for each in sentences["sentence_id"] if each in counting.index]
    return pd.DataFrame(
        {
            "sentence_id": ids, "source_check": counting["first"].reindex(ids).to_numpy(),
            "annotator": who.agg(lambda names: enumerated(sorted(names))).reindex(ids).to_numpy(),
            "archived_url": archived.reindex(ids).fillna("").to_numpy(),
            "differ": counting["nunique"].reindex(ids).gt(1).to_numpy(),
        }
    )  # fmt: skip

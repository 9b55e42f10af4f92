"""Where the tagger fails: sentences of a member left out of training that it labels otherwise than its coders did."""

from typing import NamedTuple

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.tagging.corpus import without_members
from g7tag.tagging.evaluate import require_parts
from g7tag.tagging.explain import explain_tags, why_tagged
from g7tag.tagging.labels import in_order, label_words
from g7tag.tagging.model import train_tagger
from g7tag.tagging.predict import tag_sentences

_LABEL = ["dimensions", "strength", "exclusion"]


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

"""Write down the classifier's tags as annotations, beside which those of people will stand."""

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, SENTENCES, build, tags_model, validate
from g7tag.store import text_sha256


def classifier_annotations(tags: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the annotations frame: one row a tag, with the tagger as annotator.

    Parameters
    ----------
    tags
        The tags frame. Tags with a status other than `ok` are no judgement and give no row.
    sentences
        The sentences frame of the same run.
    codebook
        Its version is stamped on every row.

    Returns
    -------
    pandas.DataFrame
        `confidence` is the probability that the tag is right. No tags give no rows.
    """
    validate(tags, tags_model(codebook), source="tags")
    validate(sentences, SENTENCES, source="sentences")
    judged = tags[tags["status"] == "ok"].merge(
        sentences[["sentence_id", "text"]], on="sentence_id", how="left", validate="one_to_one"
    )
    rows = judged.assign(
        annotation_id=judged["sentence_id"] + "#classifier",
        text_sha256=judged["text"].map(text_sha256),
        annotator=judged["tagger"],
        kind="classifier",
        contradicts=False,
        confidence=judged["p_right"],
        note="",
        codebook_version=codebook.version,
        at="",
        supersedes="",
    )
    return build(ANNOTATIONS, rows.to_dict("records"))

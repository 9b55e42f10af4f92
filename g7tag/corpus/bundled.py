"""The bundled labelled sentences as evidence, so that an analysis can run without a report."""

import pandas as pd

from g7tag import frames
from g7tag.codebook import Codebook
from g7tag.corpus.reading import bundled_corpus, read_corpus
from g7tag.errors import SourceError
from g7tag.evidence import Evidence
from g7tag.frames import build
from g7tag.store import data_path, read_table, text_sha256

BUNDLED_NAME = "the whole chapter, restated in our own words"
"""Heading of tables, pages and plots of such a run."""


def bundled_evidence(codebook: Codebook) -> Evidence:
    """Return the bundled corpus as evidence: restated sentences, published scores and claims, but no conclusions.

    It is one document with one sentence per line. An item's note number is its position.
    """
    published = data_path(f"published/{codebook.id}.csv")
    if not published.is_file():
        msg = (
            f"codebook {codebook.id!r}: g7tag has no bundled evidence for it. "
            "Give a report: `g7tag run REPORT --codebook FILE`."
        )
        raise SourceError(msg)
    corpus, commitment = _of_commitment(codebook), codebook.commitment
    text = "\n".join(corpus["text"])
    document = {
        "document_id": "bundled", "name": BUNDLED_NAME, "media_type": "text/plain", "sha256": text_sha256(text),
        "pages": None, "text": text, "hidden": "[]", "status": "ok",
    }  # fmt: skip
    commitment_row = {
        "commitment_id": commitment.id, "document_id": "bundled", "number": commitment.number,
        "title": commitment.title, "text": commitment.text, "guidelines": "", "scoring_table": "",
        "printed_average": None, "printed_percent": None, "codebook": codebook.id,
    }  # fmt: skip
    scored = read_table(published)
    scores = scored[["table_score", "heading_score", "stated_score"]].astype("int64")
    codes = scored["member"].map(codebook.codes)
    members = scored.assign(**scores, code=codes, published_score=scores["heading_score"])
    items, sentences, citations = _rows(corpus, codebook)
    return Evidence(
        build(frames.DOCUMENTS, [document]),
        build(frames.GAPS, []),
        build(frames.COMMITMENTS, [commitment_row]),
        build(frames.MEMBERS, members.to_dict("records")),
        build(frames.SUMMARY, []),
        build(frames.CONCLUSIONS, []),
        _claims(codebook),
        build(frames.ITEMS, items.to_dict("records")),
        build(frames.SENTENCES, sentences.to_dict("records")),
        build(frames.CITATIONS, citations.to_dict("records")),
    )


def bundled_annotations(codebook: Codebook) -> pd.DataFrame:
    """Return the adjudicated labels of the bundled corpus as annotations, for policies that use them.

    The coders and the adjudicator were language models; see the data card.
    """
    corpus = _of_commitment(codebook)
    rows = corpus.assign(
        annotation_id=corpus["sentence_id"] + "#corpus", text_sha256=corpus["text"].map(text_sha256),
        annotator="corpus", kind="adjudicator", contradicts=corpus["contradicts"] == "true", confidence=None,
        blind=False, occasion="label", codebook_version=codebook.version, at="", supersedes="",
    )  # fmt: skip
    return build(frames.ANNOTATIONS, rows.to_dict("records"))


def _of_commitment(codebook: Codebook) -> pd.DataFrame:
    """Return the rows of the commitment itself. The other files cover earlier actions, which have no scores."""
    corpus = read_corpus(bundled_corpus(codebook.id), codebook)
    own = corpus["item_id"].str.startswith(f"{codebook.commitment.id}/")
    return corpus[own].reset_index(drop=True)


def _claims(codebook: Codebook) -> pd.DataFrame:
    """Return the bundled claims of the conclusions, if any. The text of the conclusions is not bundled."""
    path = data_path(f"published/{codebook.id}.claims.csv")
    if not path.is_file():
        return build(frames.CLAIMS, [])
    claims = read_table(path)
    return build(frames.CLAIMS, claims.assign(position=claims["position"].astype("int64"), quote="").to_dict("records"))


def _rows(corpus: pd.DataFrame, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return items, sentences and citations."""
    both = {"document_id": "bundled", "commitment_id": codebook.commitment.id}
    items = corpus.drop_duplicates("item_id").reset_index(drop=True)
    notes = pd.Series(range(1, len(items) + 1), index=items.index)
    items = items.assign(
        **both, text=corpus.groupby("item_id", sort=False)["text"].agg(" ".join).to_numpy(), pages="", status="ok",
        position=items["item_id"].str.rpartition("-")[2].astype("int64"), citations=notes.astype("str"),
        date_text=items["date"], date=_days(items["date"]),
    )  # fmt: skip
    ends = (corpus["text"].str.len() + 1).cumsum() - 1
    sentences = corpus.assign(
        **both, position=corpus["position"].astype("int64"), start=ends - corpus["text"].str.len(), end=ends
    )
    status = items["url"].map(lambda url: "ok" if url else "none")
    citations = items.assign(
        note=notes, title="", place="", published=_days(items["published"]), accessed=None, translation="",
        url_status=status,
    )  # fmt: skip
    return items, sentences, citations


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column.replace("", None), format="%Y-%m-%d")

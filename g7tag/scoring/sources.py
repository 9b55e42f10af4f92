"""Lead from sentences to their tags and to the notes, pages and addresses behind them."""

import pandas as pd


def add_sources(
    rows: pd.DataFrame, *, sentences: pd.DataFrame, items: pd.DataFrame, tags: pd.DataFrame, citations: pd.DataFrame
) -> pd.DataFrame:
    """Return rows of sentences with needs_review of their tag and the first note of their item.

    Parameters
    ----------
    rows
        Any frame with a column sentence_id.
    sentences, items, tags, citations
        Frames of one run.

    Returns
    -------
    pandas.DataFrame
        The rows, and needs_review, note (NA if the item has none), publisher, published, url and url_status.
    """
    first = pd.to_numeric(items["citations"].str.partition(";")[0]).astype("Int64")
    noted = items[["item_id", "document_id"]].assign(note=first)
    cited = noted.merge(citations, on=["document_id", "note"], how="left")
    tagged = sentences[["sentence_id", "item_id"]].merge(tags[["sentence_id", "needs_review"]], on="sentence_id")
    columns = ["item_id", "note", "publisher", "published", "url", "url_status"]
    behind = tagged.merge(cited[columns], on="item_id", how="left").drop(columns="item_id")
    return rows.merge(behind, on="sentence_id", how="left", validate="many_to_one")

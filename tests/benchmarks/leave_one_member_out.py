"""How well the tagger labels a member that it was not trained on. Run by hand, about half a minute."""

import pandas as pd

import g7tag
from g7tag.tagging import bundled_corpus, read_corpus, without_members


def left_out_tags(corpus: pd.DataFrame, codebook: g7tag.Codebook) -> pd.DataFrame:
    """Return the tags of each member's sentences by a tagger trained on the other members', beside the labels."""
    parts = []
    for member in codebook.codes:
        tagger = g7tag.train_tagger(without_members(corpus, [member]), codebook)
        labelled = corpus[corpus["member"] == member].reset_index(drop=True)
        tags = g7tag.tag_sentences(labelled, tagger, codebook)
        parts.append(tags.join(labelled[["dimensions", "strength", "exclusion"]].add_suffix("_label")))
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    """Print precision, recall and F1 by dimension, and how many sentences are labelled right."""
    codebook = g7tag.open_codebook()
    corpus = read_corpus(bundled_corpus(), codebook)
    rows = left_out_tags(corpus[corpus["part"] != "test"], codebook)  # the test part is for a release's figures alone
    scores = {}
    for key in codebook.dimension_keys:
        truth, found = (
            rows[name].str.split(";").map(lambda keys, key=key: key in keys)
            for name in ("dimensions_label", "dimensions")
        )
        hits = int((truth & found).sum())
        precision, recall = hits / found.sum() if found.any() else float("nan"), hits / truth.sum()
        scores[key] = {
            "n": int(truth.sum()),
            "precision": precision,
            "recall": recall,
            "F1": 2 * hits / (truth.sum() + found.sum()),
        }
    table = pd.DataFrame(scores).T
    print(table.round(2).to_string())
    print(f"macro-F1 {table['F1'].mean():.2f}")
    for name in ("dimensions", "strength", "exclusion"):
        print(f"{name} right: {(rows[name] == rows[f'{name}_label']).mean():.2f} of {len(rows)}")
    excluded = rows["exclusion_label"] != ""
    print(f"exclusions found: {(rows.loc[excluded, 'exclusion'] != '').sum()} of {excluded.sum()}")
    doubtful, wrong = rows["needs_review"], rows["dimensions"] != rows["dimensions_label"]
    print(f"needs_review: {doubtful.mean():.2f} of all, {doubtful[wrong].mean():.2f} of those with wrong dimensions")


if __name__ == "__main__":
    main()

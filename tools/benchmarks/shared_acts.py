"""Print precision, recall and F1 of rules for one act in two chapters, on planted pairs and on those of the corpus."""

from pathlib import Path

import numpy as np
import pandas as pd

from g7tag.audit.joint import ACT_DAYS, REPEATED
from g7tag.evaluation.measures import item_counts, macro_f1
from g7tag.panel.acts import compare_items
from g7tag.statistics import percent_agreement

DATA = Path(__file__).parents[2] / "data"
PAIRS, READ = DATA / "codings" / "shared-acts.csv", DATA / "codings" / "shared-acts-corpus.csv"
CORPUS = DATA / "corpus"
PARTS = ("text", "url", "title")


def main() -> None:
    """Print a row for each rule and half of the pairs; `RELATED` was chosen on the odd rows."""
    pairs = pd.read_csv(PAIRS, dtype="str", keep_default_na=False)
    sides = [pairs[[f"{name}_{side}" for name in PARTS]].set_axis(list(PARTS), axis=1) for side in (1, 2)]
    found = compare_items(pd.concat(sides, ignore_index=True), np.arange(2 * len(pairs)).reshape(2, -1).T)
    soon = (pd.to_datetime(pairs["date_1"]) - pd.to_datetime(pairs["date_2"])).dt.days.abs() <= ACT_DAYS
    rules = {
        "at most one day apart": soon,
        "and a source or words in common (g7tag panel)": soon & found["related"],
        "and one source and similar wording (as in one chapter)": soon
        & found["same_source"]
        & (found["similarity"] >= REPEATED),
        "and equal texts": soon & found["same_text"],
    }
    same, odd = pairs["act"] == "same", pairs["pair_id"].astype("int64") % 2 == 1
    for rule, predicted in rules.items():
        for half, part in (("odd", odd), ("even", ~odd)):
            right, n_predicted, n_same = (int((each & part).sum()) for each in (predicted & same, predicted, same))
            truth, tags = (each[part].to_frame("act") for each in (same, predicted))
            f1 = macro_f1(item_counts(truth, tags, pairs.loc[part, "pair_id"].tolist()))
            ends = f"[{f1.low:.2f}, {f1.high:.2f}]" if f1.low < f1.high else f"({f1.reason})"
            print(
                f"{rule:55} {half:4} {part.sum():3} pairs, precision {right}/{n_predicted}, recall {right}/{n_same}, "
                f"F1 {f1.value:.2f} {ends}"
            )
    items = pd.concat(pd.read_csv(path, dtype="str", keep_default_na=False) for path in sorted(CORPUS.glob("*/*.csv")))
    items = (
        items.assign(title="").groupby("item_id", sort=False).agg({"text": " ".join, "url": "first", "title": "first"})
    )
    read = pd.read_csv(READ, dtype="str")
    places = np.column_stack([items.index.get_indexer(read[name]) for name in ("item_1", "item_2")])
    found, same = compare_items(items, places), read["label"] == "same"
    first = found.index.isin(found["similarity"].nlargest(22).index)
    for name, part in (("listed", found["related"]), ("the 22 most similar", first)):
        right = f"precision {(part & same).sum()}/{part.sum()}, recall {(part & same).sum()}/{same.sum()}"
        print(f"corpus, {len(read)} pairs, {name}: {right}")
    for coder in ("coder_1", "coder_2"):
        agreed = percent_agreement(pairs[["act", coder]].to_numpy())
        print(f"{coder} and the plan: {agreed.value:.2f} over {agreed.n_units} pairs")


if __name__ == "__main__":
    main()

"""Precision and recall of joint acts on the pairs that two coders labelled, in the real chapter. Run by hand."""

import sys
from pathlib import Path

import pandas as pd

import g7tag
from g7tag.audit.joint import pair_items
from g7tag.audit.notes import named_notes, noted_items
from g7tag.statistics import krippendorff_alpha

ROOT = Path(__file__).parents[2]
PAIRS = ROOT / "data" / "codings" / "joint-actions-2024.csv"
CHAPTER = ROOT.parent / "shared" / "reports" / "2024-apulia-commitment-19.txt"
CHOSEN_UNTIL = pd.Timestamp("2024-10-31")
"""Limits of days and cosines were chosen on pairs of items until this day; the later ones measure them."""


def main(report: Path) -> None:
    """Print a row for all pairs of two members, and for parts of them."""
    evidence = g7tag.read_reports([report])
    noted = noted_items(evidence.items, named_notes(evidence.citations))
    pairs = pair_items(evidence.items, noted, g7tag.open_codebook())
    found = set(pairs.loc[pairs["act"] == "same", ["item_1", "item_2"]].itertuples(index=False, name=None))
    labelled = pd.read_csv(PAIRS)
    items = evidence.items.set_index("item_id")
    one, other = (items.loc[labelled[name]].reset_index(drop=True) for name in ("item_1", "item_2"))
    across = one["member"] != other["member"]
    late = pd.concat([one["date"], other["date"]], axis=1).max(axis=1) > CHOSEN_UNTIL
    worded_apart = one["text"] != other["text"]
    asked = labelled[["item_1", "item_2"]].to_numpy().tolist()
    told = pd.Series([tuple(pair) in found for pair in asked])
    same = labelled["label"] == "same"
    parts = {
        "two members, all": across,
        "two members, until 31 October": across & ~late,
        "two members, later": across & late,
        "two members, worded apart": across & worded_apart,
        "one member": ~across,
    }
    for name, part in parts.items():
        right = int((told & same & part).sum())
        n_told, n_same = int((told & part).sum()), int((same & part).sum())
        print(f"{name:32} {int(part.sum()):4} pairs, precision {right}/{n_told}, recall {right}/{n_same}")
    coded = labelled.dropna(subset=["coder_1"])
    codings = coded[["coder_1", "coder_2"]]
    for name, codes in (("three labels", codings), ("same or not", codings == "same")):
        print(f"coders' alpha, {name}: {krippendorff_alpha(codes.to_numpy()).value:.3f} over {len(codes)} pairs")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CHAPTER)

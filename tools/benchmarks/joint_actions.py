"""Print precision and recall of joint acts on the labelled pairs of items of the real chapter. Run by hand."""

import sys
from pathlib import Path

import pandas as pd

import g7tag
from g7tag.audit.evidence import mentioned_members
from g7tag.audit.joint import pair_items
from g7tag.audit.notes import named_notes, noted_items
from g7tag.statistics import krippendorff_alpha

ROOT = Path(__file__).parents[2]
PAIRS = ROOT / "data" / "codings" / "joint-actions-2024.csv"
CHAPTER = ROOT.parent / "shared" / "reports" / "2024-apulia-commitment-19.txt"
CHOSEN_UNTIL = pd.Timestamp("2024-10-31")
"""Limits of days and cosines were chosen on pairs up to this day; the later pairs test them."""


def main(report: Path) -> None:
    """Print a row for all pairs of two members, for parts of them, and for pairs of one member."""
    evidence = g7tag.read_reports([report])
    noted = noted_items(evidence.items, named_notes(evidence.citations))
    pairs = pair_items(evidence.items, noted, mentioned_members(evidence.items, g7tag.open_codebook()))
    found = set(pairs.loc[pairs["act"] == "same", ["item_1", "item_2"]].itertuples(index=False, name=None))
    labelled = pd.read_csv(PAIRS)
    items = evidence.items.set_index("item_id")
    one, other = (items.loc[labelled[name]].reset_index(drop=True) for name in ("item_1", "item_2"))
    across = one["member"] != other["member"]
    late = pd.concat([one["date"], other["date"]], axis=1).max(axis=1) > CHOSEN_UNTIL
    different_text = one["text"] != other["text"]
    asked = labelled[["item_1", "item_2"]].to_numpy().tolist()
    predicted = pd.Series([tuple(pair) in found for pair in asked])
    same = labelled["label"] == "same"
    parts = {
        "two members, all": across,
        "two members, until 31 October": across & ~late,
        "two members, later": across & late,
        "two members, different text": across & different_text,
        "one member": ~across,
    }
    for name, part in parts.items():
        right = int((predicted & same & part).sum())
        n_predicted, n_same = int((predicted & part).sum()), int((same & part).sum())
        print(f"{name:32} {int(part.sum()):4} pairs, precision {right}/{n_predicted}, recall {right}/{n_same}")
    coded = labelled.dropna(subset=["coder_1"])
    codings = coded[["coder_1", "coder_2"]]
    for name, codes in (("three labels", codings), ("same or not", codings == "same")):
        print(f"coders' alpha, {name}: {krippendorff_alpha(codes.to_numpy()).value:.3f} over {len(codes)} pairs")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CHAPTER)

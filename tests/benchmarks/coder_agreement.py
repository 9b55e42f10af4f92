"""Krippendorff's alpha of the corpus's coders by label and round, with intervals over items. Run by hand."""

from pathlib import Path

import pandas as pd

from g7tag.statistics import bootstrap_interval, krippendorff_alpha

CODINGS = Path(__file__).parents[2] / "data" / "codings" / "apulia-2024.csv"
GROUPS = {"first pair": "AB", "second pair": "CD", "all four": "ABCD", "dismantle by rules 1.1.0": "EF"}


def main() -> None:
    """Print a row for each group of coders and label."""
    codings = pd.read_csv(CODINGS, dtype="str", keep_default_na=False)
    for group, coders in GROUPS.items():
        its = codings[codings["coder"].isin(list(coders))]
        keys = ["dismantle"] if coders == "EF" else ["prevent", "counter", "dismantle", "disrupt", "border"]
        for key in keys:
            column = "exclusion" if key == "border" else "dimensions"
            held = its.assign(held=its[column].str.split(";").map(lambda keys, key=key: key in keys))
            codes = held.pivot(index="sentence_id", columns="coder", values="held")
            items = codes.index.str.rpartition(".").get_level_values(0)
            low, high, *_ = bootstrap_interval(krippendorff_alpha, codes.to_numpy(dtype="object"), items)
            alpha = krippendorff_alpha(codes.to_numpy(dtype="object")).value
            print(f"{group:26} {key:10} alpha {alpha:.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()

"""Print Krippendorff's alpha of the corpus's coders by file, label and round, with intervals. Run by hand."""

from pathlib import Path

import pandas as pd

from g7tag.statistics import bootstrap_interval, krippendorff_alpha

DATA = Path(__file__).parents[2] / "data"
CODINGS = DATA / "codings"
LABELS = ["prevent", "counter", "dismantle", "disrupt", "border"]
GROUPS = [  # file, name of the group, letters of its coders, labels that they coded
    ("apulia-2024", "first pair", "AB", LABELS),
    ("apulia-2024", "second pair", "CD", LABELS),
    ("apulia-2024", "all four", "ABCD", LABELS),
    ("apulia-2024", "dismantle by rules 1.1.0", "EF", ["dismantle"]),
    ("earlier-actions", "Japan, United States", "GH", LABELS),
    ("earlier-actions", "Canada, Italy", "IJ", LABELS),
    ("earlier-actions", "European Union, France", "KL", LABELS),
    ("earlier-actions", "United Kingdom, Germany", "MN", LABELS),
    ("earlier-actions", "all pairs", "GHIJKLMN", LABELS),
]


def main() -> None:
    """Print a row for each file, group of coders and label."""
    for file, group, coders, labels in GROUPS:
        codings = pd.read_csv(CODINGS / f"{file}.csv", dtype="str", keep_default_na=False)
        rows = codings[codings["coder"].isin(list(coders))]
        for key in labels:
            column = "exclusion" if key == "border" else "dimensions"
            coded = rows.assign(has_label=rows[column].str.split(";").map(lambda keys, key=key: key in keys))
            codes = coded.pivot(index="sentence_id", columns="coder", values="has_label")  # NaN: not coded
            items = codes.index.str.rpartition(".").get_level_values(0)
            low, high, *_ = bootstrap_interval(krippendorff_alpha, codes.to_numpy(dtype="object"), items)
            alpha = krippendorff_alpha(codes.to_numpy(dtype="object")).value
            print(f"{file:16} {group:26} {key:10} alpha {alpha:.3f} [{low:.3f}, {high:.3f}]")
    print_acts()
    for path in (DATA / "corpus/2024-apulia-19/public-pages.csv", DATA / "contrast/2024-apulia-19.csv"):
        print_both(path, LABELS[:4])
    print_both(DATA / "corpus/2024-apulia-09/food-security.csv", ["barriers", "systems", "access"])
    print_both(DATA / "corpus/2024-apulia-18/border-management.csv", ["manage", "visa", "limit"])


def print_acts() -> None:
    """Print the agreement of the two coders on acts: on all values, and on each value against the others."""
    acts = pd.read_csv(CODINGS / "acts.csv", dtype="str", keep_default_na=False)
    items = acts["sentence_id"].str.rpartition(".")[0].to_numpy()
    pairs = acts[["o_act", "p_act"]]
    values = sorted(set(pairs.to_numpy().ravel()))
    for name, codes in [("all", pairs), *((value, pairs == value) for value in values)]:
        table = codes.to_numpy(dtype="object")
        low, high, *_ = bootstrap_interval(krippendorff_alpha, table, items)
        print(f"{'acts':16} {'O, P':26} {name:10} alpha {krippendorff_alpha(table).value:.3f} [{low:.3f}, {high:.3f}]")


def print_both(path: Path, dimensions: list[str]) -> None:
    """Print the agreement of the two coders of a file, by label and by member."""
    file = path.stem
    pages = pd.read_csv(path, dtype="str", keep_default_na=False)
    pages["item_id"] = pages["sentence_id"].str.rpartition(".")[0]
    for key in dimensions:
        for coder in ("c1", "c2"):
            pages[f"{coder}_{key}"] = pages[f"{coder}_dimensions"].str.split(";").map(lambda keys, key=key: key in keys)
    for act in ("done", "planned", "not_done", "reversed", "background"):
        for coder in ("c1", "c2"):
            pages[f"{coder}_act {act}"] = pages[f"{coder}_act"] == act
    labels = [*dimensions, "strength", "act", *(name[3:] for name in pages if name.startswith("c1_act ")), "exclusion"]
    for name in labels:
        print_pair(file, pages, name, "all members")
    for member, group in pages.groupby("member"):
        print_pair(file, group, "act", str(member))
        print_pair(file, group, "strength", str(member))


def print_pair(file: str, pages: pd.DataFrame, name: str, who: str) -> None:
    """Print the agreement of the two coders on one label."""
    codes = pages[[f"c1_{name}", f"c2_{name}"]].to_numpy(dtype="object")
    low, high, *_ = bootstrap_interval(krippendorff_alpha, codes, pages["item_id"].to_numpy())
    print(f"{file:16} {who:26} {name:14} alpha {krippendorff_alpha(codes).value:.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()

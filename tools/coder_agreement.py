"""Write data/codings/agreement.csv: Krippendorff's alpha of the corpus's coders, with 95% intervals over items.

python tools/coder_agreement.py
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from g7tag.statistics import alpha_interval, krippendorff_alpha

DATA = Path(__file__).resolve().parents[1] / "data"
LABELS = ["prevent", "counter", "dismantle", "disrupt", "border"]
GROUPS = [  # file, members, letters of the coders, labels that they coded
    ("apulia-2024", "all members", "AB", LABELS),
    ("apulia-2024", "all members", "CD", LABELS),
    ("apulia-2024", "all members", "ABCD", LABELS),
    ("apulia-2024", "all members", "EF", ["dismantle"]),
    ("earlier-actions", "Japan, United States", "GH", LABELS),
    ("earlier-actions", "Canada, Italy", "IJ", LABELS),
    ("earlier-actions", "European Union, France", "KL", LABELS),
    ("earlier-actions", "United Kingdom, Germany", "MN", LABELS),
    ("earlier-actions", "all members", "GHIJKLMN", LABELS),
]
FILES = [  # both coders' labels are in the file
    ("corpus/2024-apulia-19/public-pages.csv", "R to AG", LABELS[:4]),
    ("contrast/2024-apulia-19.csv", "AH, AI", LABELS[:4]),
    ("further/2024-apulia-19.csv", "CA to CF", LABELS[:4]),
    ("corpus/2024-apulia-09/food-security.csv", "AJ, AK", ["barriers", "systems", "access"]),
    ("corpus/2024-apulia-18/border-management.csv", "AL, AM", ["manage", "visa", "limit"]),
]


def agreement() -> pd.DataFrame:
    """Return a row for each file, group of coders, group of members and label."""
    return pd.DataFrame([*_first_files(), *_acts(), *_other_files(), *_breadth()]).round(3)


def _first_files() -> Iterator[dict[str, object]]:
    for file, members, coders, labels in GROUPS:
        codings = _read(f"codings/{file}.csv")
        rows = codings[codings["coder"].isin(list(coders))]
        for key in labels:
            column = "exclusion" if key == "border" else "dimensions"
            coded = rows.assign(has_label=[key in keys.split(";") for keys in rows[column]])
            codes = coded.pivot(index="sentence_id", columns="coder", values="has_label")  # NaN: not coded
            yield _row(file, ", ".join(coders), members, key, codes)


def _acts() -> Iterator[dict[str, object]]:
    codes = _read("codings/acts.csv").set_index("sentence_id")[["o_act", "p_act"]]
    yield from _each_act("apulia-2024 and earlier-actions", "O, P", codes)


def _other_files() -> Iterator[dict[str, object]]:
    for path, coders, dimensions in FILES:
        folder = path.partition("/")[0]
        file = Path(path).stem if folder == "corpus" else folder
        rows = _read(path).set_index("sentence_id")
        for key in dimensions:
            both = rows[["c1_dimensions", "c2_dimensions"]].map(lambda keys, key=key: key in keys.split(";"))
            yield _row(file, coders, "all members", key, both)
        yield from _each_act(file, coders, rows[["c1_act", "c2_act"]])
        for name in ("strength", "exclusion"):
            yield _row(file, coders, "all members", name, rows[[f"c1_{name}", f"c2_{name}"]])
        for member, own in rows.groupby("member"):
            for name in ("act", "strength"):
                yield _row(file, coders, str(member), name, own[[f"c1_{name}", f"c2_{name}"]])


def _breadth() -> Iterator[dict[str, object]]:
    for about in _read("breadth/commitments.csv").to_dict("records"):
        rows = _read(f"breadth/{about['id']}/sentences.csv").set_index("sentence_id")
        book = tomllib.loads((DATA / f"breadth/{about['id']}/codebook.toml").read_text("utf-8"))
        for key in (dimension["key"] for dimension in book["dimensions"]):
            both = rows[["c1_dimensions", "c2_dimensions"]].map(lambda keys, key=key: key in keys.split(";"))
            yield _row(about["id"], about["coders"], "all members", key, both)
        for name in ("strength", "act", "exclusion"):
            yield _row(about["id"], about["coders"], "all members", name, rows[[f"c1_{name}", f"c2_{name}"]])


def _each_act(file: str, coders: str, codes: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the agreement on all values of the act, and on each value against the others."""
    yield _row(file, coders, "all members", "act", codes)
    for value in ("done", "planned", "not_done", "reversed", "background"):
        yield _row(file, coders, "all members", value, codes == value)


def _row(file: str, coders: str, members: str, label: str, codes: pd.DataFrame) -> dict[str, object]:
    table, items = codes.to_numpy(dtype="object"), codes.index.str.rpartition(".").get_level_values(0)
    low, high, *_ = alpha_interval(table, items)
    found = {"alpha": krippendorff_alpha(table).value, "low": low, "high": high}
    return {"file": file, "coders": coders, "members": members, "label": label, "n": len(table)} | found


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / name, dtype="str", keep_default_na=False)


if __name__ == "__main__":
    found = agreement()
    print(found.to_string(index=False))
    found.to_csv(DATA / "codings/agreement.csv", index=False, lineterminator="\n")

"""Tables and texts on the evaluation of a tagger."""

import pandas as pd

EVALUATION_HEADINGS = {
    "labels": "By label",
    "taggers": "Compared with simpler taggers (label: share of sentences with the right dimensions and strength)",
    "acts": "By kind of statement (shares of sentences; unflagged: without needing review)",
    "confusion": "Number of sentences by true and assigned label",
    "calibration": "Calibration of the probabilities (a calibrated model has an error below the bound)",
    "routing": "Macro-F1 after people correct the most doubtful share of the sentences, or a random share",
    "learning_curve": "Quality on sentences left out, by number of labels",
}

BY_NUMBER = ["tagger", "n_train"]
CALIBRATION = ["brier", *(f"{of}{column}" for of in ("", "act_", "right_") for column in ("error", "bound"))]
"""Columns of a learning curve for a table of their own: one table would be too wide."""
OURS = {"g7tag": "", "g7tag fast": ", fast tagger"}
"""Names of g7tag's taggers in an evaluation, and what they add to the scheme."""


def evaluation_tables(name: str, measured: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the results of an evaluation or a learning curve as tables of text by heading, one table per scheme."""
    heading = EVALUATION_HEADINGS[name]
    shown = measured.drop(columns=[column for column in measured if str(column).endswith(("_low", "_high"))])
    rates = measured.select_dtypes("float").map("{:.2f}".format, na_action="ignore").astype("object").fillna("–")
    values = shown.columns.intersection(rates.columns)
    for column in values:
        has_ends = f"{column}_low" in rates
        ends = "\u00a0[" + rates[f"{column}_low"] + ", " + rates[f"{column}_high"] + "]" if has_ends else ""
        shown[column] = (rates[column] + ends).str.replace("\u00a0[–, –]", "", regex=False)
    if "reason" in shown:
        shown["reason"] = shown["reason"].where((rates[values] == "–").any(axis=1), "")
        shown = shown if (shown["reason"] != "").any() else shown.drop(columns="reason")
    if name == "taggers":
        shown = shown.drop(columns=["n", "n_items"], errors="ignore")  # too wide otherwise; other tables have them
    if "act_error" in shown:
        it = measured.iloc[0]
        heading += f": {it['n_tested']} sentences of {it['tested_on']}, {it['wrong']:.0%} of the labels wrong"
        quality = shown.drop(columns=["tested_on", "wrong", "n_tested", "n_items", *CALIBRATION])
        return {heading: quality, EVALUATION_HEADINGS["calibration"]: shown[[*BY_NUMBER, *CALIBRATION]]}
    if "scheme" not in shown:
        return {heading: shown}
    if name == "confusion":
        return _confusion_tables(heading, shown)
    return {f"{heading}: {scheme}": rows.drop(columns="scheme") for scheme, rows in shown.groupby("scheme", sort=False)}


def evaluation_table(
    name: str, measured: pd.DataFrame, *, scheme: str, tested_on: str, of: str = "dimension"
) -> pd.DataFrame:
    """Return the results on one file as text; see `evaluation_tables`."""
    rows = measured[(measured["scheme"] == scheme) & (measured["tested_on"] == tested_on)]
    rows = rows[rows["of"] == of] if "of" in rows else rows
    if rows.empty:
        return rows
    return next(iter(evaluation_tables(name, rows).values())).drop(columns="tested_on", errors="ignore")


def _confusion_tables(heading: str, shown: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return tables with a row for each true label and a column for each assigned label."""
    tables = {}
    for (scheme, kind), counts in shown.groupby(["scheme", "of"], sort=False):
        labels = list(dict.fromkeys(counts["found"]))
        wide = counts.pivot(index=["tested_on", "truth"], columns="found", values="n")[labels]
        rows = counts[["tested_on", "truth"]].drop_duplicates()
        named = wide.loc[list(rows.itertuples(index=False, name=None))].add_prefix("tagged ").rename_axis(columns=None)
        tables[f"{heading}, {kind}: {scheme}"] = named.reset_index()
    return tables


def quality_table(taggers: pd.DataFrame) -> pd.DataFrame:
    """Return the quality of g7tag's taggers as text, with a row for each file and each part left out of training."""
    own = taggers[taggers["tagger"].isin(list(OURS))].reset_index(drop=True)
    ends = [[f"{each:.2f}" for each in row] for row in own[["macro_f1", "macro_f1_low", "macro_f1_high"]].to_numpy()]
    return pd.DataFrame(
        {
            "tested on": own["tested_on"], "not trained on": own["scheme"] + own["tagger"].map(OURS).astype("str"),
            "macro-F1": pd.Series([f"{value} [{low}, {high}]" for value, low, high in ends], dtype="str"),
            "dimensions right": own["dimensions"].map("{:.0%}".format),
            "strength right": own["strength"].map("{:.0%}".format), "sentences": own["n"],
        }
    )  # fmt: skip

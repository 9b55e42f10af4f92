"""What an evaluation measured, as tables of words."""

import pandas as pd

EVALUATION_HEADINGS = {
    "labels": "By label",
    "taggers": "Beside simpler taggers (strength, dimensions: shares of sentences that have the right ones)",
    "confusion": "How many sentences have one label and got another",
    "calibration": "Whether probabilities can be taken at their word (error within the bound of a calibrated model)",
    "routing": "Macro-F1 when people put right the most doubtful share of the sentences or a random one",
    "learning_curve": "Macro-F1 on the dev part by number of training sentences",
}


def evaluation_tables(name: str, measured: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what an evaluation or a learning curve measured as text by heading: a table for each scheme.

    Parameters
    ----------
    name
        The measurement's name in `EVALUATION_HEADINGS`.
    measured
        Rates are floats from 0 to 1; the ends of the interval of f1 are f1_low and f1_high. They are shown with two
        decimals, NaN as a dash, and the reason where there is one.
    """
    heading = EVALUATION_HEADINGS[name]
    shown = measured.drop(columns=[column for column in measured if str(column).endswith(("_low", "_high"))])
    rates = measured.select_dtypes("float").map("{:.2f}".format, na_action="ignore").fillna("–")
    values = shown.columns.intersection(rates.columns)
    for column in values:
        has_ends = f"{column}_low" in rates
        ends = "\u00a0[" + rates[f"{column}_low"] + "–" + rates[f"{column}_high"] + "]" if has_ends else ""
        shown[column] = (rates[column] + ends).str.replace("\u00a0[–––]", "", regex=False)
    if "reason" in shown:
        shown["reason"] = shown["reason"].where((rates[values] == "–").any(axis=1), "")
        shown = shown if (shown["reason"] != "").any() else shown.drop(columns="reason")
    if "scheme" not in shown:
        return {heading: shown}
    if name == "confusion":
        return _confusion_tables(heading, shown)
    return {f"{heading}: {scheme}": rows.drop(columns="scheme") for scheme, rows in shown.groupby("scheme", sort=False)}


def _confusion_tables(heading: str, shown: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A row for each label that sentences have, a column for each that they got."""
    tables = {}
    for (scheme, kind), counts in shown.groupby(["scheme", "of"], sort=False):
        labels = list(dict.fromkeys(counts["found"]))
        wide = counts.pivot(index=["tested_on", "truth"], columns="found", values="n")[labels]
        rows = counts[["tested_on", "truth"]].drop_duplicates()
        named = wide.loc[list(rows.itertuples(index=False, name=None))].add_prefix("tagged ").rename_axis(columns=None)
        tables[f"{heading}, {kind}: {scheme}"] = named.reset_index()
    return tables

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


def evaluation_table(
    name: str, measured: pd.DataFrame, *, scheme: str, tested_on: str, of: str = "dimension"
) -> pd.DataFrame:
    """Return what was measured on one file, as text; see `evaluation_tables`.

    Parameters
    ----------
    name
        labels, taggers, confusion, calibration or routing.
    measured
        Its frame in an evaluation.
    scheme, tested_on
        Which rows.
    of
        Of a confusion, whether that of dimension, strength or exclusion.

    Returns
    -------
    pandas.DataFrame
        All text; where nothing was measured so, no rows.
    """
    rows = measured[(measured["scheme"] == scheme) & (measured["tested_on"] == tested_on)]
    rows = rows[rows["of"] == of] if "of" in rows else rows
    if rows.empty:
        return rows
    return next(iter(evaluation_tables(name, rows).values())).drop(columns="tested_on", errors="ignore")


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


def quality_words(taggers: pd.DataFrame, *, tagger: str = "g7tag") -> list[str]:
    """Return in lines how good a tagger is on each file, by what was left out of its training.

    Parameters
    ----------
    taggers
        The frame `taggers` of an evaluation. Rates from 0 to 1; the ends of the interval of macro_f1 are macro_f1_low
        and macro_f1_high. No rows give no lines.
    tagger
        The tagger's name in it.

    Examples
    --------
    >>> row = {"scheme": "member left out", "tested_on": "a.csv", "tagger": "g7tag", "n": 9, "macro_f1": 0.5}
    >>> ends = {"macro_f1_low": 0.4, "macro_f1_high": 0.6, "dimensions": 0.25, "strength": 0.75}
    >>> quality_words(pd.DataFrame([row | ends]))
    ['a.csv, member left out: macro-F1 0.50 [0.40, 0.60]; all dimensions right 25%, strength right 75% (9 sentences).']
    """
    return [
        f"{row['tested_on']}, {row['scheme']}: macro-F1 {row['macro_f1']:.2f} "
        f"[{row['macro_f1_low']:.2f}, {row['macro_f1_high']:.2f}]; all dimensions right {row['dimensions']:.0%}, "
        f"strength right {row['strength']:.0%} ({row['n']} sentences)."
        for row in taggers[taggers["tagger"] == tagger].to_dict("records")
    ]

"""Check labelled files: form, labels, ids, sources, duplicates, copied text, and labels predictable from metadata."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import sentencex

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import (
    CODERS,
    COLUMNS,
    LABEL,
    PARTS,
    REQUIRED,
    SOURCE_TYPES,
    missing_of_coder,
    require_own_names,
)
from g7tag.frames import STRENGTHS
from g7tag.frames.labels import coder_rules, has_key, label_of_act, label_rules
from g7tag.store import read_table
from g7tag.text import listed

LEAST_OF_MEMBER, LEAST_OF_EXCLUSION, LEAST_OF_ACT, LEAST_TEST = 500, 300, 500, 900
KINDS_OF_ACT = (("planned",), ("not_done", "reversed"), ("background",))
MOST_PRESS = 0.4
"""Least numbers of sentences, and greatest share of the press, for `coverage_failures`."""
FOLDS = 5
GREATEST_GAIN = 0.05
"""Gain in macro-F1 over the class prior above which metadata gives labels away."""
RUN = 12
"""Number of consecutive shared words from which a text counts as copied."""
NEAR = 0.85
"""Cosine similarity of character n-grams from which two sentences count as near-duplicates."""
BLOCK = 500
"""Rows that are compared at once."""
_CUTS = np.round(np.arange(0.05, 1.0, 0.05), 2)
_URL = re.compile(r"https?://[^\s\"'<>]+\.[^\s\"'<>]+")
_NO_WORDS = re.compile(r"https?://\S+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


class Failure(NamedTuple):
    """A problem in a corpus file: where, what, and how to fix it. Row 0 means the whole file."""

    file: str
    row: int
    problem: str
    fix: str
    weak: bool = False

    def __str__(self) -> str:
        """Return the failure as one line."""
        place = f"{self.file}, row {self.row}" if self.row else self.file
        return f"{place}: {'weakness: ' if self.weak else ''}{self.problem}. {self.fix}."


def check_corpus(
    paths: Sequence[Path], codebook: Codebook, *, reports: Iterable[str] = (), complete: bool = False
) -> list[Failure]:
    """Return all problems in corpus files, by file and row; empty if there are none.

    What does not prevent training is a weakness, unless files have to be `complete`: with every column.
    """
    require_own_names(paths)
    failures: list[Failure] = []
    tables = []
    for path in paths:
        table = read_table(path).astype("object").fillna("").astype("str")
        wrong = _column_failures(path.name, table, complete=complete)
        failures += wrong
        if all(one.weak for one in wrong):
            failures += _row_failures(path.name, table, codebook, complete=complete)
            tables.append(with_all_columns(table).assign(file=path.name, row=range(1, len(table) + 1)))
    if tables:
        corpus = pd.concat(tables, ignore_index=True)
        twice = [one._replace(weak=not complete) for one in (*_split_clusters(corpus), *_duplicates(corpus))]
        failures += [*twice, *_copied(corpus, reports)]
    return failures


def _column_failures(name: str, table: pd.DataFrame, *, complete: bool) -> list[Failure]:
    given = set(table.columns)
    missing, unknown = set(COLUMNS if complete else REQUIRED) - given, given - set(COLUMNS)
    lines = [(f"column {listed(missing)} is missing", "Add it", False)] if missing else []
    lines += [("has no rows", "Add labelled sentences", False)] if table.empty else []
    for coder in CODERS:
        lines += [(line, "Add it, or remove the others", False) for line in missing_of_coder(coder, given)]
    lines += [(f"column {listed(unknown)} is unknown", "Remove it", not complete)] if unknown else []
    return [Failure(name, 0, problem, fix, weak) for problem, fix, weak in lines]


def with_all_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with all columns of a labelled file; a sentence without an id or item has one of its own."""
    filled = table.reindex(columns=list(COLUMNS), fill_value="")
    numbers = pd.Series(range(1, len(table) + 1), index=table.index).astype("str")
    ids = filled["sentence_id"].mask(filled["sentence_id"] == "", "row " + numbers)
    items = filled["item_id"].mask(filled["item_id"] == "", ids)
    return filled.assign(sentence_id=ids, item_id=items)


def is_coded_twice(table: pd.DataFrame) -> bool:
    """Return whether every sentence has the labels of two coders."""
    coded = ["c1_strength", "c2_strength"]
    return set(coded) <= set(table) and bool((table[coded] != "").all(axis=None))


def _row_failures(name: str, given: pd.DataFrame, codebook: Codebook, *, complete: bool) -> list[Failure]:
    """Return one failure for each broken rule, with its first row and the number of rows."""
    table = with_all_columns(given)
    rules = [(*rule, False) for rule in _label_rules(table, codebook)]
    for column, problem, fix, broken in [
        *_source_rules(table, codebook),
        *(_coding_rules(table) if is_coded_twice(given) else []),
    ]:
        if column in given:
            known = given[column] != "" if not complete and column not in REQUIRED else True
            rules.append((problem, fix, broken & known, not complete))
    failures = []
    for problem, fix, broken, weak in rules:
        if broken.any():
            first, count = int(np.flatnonzero(broken)[0]), int(broken.sum())
            more = f" ({count} rows)" if count > 1 else ""
            failures.append(Failure(name, first + 1, f"{problem}{more}", fix, weak))
    return failures


def _label_rules(table: pd.DataFrame, codebook: Codebook) -> Iterator[tuple[str, str, pd.Series]]:
    """Yield the rules for labels, which training needs."""
    for problem, broken in label_rules(table, codebook).items():
        yield problem, "Label it with the codebook again", broken
    for coder in CODERS:
        coded = table[f"{coder}_strength"] != ""
        for problem, broken in coder_rules(table, coder, codebook).items():
            yield f"coder {coder[1]}: {problem}", "Enter the coder's original label", broken & coded


def _source_rules(table: pd.DataFrame, codebook: Codebook) -> list[tuple[str, str, str, pd.Series]]:
    """Return the rules for ids, sources and texts, each with the column that it is about."""
    days = []
    for name in ("date", "published", "retrieved"):
        wrong = ~_is_day(table[name]) & ((table[name] != "") | (name == "date"))
        first = str(table.loc[wrong, name].iloc[0])[:30] if wrong.any() else ""
        days.append((name, f"{name} is not a date: {first!r}", "Write it as 2024-07-05", wrong))
    position = pd.to_numeric(table["position"], errors="coerce")
    previous = position.groupby(table["item_id"]).shift().fillna(0)
    codes = table["member"].map(codebook.codes).fillna("")
    unnamed = [bool(code) and code not in item for code, item in zip(codes, table["item_id"], strict=True)]
    count = table["text"].map(lambda text: len(sentencex.get_sentence_boundaries("en", text)))
    unlike = table["sentence_id"] != table["item_id"] + "." + table["position"]
    no_url = (table["url"] != "") & ~table["url"].str.fullmatch(_URL)
    typed = table["source_type"].isin(SOURCE_TYPES) | ((table["source_type"] == "") & (table["publisher"] == ""))
    typed |= bool((table["source_type"] == "").all())  # nobody entered any
    kinds = f"source_type is not one of {', '.join(SOURCE_TYPES)}"
    numbers = "position does not increase in its item"
    return [
        *days,
        ("source_type", kinds, "Enter the kind of publisher", ~typed),
        ("member", "member is not in the codebook", f"Use one of {', '.join(codebook.codes)}", codes == ""),
        ("item_id", "item_id does not name the member", "Use the member's code", pd.Series(unnamed, dtype="bool")),
        ("url", "url is not a URL", "Enter the page's URL, or leave it empty", no_url),
        ("position", numbers, "Number the rows of an item 1, 2, 3", ~(position > previous)),
        ("position", "sentence_id is not item_id.position", "Write it as 2024-19/JPN-02.1", unlike),
        ("text", "text is not one sentence", "Use one row per sentence", count != 1),
    ]


def _coding_rules(table: pd.DataFrame) -> list[tuple[str, str, str, pd.Series]]:
    """Return the rules for what two coders labelled, each with the column that it is about."""
    agreed = pd.concat([table[f"c1_{part}"] == table[f"c2_{part}"] for part in LABEL], axis=1).all(axis=1)
    common = label_of_act(table[[f"c1_{part}" for part in LABEL]].set_axis(LABEL, axis=1))
    no_act = (table["c1_act"] == "").to_numpy()[:, None] & np.array([part == "act" for part in LABEL])
    kept = ((table[LABEL] == common) | no_act).all(axis=1)
    unexplained = ~agreed & (table["note"] == "")
    neither, unnamed = ~table["contradicts"].isin(["true", "false"]), "Name the act; items about the same act share it"
    rules = {
        "contradicts": ("contradicts is not true or false", "Write true or false", neither),
        "act": ("act is empty", f"Enter one of {', '.join(ACTS)}", table["act"] == ""),
        "part": (f"part is not one of {', '.join(PARTS)}", "Use one of these", ~table["part"].isin(PARTS)),
        "cluster": ("cluster is empty", unnamed, table["cluster"] == ""),
        "text": ("the label differs from the one both coders chose", "Use their label", agreed & ~kept),
        "note": ("the coders disagreed and no reason is given", "Enter one in the note", unexplained),
        "rules_version": ("rules_version is empty", "Enter the version of the rules", table["rules_version"] == ""),
    }  # fmt: skip
    return [(column, *rule) for column, rule in rules.items()]


def _is_day(column: pd.Series) -> pd.Series:
    shaped = column.str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    return shaped & pd.to_datetime(column.where(shaped), format="%Y-%m-%d", errors="coerce").notna()


def _split_clusters(corpus: pd.DataFrame) -> list[Failure]:
    """Return one failure for each cluster whose rows, over all files, are in several parts."""
    parts = corpus.groupby("cluster")["part"].transform("nunique")
    first = corpus[(parts > 1) & (corpus["cluster"] != "")].drop_duplicates("cluster").to_dict("records")
    problem = "cluster {} is in several parts"
    return [_failure(row, problem.format(row["cluster"]), "Put all its rows into one part") for row in first]


def _failure(row: Mapping[Hashable, Any], problem: str, fix: str) -> Failure:
    return Failure(row["file"], row["row"], problem, fix)


def _duplicates(corpus: pd.DataFrame) -> list[Failure]:
    """Return failures for duplicates, and for near-duplicates of different clusters in different parts."""
    plain = corpus["text"].str.lower().str.replace(r"\W+", " ", regex=True).str.strip()
    duplicated = plain.duplicated() | corpus["sentence_id"].duplicated()
    again = corpus[duplicated].to_dict("records")
    failures = [_failure(row, "is a duplicate", "Remove one of the two") for row in again]
    rows = corpus.to_dict("records")
    for place, other in _near_pairs(corpus["text"]):
        row, twin = rows[place], rows[other]
        if not duplicated[place] and row["cluster"] != twin["cluster"] and row["part"] != twin["part"]:
            problem = f"is a near-duplicate of {twin['sentence_id']}, which is in another cluster and part"
            failures.append(_failure(row, problem, "Give both one cluster and part"))
    return failures


def _near_pairs(texts: pd.Series) -> Iterator[tuple[int, int]]:
    """Yield the places of texts whose cosine is at least `NEAR`, the later first."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - needed for this check alone

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), dtype=np.float32).fit_transform(texts)
    for start in range(0, vectors.shape[0], BLOCK):
        cosines = (vectors[start : start + BLOCK] @ vectors[: start + BLOCK].T).tocoo()
        near = (cosines.data >= NEAR) & (cosines.col < cosines.row + start)
        yield from sorted(zip((cosines.row[near] + start).tolist(), cosines.col[near].tolist(), strict=True))


def _copied(corpus: pd.DataFrame, reports: Iterable[str]) -> list[Failure]:
    known = {run for report in reports for run in _runs(report)}
    failures = []
    for row in corpus.to_dict("records"):
        shared = next((run for run in _runs(row["text"]) if run in known), None)
        if shared:
            problem = f"shares {RUN} words with a report: {' '.join(shared)[:80]!r}"
            failures.append(_failure(row, problem, "Rephrase it in your own words"))
    return failures


def _runs(text: str) -> list[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", _NO_WORDS.sub(" ", text).lower().replace("’", "'"))
    return [tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1)]


def measure_leakage(corpus: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Measure how well metadata alone predicts the labels: all of it together, then each kind alone.

    The columns are features, macro_f1 (of a classifier on them) and prior_f1 (of the best constant answer).
    """
    rows = corpus[corpus["part"] != "test"].reset_index(drop=True)
    length = rows["text"].map(lambda text: len(text.split()) // 10)  # tens of words
    facts = pd.DataFrame(
        {"member": rows["member"], "month": rows["date"].str[:7], "publisher": rows["publisher"],
         "source type": rows["source_type"], "length": length}
    ).astype("str")  # fmt: skip
    truth = pd.DataFrame({key: has_key(rows["dimensions"], key) for key in codebook.dimension_keys})
    names = [str(name) for name in facts]
    sets = [names, *([name] for name in names)]
    measured = [(", ".join(chosen), *_predicted(facts[chosen], truth, rows["cluster"])) for chosen in sets]
    return pd.DataFrame(measured, columns=["features", "macro_f1", "prior_f1"])


def _predicted(facts: pd.DataFrame, truth: pd.DataFrame, clusters: pd.Series) -> tuple[float, float]:
    """Return the macro-F1 of a classifier on facts and of the class prior, on clusters left out."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - needed for this check alone
    from sklearn.metrics import f1_score  # noqa: PLC0415
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415
    from sklearn.preprocessing import OneHotEncoder  # noqa: PLC0415

    if clusters.nunique() < 2:
        return float("nan"), float("nan")
    found, prior, labels = np.zeros(truth.shape, dtype=bool), np.zeros(truth.shape, dtype=bool), truth.to_numpy()
    for train, test in GroupKFold(min(FOLDS, clusters.nunique())).split(facts, groups=clusters):
        encoder = OneHotEncoder(handle_unknown="ignore").fit(facts.iloc[train])
        seen, unseen = encoder.transform(facts.iloc[train]), encoder.transform(facts.iloc[test])
        for place, known in enumerate(labels[train].T):
            found[test, place] = prior[test, place] = known.any()  # always yes has the greater F1 if there is any yes
            if known.any() and not known.all():
                model = LogisticRegression(max_iter=1000).fit(seen, known)
                got = model.predict_proba(seen)[:, 1:] >= _CUTS
                f1 = 2 * got[known].sum(axis=0) / (known.sum() + got.sum(axis=0))
                found[test, place] = model.predict_proba(unseen)[:, 1] >= _CUTS[f1.argmax()]
    one, other = (f1_score(labels, tags, average="macro", zero_division=0.0) for tags in (found, prior))
    return float(one), float(other)


def leakage_failures(measured: pd.DataFrame) -> list[Failure]:
    """Return a failure if all metadata together beats the class prior by more than `GREATEST_GAIN`."""
    together, *each = measured.assign(gain=measured["macro_f1"] - measured["prior_f1"]).to_dict("records")
    if not together["gain"] > GREATEST_GAIN:
        return []
    worst = max(each, key=lambda one: one["gain"])
    problem = (
        f"weakness: {together['features']} alone reach macro-F1 {together['macro_f1']:.2f}, the class prior "
        f"{together['prior_f1']:.2f}; {worst['features']} reaches the most ({worst['macro_f1']:.2f})"
    )
    return [Failure("corpus", 0, problem, "Add sentences in which it does not predict the label")]


def coverage_failures(corpus: pd.DataFrame, codebook: Codebook) -> list[Failure]:
    """Return a failure for each kind of sentence of which a corpus has too few to train and test a tagger on."""
    found = [(f"of {name}", corpus["member"] == name, LEAST_OF_MEMBER) for name in codebook.codes]
    found += [(f"whose act is {' or '.join(acts)}", corpus["act"].isin(acts), LEAST_OF_ACT) for acts in KINDS_OF_ACT]
    exclusions = codebook.exclusion_keys
    found += [(f"with exclusion {key}", corpus["exclusion"] == key, LEAST_OF_EXCLUSION) for key in exclusions]
    found.append(("in the part test", corpus["part"] == "test", LEAST_TEST))
    failures = [
        Failure("corpus", 0, f"weakness: {n} sentences {kind}, expected at least {least}", "Add such sentences")
        for kind, n, least in ((kind, int(rows.sum()), least) for kind, rows, least in found)
        if n < least
    ]
    press = float((corpus["source_type"] == "press").mean())
    if press > MOST_PRESS:
        problem = f"weakness: {press:.0%} of the sentences are from the press, expected at most {MOST_PRESS:.0%}"
        failures.append(Failure("corpus", 0, problem, "Add pages of authorities"))
    return failures


def label_counts(corpus: pd.DataFrame, codebook: Codebook, by: str) -> pd.DataFrame:
    """Return the number of items, of sentences and of sentences with each label, grouped by a column."""
    labels = corpus[LABEL[0]].str.cat(corpus[LABEL[1:]], sep=";").str.split(";")
    counted = pd.DataFrame({by: corpus[by], "label": labels}).explode("label")
    order = [*codebook.dimension_keys, *STRENGTHS, *codebook.exclusion_keys, *ACTS]
    table = pd.crosstab(counted[by], counted["label"]).reindex(columns=order, fill_value=0)
    sizes = corpus.groupby(by).agg(items=("item_id", "nunique"), sentences=("text", "size"))
    return sizes.join(table).reset_index()

"""The bundled corpora and evidence: what they hold, how they were coded, and that nothing is copied or shared."""

import json
import runpy
from functools import cache

import numpy as np
import pandas as pd
import pytest
from frictionless import Package, system
from sentencex import get_sentence_boundaries
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import OneHotEncoder

from g7tag.codebook import ACTS, load_codebook
from g7tag.corpus import (
    BUNDLED_NAME,
    bundled_codebooks,
    bundled_corpus,
    bundled_evidence,
    coders_agreement,
    read_corpus,
)
from g7tag.corpus.reading import CODERS, COLUMNS, FIRST, LABEL, weaknesses
from g7tag.errors import SourceError
from g7tag.frames import FIXED, validate
from g7tag.frames.labels import has_key, label_of_act
from g7tag.store import data_path, read_table

CODINGS = {"2024-apulia-09": "food-security.csv", "2024-apulia-18": "border-management.csv"}
"""The file of each further codebook's corpus, and of its coders' labels."""
LAST_DAY = "2024-05-31"


@cache
def book_of(name):
    return load_codebook(data_path(f"codebooks/{name}.toml"))


@cache
def table_of(name):
    files = [read_table(path).assign(file=path.name) for path in bundled_corpus(name)]
    return pd.concat(files, ignore_index=True).fillna("").astype("str")


@pytest.fixture(params=CODINGS)
def name(request):
    return str(request.param)


@pytest.mark.parametrize("name", [*CODINGS, pytest.param(FIRST, marks=pytest.mark.slow)])
def test_the_rows_of_a_corpus_keep_the_rules_of_the_card(name):
    """Dates and closed sets are checked with the data package, copied text in tests/test_quality.py."""
    table, book = table_of(name), book_of(name)
    assert weaknesses(read_corpus(bundled_corpus(name), book)) == []
    position = table["position"].astype("int64")
    assert (position > position.groupby(table["item_id"]).shift().fillna(0)).all()
    assert (table["sentence_id"] == table["item_id"] + "." + table["position"]).all()
    codes = table["member"].map(book.codes)
    assert all(code in item_id for code, item_id in zip(codes, table["item_id"], strict=True))
    assert table["url"].str.fullmatch(r"(https?://\S+\.\S+)?").all()
    assert table["text"].map(lambda text: len(get_sentence_boundaries("en", text))).eq(1).all()
    assert table[["cluster", "rules_version", "act", "c1_act", "c2_act"]].ne("").all(axis=None)
    ones, twos = (table[[f"{coder}_{label}" for label in LABEL]].set_axis(LABEL, axis=1) for coder in CODERS)
    agreed = ones.eq(twos).all(axis=1)
    assert label_of_act(ones)[agreed].equals(table.loc[agreed, LABEL])
    assert table.loc[~agreed, "note"].ne("").all()  # an adjudication states its reason


@pytest.mark.chapter
def test_the_corpus_has_exactly_the_chapters_items(chapter):
    table = table_of(FIRST).query("file == 'apulia-2024.csv'")
    items = chapter.items.set_index("item_id")
    assert set(table["item_id"]) == set(items.index)
    assert table["sentence_id"].tolist() == chapter.sentences["sentence_id"].tolist()
    assert table["date"].to_list() == items.loc[table["item_id"], "date"].dt.strftime("%Y-%m-%d").to_list()


def test_the_first_corpus_has_every_label_of_every_member(codebook):
    table = table_of(FIRST)
    assert table["member"].value_counts().reindex(codebook.codes).min() >= 500
    assert set(table["dimensions"].str.split(";").explode()) == {*codebook.dimension_keys, ""}
    assert set(table["strength"]) == {"strong", "weak", "none"}
    assert set(table["exclusion"]) == {"", *codebook.exclusion_keys}
    earlier = table[table["file"] == "earlier-actions.csv"]
    assert (len(earlier) >= 1000, earlier["item_id"].nunique() >= 400) == (True, True)
    assert earlier["dimensions"].str.split(";").explode().value_counts()[codebook.dimension_keys].min() >= 150
    assert earlier["date"].between("2013-01-01", LAST_DAY).all()  # later events are kept for evaluation
    assert earlier["url"].str.startswith("http").all()


@pytest.mark.parametrize("path", bundled_corpus(FIRST), ids=lambda path: path.stem)
def test_both_coders_of_every_sentence_are_kept_in_the_codings(path):
    corpus = pd.read_csv(path, dtype="str", keep_default_na=False).set_index("sentence_id")
    codings = pd.read_csv(data_path(f"codings/{path.name}"), dtype="str", keep_default_na=False)
    assert set(codings["sentence_id"]) == set(corpus.index)
    labels = [name for name in LABEL if name in codings]
    made = codings.groupby("sentence_id")[labels].agg(set).loc[corpus.index]
    for name in labels if "apulia" not in path.name else ["exclusion"]:  # the chapter's dismantle was coded again
        coded = zip(corpus[f"c1_{name}"], corpus[f"c2_{name}"], made[name], strict=True)
        assert all({one, other} <= found for one, other, found in coded)


def test_a_further_corpus_is_coded_twice_and_ends_before_the_period(name):
    table, book = table_of(name), book_of(name)
    assert len(table) >= 300
    assert table["date"].between("2013-01-01", LAST_DAY).all()
    assert pd.Timestamp(LAST_DAY) < pd.Timestamp(book.commitment.period_start)
    codings = read_table(data_path(f"codings/{CODINGS[name]}")).fillna("").astype("str")
    assert codings.groupby("sentence_id")["coder"].agg(["size", "nunique"]).eq(2).all(axis=None)
    for place, coder in enumerate(codings["coder"].drop_duplicates()[:2], start=1):
        theirs = codings[codings["coder"] == coder].set_index("sentence_id").loc[table["sentence_id"], LABEL]
        assert table[[f"c{place}_{label}" for label in LABEL]].to_numpy().tolist() == theirs.to_numpy().tolist()


def test_both_parts_of_a_further_corpus_have_every_label_and_share_nothing(name):
    table, book = table_of(name), book_of(name)
    assert set(table["part"]) == {"train", "test"}
    for _, part in table.groupby("part"):
        assert set(part["dimensions"].str.split(";").explode()) == {*book.dimension_keys, ""}
        assert set(part["strength"]) == {"strong", "weak", "none"}
        assert set(part["act"]) == set(ACTS)
        assert set(part["member"]) == set(book.codes)
    for column in ("item_id", "cluster", "url", "text"):
        assert table.groupby(column)["part"].nunique().eq(1).all(), column


def test_no_page_and_no_text_is_used_for_two_commitments():
    both = pd.concat([table_of(name).assign(book=name) for name in (FIRST, *CODINGS)], ignore_index=True)
    assert not both["text"].duplicated().any()
    pages = both[both["url"] != ""].groupby("url")["book"].nunique()
    assert pages.index[pages > 1].tolist() == []


def test_the_agreement_of_coders_has_a_row_for_each_file_and_label(codebook):
    corpus = read_corpus(bundled_corpus(FIRST)[:1], codebook)
    agreement = coders_agreement(corpus, codebook)
    assert agreement["label"].tolist() == [*codebook.dimension_keys, "strength", *codebook.exclusion_keys, *ACTS]
    assert set(agreement["file"]) == {"apulia-2024.csv"}
    known = agreement[agreement["alpha"].notna()]  # the chapter has no act that was not done or reversed
    assert len(known) == 9
    assert (known["alpha"].between(known["low"], known["high"])).all()
    assert coders_agreement(corpus.assign(c2_strength=""), codebook).empty


@pytest.mark.slow
def test_the_data_package_is_generated_and_sound():
    path = data_path("datapackage.json")
    command = "python tools/make_datapackage.py"
    books = [load_codebook(file) for file in bundled_codebooks().values()]
    describe = runpy.run_path(str(path.parents[1] / "tools/make_datapackage.py"))["describe_package"]
    package = describe(books)
    assert json.loads(path.read_text(encoding="utf-8")) == package, f"generate it again: {command}"
    assert [field["name"] for field in package["resources"][0]["schema"]["fields"]] == list(COLUMNS)
    with system.use_context(trusted=True):
        report = Package(str(path)).validate()
    assert report.valid, report.flatten(["type", "message"])


def test_the_bundled_evidence_keeps_the_schemas_spans_citations_and_scores(codebook):
    evidence = bundled_evidence(codebook)
    for name, frame in evidence._asdict().items():
        validate(frame, FIXED[name])
    assert evidence.documents["name"].tolist() == [BUNDLED_NAME] == ["the whole chapter, restated in our own words"]
    text = evidence.documents["text"].iloc[0]
    spans = zip(evidence.sentences["start"], evidence.sentences["end"], strict=True)
    assert [text[start:end] for start, end in spans] == evidence.sentences["text"].tolist()
    assert set(evidence.items["citations"].astype("int64")) == set(evidence.citations["note"])
    assert (evidence.citations["url"].str.startswith("http") == (evidence.citations["url_status"] == "ok")).all()
    members = evidence.members
    assert dict(zip(members["code"], members["published_score"], strict=True)) == {
        "CAN": 0, "FRA": 0, "DEU": 0, "ITA": 0, "JPN": 0, "GBR": 1, "USA": 1, "EUU": 1,
    }  # fmt: skip
    with pytest.raises(SourceError, match="g7tag has no bundled evidence for it"):
        bundled_evidence(codebook.model_copy(update={"id": "2030-elsewhere-1"}))


@pytest.mark.slow
def test_the_publisher_reveals_labels_as_the_card_says(codebook):
    """Each fold of clusters is predicted with the threshold that is best on the others; or yes is always said."""
    table = table_of(FIRST).query("part != 'test'")
    facts = table.assign(month=table["date"].str[:7], length=(table["text"].str.split().str.len() // 10).astype("str"))
    chapter = facts[facts["file"] == "apulia-2024.csv"]
    every = ["member", "month", "publisher", "source_type", "length"]
    found = [*macro_f1_from(chapter[["publisher"]], chapter, codebook), *macro_f1_from(facts[every], facts, codebook)]
    text = "alone reaches a macro-F1 of {:.2f} on its train and dev parts, always saying yes {:.2f} (in all files"
    text += " together {:.2f}, for member, month, publisher, source and length, and {:.2f})"
    assert text.format(*found) in data_path("README.md").read_text(encoding="utf-8")


def macro_f1_from(facts, rows, codebook):
    truth = np.column_stack([has_key(rows["dimensions"], key) for key in codebook.dimension_keys])
    found, cuts = np.zeros(truth.shape, dtype=bool), np.arange(1, 20) / 20
    for train, test in GroupKFold(5).split(facts, groups=rows["cluster"]):
        encoder = OneHotEncoder(handle_unknown="ignore").fit(facts.iloc[train])
        seen, unseen = (encoder.transform(facts.iloc[places]) for places in (train, test))
        for place, known in enumerate(truth[train].T):
            model = LogisticRegression(max_iter=1000).fit(seen, known)
            got = model.predict_proba(seen)[:, 1:] >= cuts
            best = (2 * got[known].sum(axis=0) / (known.sum() + got.sum(axis=0))).argmax()
            found[test, place] = model.predict_proba(unseen)[:, 1] >= cuts[best]
    return (f1_score(truth, tags, average="macro") for tags in (found, np.ones_like(truth)))

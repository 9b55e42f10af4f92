"""The labelled sentences of two more commitments: form, dates, coders, sources, parts, and nothing copied."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from g7tag.cli import app
from g7tag.codebook import ACTS, Codebook, load_codebook
from g7tag.corpus import bundled_corpus
from g7tag.corpus.checks import check_corpus
from g7tag.corpus.reading import COLUMNS, FIRST
from g7tag.evidence import Evidence
from g7tag.store import data_path, read_table

CODINGS = {"2024-apulia-09": "food-security.csv", "2024-apulia-18": "border-management.csv"}
"""The file of each codebook's corpus, and of its coders' labels."""
LABELS = ["dimensions", "strength", "act", "exclusion"]
FIRST_DAY, LAST_DAY = "2013-01-01", "2024-05-31"


@pytest.fixture(params=CODINGS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def book_of(name: str) -> Codebook:
    return load_codebook(data_path(f"codebooks/{name}.toml"))


def table_of(name: str) -> pd.DataFrame:
    (path,) = bundled_corpus(name)
    assert path.name == CODINGS[name]
    return read_table(path).fillna("").astype("str")


def checked(*words: object) -> str:
    """What the corpus check printed on stderr."""
    done = CliRunner().invoke(app, ["corpus", "check", "--quiet", *map(str, words)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stderr


def test_the_corpus_passes_all_checks(name: str) -> None:
    assert check_corpus(bundled_corpus(name), book_of(name), columns=COLUMNS) == []


@pytest.mark.slow
def test_the_command_passes_it(name: str) -> None:
    for files in ([], bundled_corpus(name)):
        said = checked(*files, "--codebook", name).splitlines()
        assert said[-1] == "All checks passed."
        assert all(", expected at least " in line for line in said[:-1])  # it is small, and that is all


@pytest.mark.chapter
def test_nothing_is_copied_from_the_report(name: str, chapter: Evidence) -> None:
    assert check_corpus(bundled_corpus(name), book_of(name), reports=chapter.documents["text"]) == []


def test_it_has_at_least_300_sentences_before_the_period_of_the_commitment(name: str) -> None:
    table = table_of(name)
    assert len(table) >= 300
    assert table["date"].between(FIRST_DAY, LAST_DAY).all()
    assert pd.to_datetime(table["date"]).max() < pd.Timestamp(book_of(name).commitment.period_start)
    assert set(table["member"]) == set(book_of(name).codes)


def test_two_coders_labelled_every_sentence_as_published(name: str) -> None:
    """One of the two is coder 1 and the other coder 2 in all rows of an item."""
    table, codings = (
        each.fillna("").astype("str") for each in (table_of(name), read_table(data_path(f"codings/{CODINGS[name]}")))
    )
    assert codings.groupby("sentence_id").size().eq(2).all()
    assert codings.groupby("sentence_id")["coder"].nunique().eq(2).all()
    order = codings["coder"].drop_duplicates().tolist()
    for place, coder in enumerate(order[:2], start=1):
        theirs = codings[codings["coder"] == coder].set_index("sentence_id").loc[table["sentence_id"], LABELS]
        own = table[[f"c{place}_{label}" for label in LABELS]]
        assert own.to_numpy().tolist() == theirs.to_numpy().tolist()


def test_labels_on_which_coders_agree_are_the_adjudicated_ones(name: str) -> None:
    table = table_of(name)
    ones, twos, own = (table[[f"{who}{label}" for label in LABELS]].to_numpy() for who in ("c1_", "c2_", ""))
    same = (ones == twos).all(axis=1)
    assert same.mean() > 0.8
    assert (own[same] == ones[same]).all(axis=1).mean() > 0.97  # an adjudicator changed few of them


def test_both_parts_have_every_label_and_share_nothing(name: str) -> None:
    table, book = table_of(name), book_of(name)
    assert set(table["part"]) == {"train", "test"}
    for _, part in table.groupby("part"):
        assert set(part["dimensions"].str.split(";").explode()) == {*book.dimension_keys, ""}
        assert set(part["strength"]) == {"strong", "weak", "none"}
        assert set(part["act"]) == set(ACTS)
        assert set(part["member"]) == set(book.codes)
    for column in ("item_id", "cluster", "url", "text"):
        assert table.groupby(column)["part"].nunique().eq(1).all(), column


def test_no_page_is_used_for_two_commitments() -> None:
    pages = {name: set(table_of(name)["url"]) for name in CODINGS}
    pages[FIRST] = {url for path in bundled_corpus(FIRST) for url in read_table(path)["url"].fillna("")} - {""}
    names = sorted(pages)
    shared = {(one, two): pages[one] & pages[two] for one in names for two in names if one < two}
    assert {pair: sorted(urls)[:3] for pair, urls in shared.items() if urls} == {}
    assert all(url.startswith("http") for name in CODINGS for url in pages[name])


def test_no_text_is_in_two_corpora() -> None:
    texts = [table_of(name)["text"] for name in CODINGS]
    texts += [read_table(path)["text"] for path in bundled_corpus(FIRST)]
    assert not pd.concat(texts).duplicated().any()


def test_its_codebook_borrows_from_the_others(name: str) -> None:
    known = {path.stem for path in Path(data_path("codebooks")).glob("*.toml")}
    borrows = book_of(name).borrows
    assert set(borrows) == known - {name}
    assert borrows[0] == FIRST  # the tagger that is lent

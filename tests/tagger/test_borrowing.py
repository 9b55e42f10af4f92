"""What a codebook borrows comes from codebooks that come with g7tag, and from their taggers as they are now."""

import numpy as np
import pandas as pd
import pytest

from g7tag.codebook import ACTS, Codebook, load_codebook
from g7tag.errors import ModelError
from g7tag.store import data_path
from g7tag.tagger import tag_sentences
from g7tag.tagger.borrowing import LENT, N_DONE, Borrowed, _lender, lent_tagger, open_lenders

FIRST, SECOND = "2024-apulia-19", "2024-apulia-09"


def borrowing_from(codebook: Codebook, *names: str) -> Codebook:
    return codebook.model_copy(update={"borrows": list(names)})


@pytest.mark.parametrize("name", ["2030-elsewhere", "../2024-apulia-19", "/etc/passwd", "codebooks/2024-apulia-19", ""])
def test_nothing_is_borrowed_from_a_codebook_that_does_not_come_with_g7tag(harbours: Codebook, name: str) -> None:
    with pytest.raises(ModelError, match=rf"codebook '{name}': does not come with g7tag.*'2024-apulia-09', '2024"):
        open_lenders(borrowing_from(harbours, FIRST, name))


def test_an_id_that_is_a_path_is_no_codebook() -> None:
    text = data_path("examples/harbours.toml").read_text(encoding="utf-8")
    assert 'id = "2030-harbours"' in text
    fields = load_codebook(data_path("examples/harbours.toml")).model_dump()
    with pytest.raises(ValueError, match="borrows"):
        Codebook.model_validate(fields | {"borrows": ["../2024-apulia-19"]})


@pytest.mark.usefixtures("small_lenders")
def test_a_codebook_that_borrows_itself_lends_sentences_and_no_tagger(harbours: Codebook) -> None:
    for names in ((FIRST, SECOND), (SECOND, FIRST)):
        borrowed, lenders = open_lenders(borrowing_from(harbours, *names))
        assert (borrowed.codebook, borrowed.model) == (FIRST, lent_tagger(FIRST).model_id)
        assert [each.codebook.id for each in lenders] == list(names)
        for each in lenders:
            assert len(each.rows) == len(each.likeness) == len(each.lent) > 0
    with pytest.raises(ModelError, match=r"borrows from '2024-apulia-09'\. Expected at least one codebook that comes"):
        open_lenders(borrowing_from(harbours, SECOND))
    with pytest.raises(ModelError, match=r"borrows from nothing\. Expected at least one"):
        open_lenders(borrowing_from(harbours))


@pytest.mark.usefixtures("small_lenders")
def test_each_codebook_lends_once(harbours: Codebook) -> None:
    _, lenders = open_lenders(borrowing_from(harbours, FIRST, SECOND, FIRST))
    assert [each.codebook.id for each in lenders] == [FIRST, SECOND]


def test_a_tagger_of_another_bundled_tagger_is_refused() -> None:
    rows = pd.DataFrame({"item_id": ["a"], "text": ["They met."]})
    with pytest.raises(ModelError, match=r"was trained with 2024-apulia-19-0, but g7tag now comes with 2024-"):
        Borrowed(FIRST, "2024-apulia-19-0").transform(rows)
    with pytest.raises(ModelError, match="codebook '2030-elsewhere': does not come with g7tag"):
        Borrowed("2030-elsewhere", "x").transform(rows)


def test_what_is_lent_is_what_the_tagger_says() -> None:
    rows = pd.DataFrame(
        {"sentence_id": ["s", "t", "u"], "item_id": ["a", "a", "b"],
         "text": ["The ministry paid for two ships.", "It plans to buy a third.", "Ships are large."]}
    )  # fmt: skip
    tagger = lent_tagger(FIRST)
    borrowed = Borrowed(FIRST, tagger.model_id)
    lent = pd.DataFrame(borrowed.fit(rows).transform(rows), columns=borrowed.get_feature_names_out())
    assert list(lent.columns) == [f"{name} elsewhere" for name in LENT]
    tags = tag_sentences(rows, tagger, load_codebook(data_path(f"codebooks/{FIRST}.toml")))
    of_a_member = list(ACTS[:N_DONE])  # the others but background
    most = lent[[f"{act} elsewhere" for act in of_a_member]].idxmax(axis=1).str.removesuffix(" elsewhere")
    assert most.tolist()[:2] == ["done", "planned"]
    assert most.tolist() == tags[[f"p_{act}" for act in of_a_member]].idxmax(axis=1).str.removeprefix("p_").tolist()
    np.testing.assert_array_equal(lent["strong elsewhere"] > 0, tags["p_strong"] > 0.5)
    assert borrowed.transform(rows.head(0)).shape == (0, len(LENT))


@pytest.mark.slow
def test_the_tagger_that_is_lent_was_not_trained_on_the_sentences_that_are() -> None:
    assert set(_lender(FIRST, FIRST).rows["part"]) == {"test"}
    assert len(_lender(SECOND, FIRST).rows) == 478  # no tagger of it is used

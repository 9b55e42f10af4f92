"""Tags of sentences: labels, probabilities, statuses, and what a person has to check."""

from dataclasses import replace

import pandas as pd
import pytest

from g7tag.errors import FrameError
from g7tag.frames import tags_model, validate
from g7tag.tagger import tag_sentences, tag_table, train_tagger

BUILT = "The port built a lighthouse with two lamps."
NOT_READ = ["  ", "Zqxv brpl wkjt.", "Die Regierung baute einen neuen Leuchtturm im Hafen.", "word " * 1100]
LIST = [
    BUILT, "Workers dug the channel to its old depth.", "It will be insured.", "", "A choir sang at the harbour.",
    "Parliament repealed the law on lighthouses.", "The lamps were never lit.", "Children played with models of ships.",
]  # fmt: skip


def table(*texts, **columns):
    return pd.DataFrame({"text": pd.Series(texts, dtype="object")}).assign(**columns)


@pytest.fixture(scope="module", params=["small", "fast", "start"])
def tagger(request):
    """Each kind of tagger: trained on labels, of words alone, and without labels."""
    return request.getfixturevalue(request.param)


def test_the_tags_of_an_item_do_not_depend_on_other_items_or_their_order(tagger, book):
    items = list("aabcddef")
    together = tag_table(table(*LIST, item_id=items), tagger, book)
    pd.testing.assert_frame_equal(tag_table(table(*LIST, item_id=items), tagger, book), together)
    for part in ([7, 6, 4, 5, 3, 2, 0, 1], [4, 5], [2]):
        rows = table(*(LIST[n] for n in part), item_id=[items[n] for n in part], sentence_id=[str(n + 1) for n in part])
        pd.testing.assert_frame_equal(
            tag_table(rows, tagger, book), together.iloc[part].reset_index(drop=True), atol=1e-9
        )


@pytest.mark.parametrize(("text", "tag"), [
    (BUILT, ("light", "strong", "done")),
    ("Officials hope to insure more ships.", ("insure", "weak", "planned")),
    ("The weather was fine on Sunday.", ("", "none", "background")),
], ids=["done", "planned", "background"])  # fmt: skip
def test_a_plain_sentence_has_the_plain_tag(small, book, text, tag):
    (row,) = tag_table(table(text), small, book).to_dict("records")
    assert (row["dimensions"], row["strength"], row["act"]) == tag


def test_a_tag_needs_review_if_and_only_if_it_is_below_the_limit_or_for_a_named_reason(tagger, book, labelled):
    tags = tag_table(table(*labelled["text"], *LIST, *NOT_READ), tagger, book)
    (limit,) = set(tags["review_below"])
    assert limit == tagger.review_limit
    reason = tags["review_reason"]
    assert tags["needs_review"].tolist() == (reason != "").tolist()
    assert (reason == "unlikely").tolist() == (tags["p_right"] < limit).tolist()
    assert tags["p_right"].dropna().between(0, 1).all()
    others = tags[(tags["p_right"] >= limit) & tags["needs_review"]]
    assert set(others["review_reason"]) <= {"not_done", "reversed", "planned_cue", "not_done_cue", "reversed_cue"}
    assert reason.tail(4).tolist() == tags["status"].tail(4).tolist()


@pytest.mark.parametrize(("text", "reason"), [
    (BUILT, ""),
    ("The port built a lighthouse with two lamps and will build another.", "planned_cue"),
    ("The port did not wait and built a lighthouse with two lamps.", "not_done_cue"),
    ("The port built a lighthouse with two lamps and repealed a rule.", "reversed_cue"),
])  # fmt: skip
def test_strong_action_with_a_cue_of_another_act_has_this_reason(small, book, text, reason):
    (row,) = tag_table(table(text), replace(small, right_scale=(1.0, 15.0)), book).to_dict("records")  # all are sure
    assert (row["strength"], row["review_reason"]) == ("strong", reason)


@pytest.mark.parametrize(
    ("text", "act"),
    [("Parliament rejected the law on forests.", "not_done"), ("The government repealed the law.", "reversed")],
)
def test_an_act_not_done_or_undone_needs_review_however_sure_it_is(start, book, text, act):
    (row,) = tag_table(table(text), replace(start, right_scale=(1.0, 15.0)), book).to_dict("records")
    assert (row["act"], row["review_reason"], row["dimensions"]) == (act, act, "")


def test_what_is_not_read_has_a_status_and_no_label(tagger, book):
    tags = tag_table(table(None, *NOT_READ), tagger, book)
    assert tags["status"].tolist() == ["empty", "empty", "unknown_words", "unknown_words", "too_long"]
    none = {"dimensions": "", "strength": "none", "act": "", "exclusion": "", "needs_review": True}
    for column, value in none.items():
        assert set(tags[column]) == {value}
    assert tags[["p_right", "margin"]].isna().all(axis=None)  # it says nothing that could be right
    assert tags["p_dredge"].notna().tolist() == [False, False, True, True, False]


def test_a_limit_of_length_is_what_is_still_read(fast, book):
    longest = f"{BUILT} " * 200
    texts = [longest[:4999] + ".", longest[:5000] + "."]
    assert tag_table(table(*texts), fast, book)["status"].tolist() == ["ok", "too_long"]


def test_no_rows_give_an_empty_tags_frame(tagger, book):
    tags = tag_table(table().astype("str"), tagger, book)
    assert len(validate(tags.drop(columns="text"), tags_model(book))) == 0


def test_sentences_are_read_in_their_item_by_position(small, book):
    texts = ["The port built a new lighthouse.", "It was announced in June."]
    together = tag_table(table(*texts, item_id="i", sentence_id=["z", "a"]), small, book)
    apart = tag_table(table(*texts), small, book)
    assert together["p_light"][1] != apart["p_light"][1]
    assert together["sentence_id"].tolist() == ["z", "a"]
    backward = tag_table(table(*texts[::-1], item_id="i", position=["2", "1"]), small, book)
    assert backward["text"].tolist() == texts[::-1]
    assert backward["p_light"].tolist() == together["p_light"].tolist()[::-1]


@pytest.mark.parametrize(("columns", "message"), [
    ({"words": ["They met."]}, r"notes\.csv: column 'text' is missing, found 'words'"),
    ({"text": ["One.", "Two."], "sentence_id": ["a", "a"]}, r"sentence_id 'a' appears in several rows"),
    ({"text": ["One.", "Two.", "Three."], "item_id": ["a", "b", "a"]}, r"rows of item 'a' are not adjacent"),
    ({"text": ["One."], "position": ["first"]}, r"notes\.csv: column 'position' contains 'first'\. Expected"),
], ids=["no-text", "ids-twice", "items-apart", "position"])  # fmt: skip
def test_a_table_that_cannot_be_tagged_is_refused(fast, book, columns, message):
    with pytest.raises(FrameError, match=message):
        tag_table(pd.DataFrame(columns), fast, book, source="notes.csv")
    with pytest.raises(FrameError, match=r"sentences: column 'item_id' is missing, found 'sentence_id', 'text'"):
        tag_sentences(table(BUILT, sentence_id="s"), fast, book)


def test_a_codebook_without_exclusions_can_be_tagged(nothing, book):
    plain = book.model_copy(update={"exclusions": []})
    tags = tag_sentences(table(BUILT, item_id="a", sentence_id="s"), train_tagger(nothing, plain), plain)
    assert validate(tags, tags_model(plain))["p_excluded"].tolist() == [0.0]

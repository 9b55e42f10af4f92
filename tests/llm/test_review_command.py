"""The command `g7tag review`: what is selected, said before sending, printed, and its exit codes."""

import json

import pandas as pd
import pytest
from fault_server import FAST, N, completion, error, label, near, on, outcomes, sentence_of, serving

import g7tag
from g7tag import Run, llm
from g7tag.codebook import load_codebook
from g7tag.errors import InputError
from g7tag.labels import draw, select_sentences
from g7tag.llm import Price
from g7tag.text import counted

NO_KEY = (
    "no key for api.openai.com: the environment variable OPENAI_API_KEY is not set. "
    "Set it, or use a model on this machine with --base-url."
)


@pytest.mark.slow
def test_a_dry_run_needs_no_key_writes_nothing_and_says_what_will_be_sent(command, folder):
    before = sorted(file.name for file in folder.iterdir())
    words = ["--model", "gpt-5-mini", "--dry-run"]
    ended, quote = command(*words), json.loads(command(*words, "--json").out)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith(f"{counted(N, 'sentence')} selected: ")
    assert f" flips.\n{counted(N, 'request')} to gpt-5-mini at api.openai.com: " in ended.err
    assert f"{quote['n_bytes']:,} bytes, about {quote['tokens_in']:,} tokens" in ended.err
    assert (quote["n_questions"], quote["n_waiting"], quote["most_tokens_out"]) == (N, N, N * 600)
    assert quote["most_cost"] == pytest.approx((quote["tokens_in"] * 0.25 + quote["most_tokens_out"] * 2.0) / 1e6)
    assert sorted(file.name for file in folder.iterdir()) == before
    with serving() as server:
        quote = json.loads(command("--dry-run", "--json", server=server).out)
        assert server.bodies == []
        ended = command("--json", server=server)
        assert f"{N} requests to m at {server.url[7:-3]}: {quote['n_bytes']:,} bytes" in ended.err
        assert f"{N} answered; {N} calls, {quote['n_bytes']:,} bytes sent" in ended.err
        assert (ended.code, [row["outcome"] for row in json.loads(ended.out)]) == (0, ["ok"] * N)
        sent = sum(int(headers["content-length"]) for headers in server.headers)
        assert sent == pytest.approx(quote["n_bytes"], rel=0.01)
        assert f"0 requests to m at {server.url[7:-3]} ({N} more already answered)" in command(server=server).err


@pytest.mark.slow
def test_the_exit_code_says_how_the_asking_ended_and_no_text_drives_the_terminal(command, folder):
    evil = "\x1b]0;owned\x07\x1b[31m[/nope]"

    def odd(body, n):
        return completion(label(sentence_of(body), reason=evil), model=evil) if n % 2 else completion(evil)

    with serving(lambda *_: error(401, "bad key")) as server:
        ended = [command(server=server)]
        server.answer = on("freezer", error(413, evil), odd)
        ended += [command("--max-requests", 3, server=server), command(server=server)]
    assert [each.code for each in ended] == [6, 5, 4]
    assert f"0 answers are kept, {N} requests have no answer" in ended[0].err
    assert "Stopped at the budget; run again to continue." in ended[1].err
    assert "1 without an answer (run again to ask only these)" in ended[2].err
    assert "\x1b" not in "".join(each.out + each.err for each in ended[1:])  # `main` prints the first
    assert outcomes(Run.at(folder))["failed"] == 1


@pytest.mark.parametrize(("words", "code", "said"), [
    ([], 2, "required. Give the name of the model: --model NAME."),
    (["--model", "gpt-5-mini"], 6, NO_KEY),
    (["--model", "m", "--base-url", "http://127.0.0.1:1/v1"], 3, "price of 'm': not found. Give it with"),
    (["--model", "m", "--price", "cheap", "--dry-run"], 3, "--price: found 'cheap', expected two numbers"),
    (["--model", "gpt-5", "--base-url", "http://a.example/v1"], 6, "http would send the key"),
    (["--model", "gpt-5", "--parameter", "api_key=x", "--dry-run"], 3, "looks like a key"),
    (["--model", "gpt-5", "--trial", "nowhere"], 3, "nowhere: contains no verdict"),
    (["--model", "gpt-5", "--dry-run", "--trial", "nowhere"], 2, "exclude each other. Give one of them."),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused_before_anything_is_written(command, folder, words, code, said):
    ended = command(*words)
    assert (ended.code, ended.out) == (code, "")
    assert said in " ".join(ended.err.split())
    assert not (folder / "reviews.sqlite").exists()


@pytest.mark.slow
def test_another_codebook_asks_with_its_own_words_and_examples(tmp_path):
    book = load_codebook(g7tag.example_path("harbours.toml"))
    labelled = g7tag.example_path("harbours-labelled.csv")
    tagger = g7tag.train_tagger(g7tag.corpus.read_corpus([labelled], book), book)
    g7tag.run_report([g7tag.example_path("harbours-report.txt")], output=tmp_path / "run", codebook=book, model=tagger)
    with near(lambda b, n: completion(label(sentence_of(b), dimensions=["dredge"], strength="weak"))) as model:
        endpoint = g7tag.llm.open_endpoint("m", base_url=model.url)
        run = g7tag.open_run(tmp_path / "run")
        plan = run.plan_review(endpoint, price=Price(0, 0), select="all", corpus=[labelled])
        assert set(run.review(plan, limits=FAST).proposals["outcome"]) == {"ok"}
        alone = run.plan_review(endpoint, price=Price(0, 0))
    system, user = (message["content"] for message in model.bodies[0]["messages"])
    assert "prevent" not in system
    assert book.dimensions[0].definition in system
    assert json.loads(user)["neighbours"]
    shown = [json.loads(one.user)["neighbours"] for one in alone.prompts]
    assert shown == [[]] * len(shown)  # none come with g7tag for it


@pytest.fixture(scope="module")
def opened(invented_run):
    """The run of the invented report."""
    return g7tag.open_run(invented_run)


@pytest.fixture
def select(opened):
    def chosen(*reasons, run=opened, **options):
        return select_sentences(
            run.tags, flips=run.flips, sentences=run.sentences, annotations=run.annotations, select=reasons, **options
        )

    return chosen


def test_doubtful_and_deciding_sentences_are_selected_with_their_reasons(select, opened):
    doubtful = set(opened.tags.loc[opened.tags["needs_review"], "sentence_id"])
    items = {item for joined in opened.flips["item_ids"] for item in joined.split(";")}
    deciding = set(opened.sentences.loc[opened.sentences["item_id"].isin(items), "sentence_id"])
    both = select("doubtful", "flips").set_index("sentence_id")
    assert set(both.index) == doubtful | deciding
    assert set(both.index[both["why"] == "doubtful;flips"]) == doubtful & deciding
    assert set(both["probability"]) == {1.0}
    assert (len(select("all")), len(select())) == (len(opened.tags), 0)


def test_what_people_labelled_is_not_asked_again_unless_all_is(select, opened):
    first = select("doubtful")["sentence_id"].iloc[0]
    by_tagger = opened.annotations.set_index("sentence_id").loc[[first]].reset_index()
    mine = by_tagger.assign(annotation_id="a", annotator="Ada", kind="analyst")
    labelled = opened.with_frames(annotations=pd.concat([opened.annotations, mine], ignore_index=True))
    assert first not in set(select("doubtful", "flips", run=labelled)["sentence_id"])
    assert first in set(select("all", run=labelled)["sentence_id"])
    other = labelled.with_frames(sentences=opened.sentences.assign(text=opened.sentences["text"] + " More."))
    assert first in set(select("doubtful", run=other)["sentence_id"])  # that label was on another text


def test_a_share_is_drawn_the_same_way_every_time_and_its_probability_kept(select, opened):
    drawn = select(audit_share=0.4)
    assert set(zip(drawn["why"], drawn["probability"], strict=True)) == {("audit", 0.4)}
    pd.testing.assert_frame_equal(drawn, select(audit_share=0.4))
    fewer = opened.with_frames(tags=opened.tags.iloc[::2])
    kept = set(select(audit_share=0.4, run=fewer)["sentence_id"])
    assert kept == set(drawn["sentence_id"]) & set(fewer.tags["sentence_id"])  # no draw hangs on another
    assert not drawn.equals(select(audit_share=0.4, random_state=1))
    sure = select("doubtful", audit_share=0.4).set_index("sentence_id")
    assert set(sure.loc[sure["why"].str.contains("doubtful"), "probability"]) == {1.0}


def test_the_share_drawn_is_the_share_asked_for():
    n = 20_000
    drawn = sum(draw(f"s{number}", 0) < 0.1 for number in range(n))
    assert drawn == pytest.approx(0.1 * n, abs=4 * (n * 0.1 * 0.9) ** 0.5)  # four standard deviations


@pytest.mark.parametrize(("reasons", "share", "message"), [
    (["some"], 0.0, "select 'some': expected some of 'all', 'audit', 'deciding'"),
    ([], 1.5, "audit share 1.5: expected a number from 0 to 1."),
    ([], float("nan"), "audit share nan: expected a number"),
])  # fmt: skip
def test_a_selection_that_is_none_is_refused(select, reasons, share, message):
    with pytest.raises(InputError, match=message):
        select(*reasons, audit_share=share)


@pytest.mark.slow
def test_shares_drawn_by_other_seeds_add_up(folder):
    with near() as model:
        endpoint, run = g7tag.llm.open_endpoint("m", base_url=model.url), g7tag.open_run(folder)
        for seed in (0, 1, 1):
            plan = run.plan_review(endpoint, price=Price(1.0, 2.0), select="audit", audit_share=0.3, random_state=seed)
            run.review(plan, limits=FAST)
    shares = llm.read_proposals(folder / "reviews.sqlite")["probability"].round(9)
    assert set(shares) == {0.3, 0.51}  # 1 - 0.7 * 0.7 where both seeds drew it

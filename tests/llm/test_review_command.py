"""The command `g7tag review`: what is selected, said before sending, printed, and its exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fault_server import FAST, N, completion, error, label, near, on, outcomes, sentence_of, serving
from typer.testing import CliRunner

import g7tag
from g7tag import Run, llm
from g7tag.cli import app
from g7tag.codebook import load_codebook
from g7tag.errors import InputError, RunError
from g7tag.frames import ANNOTATIONS, FLIPS, build
from g7tag.labels import select_sentences
from g7tag.llm import Price
from g7tag.text import counted

NO_KEY = (
    "no key for api.openai.com: the environment variable OPENAI_API_KEY is not set. "
    "Set it, or use a model on this machine with --base-url."
)


@pytest.mark.slow
def test_a_dry_run_prices_without_a_key_and_writes_nothing(command: Callable[..., Any], folder: Path) -> None:
    before = sorted(file.name for file in folder.iterdir())
    words = ["--model", "gpt-5-mini", "--dry-run"]
    ended = command(*words)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith(f"{counted(N, 'sentence')} selected: ")
    assert f" flips.\n{counted(N, 'request')} to gpt-5-mini at api.openai.com: " in ended.err
    quote = json.loads(command(*words, "--json").out)
    assert (quote["n_questions"], quote["n_waiting"], quote["most_tokens_out"]) == (N, N, N * 600)
    assert quote["most_cost"] == pytest.approx((quote["tokens_in"] * 0.25 + quote["most_tokens_out"] * 2.0) / 1e6)
    assert f"{quote['n_bytes']:,} bytes, about {quote['tokens_in']:,} tokens" in ended.err
    assert sorted(file.name for file in folder.iterdir()) == before


@pytest.mark.slow
def test_what_is_said_before_sending_is_what_is_sent(command: Callable[..., Any]) -> None:
    with serving() as server:
        quote = json.loads(command("--dry-run", "--json", server=server).out)
        assert server.bodies == []
        ended = command("--json", server=server)
        assert ended.code == 0
        assert f"{N} requests to m at {server.url[7:-3]}: {quote['n_bytes']:,} bytes" in ended.err
        assert f"{N} answered; {N} calls, {quote['n_bytes']:,} bytes sent" in ended.err
        assert [row["outcome"] for row in json.loads(ended.out)] == ["ok"] * N
        sent = sum(int(headers["content-length"]) for headers in server.headers)
        assert sent == pytest.approx(quote["n_bytes"], rel=0.01)
        assert f"0 requests to m at {server.url[7:-3]} ({N} more already answered)" in command(server=server).err


@pytest.mark.slow
def test_the_exit_code_says_how_the_asking_ended(command: Callable[..., Any], folder: Path) -> None:
    with serving(lambda *_: error(401, "bad key")) as server:
        ended = command(server=server)
        assert (ended.code, f"0 answers are kept, {N} requests have no answer" in ended.err) == (6, True)
        server.answer = on("freezer", error(413))
        ended = command("--max-requests", 3, server=server)
        assert (ended.code, "Stopped at the budget; run again to continue." in ended.err) == (5, True)
        ended = command(server=server)
        assert (ended.code, "1 without an answer (run again to ask only these)" in ended.err) == (4, True)
    assert outcomes(Run.at(folder)) == {"ok": N - 1, "failed": 1}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "required. Give the name of the model: --model NAME."),
        (["--model", "gpt-5-mini"], 6, NO_KEY),
        (["--model", "m", "--base-url", "http://127.0.0.1:1/v1"], 3, "price of 'm': not found. Give it with"),
        (["--model", "m", "--price", "cheap", "--dry-run"], 3, "--price: found 'cheap', expected two numbers"),
        (["--model", "gpt-5", "--base-url", "http://a.example/v1"], 6, "http would send the key"),
        (["--model", "gpt-5", "--parameter", "api_key=x", "--dry-run"], 3, "looks like a key"),
        (["--model", "gpt-5", "--trial", "nowhere"], 3, "nowhere: contains no verdict"),
        (["--model", "gpt-5", "--dry-run", "--trial", "nowhere"], 2, "exclude each other. Give one of them."),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(
    command: Callable[..., Any], folder: Path, words: list[str], code: int, said: str
) -> None:
    ended = command(*words)
    assert (ended.code, ended.out) == (code, "")
    assert said in " ".join(ended.err.split())
    assert not (folder / "reviews.sqlite").exists()


def test_a_run_must_be_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["review", str(tmp_path / "none"), "--model", "gpt-5", "--dry-run"])
    assert isinstance(result.exception, RunError)
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_text_of_models_and_endpoints_cannot_drive_a_terminal(command: Callable[..., Any]) -> None:
    evil = "\x1b]0;owned\x07\x1b[31m[/nope]"
    with serving(
        lambda b, n: completion(label(sentence_of(b), reason=evil), model=evil) if n % 2 else completion(evil)
    ) as server:
        ended = command(server=server)
    assert ended.code == 0
    assert "\x1b" not in ended.out + ended.err


@pytest.mark.slow
def test_another_codebook_asks_with_its_own_words_and_examples(tmp_path: Path) -> None:
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
def opened(invented_run: Path) -> Run:
    """The run of the invented report."""
    return g7tag.open_run(invented_run)


@pytest.fixture
def select(opened: Run) -> Callable[..., pd.DataFrame]:
    def chosen(*reasons: str, run: Run = opened, **options: Any) -> pd.DataFrame:
        return select_sentences(
            run.tags, flips=run.flips, sentences=run.sentences, annotations=run.annotations, select=reasons, **options
        )

    return chosen


def test_doubtful_and_deciding_sentences_are_selected_with_their_reasons(
    select: Callable[..., pd.DataFrame], opened: Run
) -> None:
    doubtful = set(opened.tags.loc[opened.tags["needs_review"], "sentence_id"])
    items = {item for joined in opened.flips["item_ids"] for item in joined.split(";")}
    deciding = set(opened.sentences.loc[opened.sentences["item_id"].isin(items), "sentence_id"])
    both = select("doubtful", "flips").set_index("sentence_id")
    assert set(both.index) == doubtful | deciding
    assert set(both.index[both["why"] == "doubtful;flips"]) == doubtful & deciding
    assert set(both["probability"]) == {1.0}
    assert len(select("all")) == len(opened.tags)
    assert select().empty


def test_what_people_labelled_is_not_asked_again_unless_all_is(
    select: Callable[..., pd.DataFrame], opened: Run
) -> None:
    first = select("doubtful")["sentence_id"].iloc[0]
    by_tagger = opened.annotations.set_index("sentence_id").loc[[first]].reset_index()
    mine = by_tagger.assign(annotation_id="a", annotator="Ada", kind="analyst")
    labelled = opened.with_frames(annotations=pd.concat([opened.annotations, mine], ignore_index=True))
    assert first not in set(select("doubtful", "flips", run=labelled)["sentence_id"])
    assert first in set(select("all", run=labelled)["sentence_id"])
    other = labelled.with_frames(sentences=opened.sentences.assign(text=opened.sentences["text"] + " More."))
    assert first in set(select("doubtful", run=other)["sentence_id"])  # that label was on another text


def test_a_share_is_drawn_the_same_way_every_time_and_its_probability_kept(
    select: Callable[..., pd.DataFrame], opened: Run
) -> None:
    drawn = select(audit_share=0.4)
    assert set(zip(drawn["why"], drawn["probability"], strict=True)) == {("audit", 0.4)}
    pd.testing.assert_frame_equal(drawn, select(audit_share=0.4))
    fewer = opened.with_frames(tags=opened.tags.iloc[::2])
    kept = set(select(audit_share=0.4, run=fewer)["sentence_id"])
    assert kept == set(drawn["sentence_id"]) & set(fewer.tags["sentence_id"])  # no draw hangs on another
    assert not drawn.equals(select(audit_share=0.4, random_state=1))
    sure = select("doubtful", audit_share=0.4).set_index("sentence_id")
    assert set(sure.loc[sure["why"].str.contains("doubtful"), "probability"]) == {1.0}


def test_the_share_drawn_is_the_share_asked_for() -> None:
    n = 20_000
    ids = [f"s{number}" for number in range(n)]
    tags = pd.DataFrame({"sentence_id": ids, "status": "ok", "needs_review": False})
    sentences = pd.DataFrame({"sentence_id": ids, "item_id": ids, "text": "t"})
    nothing, no_flips = build(ANNOTATIONS, []), build(FLIPS, [])
    drawn = select_sentences(tags, flips=no_flips, sentences=sentences, annotations=nothing, select=(), audit_share=0.1)
    assert len(drawn) == pytest.approx(0.1 * n, abs=4 * (n * 0.1 * 0.9) ** 0.5)  # four standard deviations


@pytest.mark.parametrize(
    ("reasons", "options", "message"),
    [
        (["some"], {}, "select 'some': expected some of 'all', 'audit', 'deciding'"),
        ([], {"audit_share": 1.5}, "audit share 1.5: expected a number from 0 to 1."),
        ([], {"audit_share": float("nan")}, "audit share nan: expected a number"),
    ],
)
def test_a_selection_that_is_none_is_refused(
    select: Callable[..., pd.DataFrame], reasons: list[str], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        select(*reasons, **options)


@pytest.mark.slow
def test_shares_drawn_by_other_seeds_add_up(folder: Path) -> None:
    with near() as model:
        endpoint, run = g7tag.llm.open_endpoint("m", base_url=model.url), g7tag.open_run(folder)
        for seed in (0, 1, 1):
            plan = run.plan_review(endpoint, price=Price(1.0, 2.0), select="audit", audit_share=0.3, random_state=seed)
            run.review(plan, limits=FAST)
    shares = llm.read_proposals(folder / "reviews.sqlite")["probability"].round(9)
    assert set(shares) == {0.3, 0.51}  # 1 - 0.7 * 0.7 where both seeds drew it

"""The cost of requests is estimated before they are sent, from bundled or given prices."""

import pytest

from g7tag.errors import InputError
from g7tag.llm import Limits, Price, parse_price, read_price
from g7tag.llm.answers import read_response
from g7tag.llm.asking import cost_of, require_limits
from g7tag.llm.request import Cost
from g7tag.store import data_path, read_table

CENT = Price(1.0, 10.0)


@pytest.mark.parametrize(("usage", "expected"), [
    ('{"prompt_tokens": 900, "completion_tokens": 40}', (900, 40, 0.0013, True)),  # (900 + 400) / 1e6
    ('{"prompt_tokens": 4000, "completion_tokens": 40}', (4000, 40, 0.0044, True)),  # a token for each byte
    ('{"prompt_tokens": 4001, "completion_tokens": 40}', (1000, 100, 0.002, False)),  # 3000 bytes plus 1000
    ('{"prompt_tokens": 900, "completion_tokens": 5000}', (900, 5000, 0.0509, True)),  # it thought, and bills it
    ('{"prompt_tokens": 900, "completion_tokens": 200001}', (1000, 100, 0.002, False)),
    ('{"prompt_tokens": 0, "completion_tokens": 0}', (1000, 100, 0.002, False)),
    ('{"prompt_tokens": 900}', (1000, 100, 0.002, False)),
], ids=["counted", "most", "too many", "thought", "too long", "nothing", "half"])  # fmt: skip
def test_the_endpoints_count_is_taken_where_it_is_possible(usage, expected):
    response = read_response(f'{{"choices": [], "usage": {usage}}}')
    assert cost_of(response, Cost(1000, 100, 0.002), CENT) == pytest.approx(expected)


@pytest.mark.parametrize(("change", "message"), [
    ({"max_cost": float("nan")}, "max_cost nan: invalid limit. Expected a number from 0."),
    ({"max_requests": -1}, "max_requests -1: invalid limit."),
    ({"deadline": float("inf")}, "deadline inf: invalid limit."),
    ({"deadline": 0.0}, "deadline 0.0: invalid limit."),
    ({"concurrency": 0}, "concurrency 0: invalid limit. Expected a number from 1."),
])  # fmt: skip
def test_a_limit_that_limits_nothing_is_refused(change, message):
    require_limits(Limits())
    with pytest.raises(InputError, match="invalid limit") as caught:
        require_limits(Limits()._replace(**change))
    assert message in str(caught.value)


def test_every_bundled_price_is_a_price_with_its_source_and_month():
    table = read_table(data_path("prompts/prices.csv"))
    assert table["model"].is_unique
    assert table["source"].str.startswith("https://").all()
    assert table["checked"].str.fullmatch(r"\d{4}-\d{2}").all()
    for model in table["model"]:
        price = read_price(model)
        assert price.tokens_out > price.tokens_in > 0


@pytest.mark.parametrize("text", ["1,-2", "nan,2", "1", "1,2,3", "cheap", "1,inf"])
def test_a_price_that_is_none_is_refused(text):
    assert parse_price("0,2.5") == Price(0.0, 2.5)
    with pytest.raises(InputError, match=f"--price: found '{text}', expected two numbers from 0, such as 0.25,2: USD"):
        parse_price(text)

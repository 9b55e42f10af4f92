"""Settings of an endpoint: a URL that may receive a key, the key, the model's name, and parameters."""

import pytest

from g7tag.errors import EndpointError, InputError
from g7tag.llm import open_endpoint, read_parameters

KEY = "sk-sentinel-0123456789"


@pytest.fixture(autouse=True)
def key(monkeypatch, no_key):
    """The key of the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def endpoint(url=None, **changes):
    return open_endpoint("m", base_url=url, **changes)


@pytest.mark.parametrize(("url", "message"), [
    ("http://api.example.org/v1", "http would send the key and the text unencrypted. Use https."),
    ("http://127.0.0.1.example.org/v1", "http would"),
    ("http://192.168.1.5/v1", "http would"),
    ("api.example.org/v1", "expected a URL such as"),
    ("https://api.example.org/v1?key=1", "without a query"),
    (f"https://me:{KEY}@api.example.org/v1", "contains a user name or password. Remove it"),
    ("https://[1::2/v1", "cannot be parsed"),
])  # fmt: skip
def test_an_address_that_a_key_may_not_go_to_is_refused(url, message):
    with pytest.raises(EndpointError, match="base URL") as caught:
        endpoint(url)
    assert message in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.exit_code == 6


@pytest.mark.parametrize("wrong", ["sk-abc\ndef", "sk abc", "sk-“abc”"])
def test_a_key_that_is_none_or_stands_in_the_wrong_place_is_not_shown(wrong, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", wrong)
    with pytest.raises(EndpointError, match="contains an invalid character") as caught:
        endpoint()
    assert wrong not in str(caught.value)
    with pytest.raises(InputError, match="key variable: expected the name of an environment variable") as named:
        endpoint(key_variable=KEY)
    assert KEY not in str(named.value)


@pytest.mark.parametrize("name", [" ", "\udcff\udcfe", "a\x1b[31m"])
def test_a_model_needs_a_name(name):
    with pytest.raises(InputError, match="model: the name is empty or not printable"):
        open_endpoint(name)


def test_the_address_and_the_key_come_from_options_then_the_environment(monkeypatch):
    assert endpoint().base_url == "https://api.openai.com/v1"
    for url in ("http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:1/v1"):
        made = endpoint(url)
        assert (made.is_local, made.key.get_secret_value()) == (True, "")  # needs none
        assert endpoint(url, key_variable="OPENAI_API_KEY").key.get_secret_value() == KEY
    monkeypatch.setenv("OPENAI_BASE_URL", "https://b.example/v1/")
    assert endpoint().base_url == "https://b.example/v1"
    assert endpoint("https://a.example/v1").base_url == "https://a.example/v1"
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(EndpointError, match=r"no key for b\.example: .*OPENAI_API_KEY is not set\. Set it, or use"):
        endpoint()
    with pytest.raises(EndpointError, match="OTHER is not set"):
        endpoint("http://127.0.0.1/v1", key_variable="OTHER")
    assert endpoint(needs_key=False).host == "b.example"


@pytest.mark.parametrize(("parameters", "message"), [
    ({"messages": []}, "parameter 'messages': is set by g7tag"),
    ({"api_key": KEY}, "parameter 'api_key': looks like a key"),
    ({"access_token": KEY}, "looks like a key"),
    ({"metadata": [{"inner": {"api_key": KEY}}]}, "looks like a key"),
    ({"temperature": float("nan")}, "cannot be written as JSON"),
    ({"max_completion_tokens": 10**400}, "expected an integer from 1"),
    ({"max_completion_tokens": None}, "expected an integer from 1 for max_completion_tokens or max_tokens"),
    ({"max_tokens": "many"}, "expected an integer from 1"),
])  # fmt: skip
def test_parameters_that_are_not_to_be_set_are_refused(parameters, message):
    with pytest.raises(InputError, match="parameter") as caught:
        endpoint(parameters=parameters)
    assert message in str(caught.value)
    assert KEY not in str(caught.value)


def test_parameters_are_added_replaced_and_left_out():
    assert endpoint().parameters == {"max_completion_tokens": 600, "temperature": 0}
    assert endpoint("http://localhost/v1").parameters == {"max_tokens": 600, "temperature": 0}
    changed = endpoint(parameters={"temperature": None, "seed": 3, "max_completion_tokens": 90})
    assert changed.parameters == {"max_completion_tokens": 90, "seed": 3}
    assert changed.parameters["max_completion_tokens"] == 90
    with pytest.raises(InputError, match="expected NAME=VALUE"):
        read_parameters(["seed"])

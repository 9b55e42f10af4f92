"""Whether it is known that a tagger was trained on the items of a commitment."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from g7tag import tagger
from g7tag.codebook import Codebook
from g7tag.corpus import bundled_collections
from g7tag.jobs.steps import items_seen, seen_is_known, seen_setting
from g7tag.store import RunDirectory


def trained_on(**items: int) -> "tagger.Tagger":
    names = {name.replace("_", "-"): n for name, n in items.items()}
    return cast("tagger.Tagger", SimpleNamespace(about={"corpus_items": names}))


@pytest.mark.parametrize(
    ("items", "n", "known"),
    [
        ({"2024_19": 160, "earlier": 404, "pages": 1984}, 160, True),
        ({"2030_03": 5}, 0, True),
        ({"ARC_01": 1, "ARC_02": 1}, 0, False),  # ids of items without a commitment
        ({"2024_19": 2, "ARC_01": 1}, 2, False),
    ],
)
def test_ids_without_a_commitment_make_the_number_unknown(
    items: dict[str, int], n: int, known: bool, codebook: Codebook
) -> None:
    assert items_seen(trained_on(**items), codebook) == n
    assert seen_is_known(trained_on(**items)) == known


def test_the_default_tagger_is_known_to_have_seen_the_bundled_items(codebook: Codebook) -> None:
    loaded = tagger.load_tagger(tagger.default_model(codebook), codebook, fast=True)
    assert items_seen(loaded, codebook) == 160
    assert seen_is_known(loaded)
    assert set(loaded.about["corpus_items"]) >= {"earlier", "pages"} <= bundled_collections()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [({"seen": 0}, 0), ({"seen": 0, "seen_unknown": True}, None), ({"seen": 3, "seen_unknown": True}, 3), ({}, 0)],
)
def test_a_run_directory_says_whether_it_is_known(
    settings: dict[str, Any], expected: int | None, tmp_path: Path
) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.step("tag", settings, {}, dict)
    assert seen_setting(RunDirectory(tmp_path / "run")) == expected

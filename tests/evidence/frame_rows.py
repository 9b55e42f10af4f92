"""Frames for tests, from the cells that matter to a test; all other cells are blank or usual."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import ANNOTATIONS, build, tags_model

BLANK = {"str": "", "bool": False}
"""What stands in cells of these types if nothing is given; other cells are missing."""


def filled(model: Any, rows: Iterable[Mapping[str, Any]], **same: Any) -> pd.DataFrame:
    """Return a frame of rows; `same` are cells that all rows have unless they say otherwise."""
    blank = {name: BLANK.get(column.metadata["dtype"]) for name, column in model.columns.items()}
    return build(model, [{**blank, **same, **row} for row in rows])


def tags_of(codebook: Codebook, rows: Iterable[Mapping[str, Any]], **same: Any) -> pd.DataFrame:
    """Return tags without doubt; probabilities that are not given are 0."""
    model = tags_model(codebook)
    usual = {name: 0.0 for name in model.columns if name.startswith("p_")}
    usual |= {"strength": "none", "p_right": 0.9, "review_below": 0.44, "margin": 0.4, "status": "ok", "tagger": "t"}
    return filled(model, rows, **usual | same)


def annotations_of(rows: Iterable[Mapping[str, Any]], **same: Any) -> pd.DataFrame:
    """Return labels of an analyst."""
    usual = {"annotator": "Ada", "kind": "analyst", "strength": "none", "occasion": "label", "codebook_version": "1"}
    return filled(ANNOTATIONS, rows, **usual | {"at": "2026-01-01T00:00:00.000+00:00"} | same)

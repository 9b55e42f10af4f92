"""Evaluations and learning curves of the taggers that come with g7tag, measured beforehand."""

import json

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.store import data_path

_CURVE = ("tagger", "tested_on", "n_train", "n_tested", "n_items", "f1", "f1_low", "f1_high", "least", "greatest")


def stored_evaluation(codebook: Codebook) -> dict[str, pd.DataFrame]:
    """Return what was measured of the tagger that comes with g7tag and of fast ones, as `g7tag evaluate` prints it.

    Returns
    -------
    dict of pandas.DataFrame
        The frames of `Evaluation`, from `g7tag evaluate --test-part --json`, and learning_curve, from
        `g7tag evaluate --learning-curve --json`.

    Raises
    ------
    InputError
        No evaluation comes with g7tag for this codebook.
    """
    frames: dict[str, pd.DataFrame] = {}
    for kind in ("evaluation", "learning-curve"):
        path = data_path(f"models/{codebook.id}.{kind}.json")
        if not path.is_file():
            msg = f"codebook {codebook.id!r}: no {kind} comes with g7tag for it. Measure one: `g7tag evaluate --json`."
            raise InputError(msg)
        stored = json.loads(path.read_text(encoding="utf-8"))
        frames |= {name: pd.DataFrame(rows) for name, rows in stored.items() if name != "about"}
    return frames


def stored_curve(codebook: Codebook) -> pd.DataFrame:
    """Return the learning curve that comes with g7tag for a codebook, as `g7tag evaluate --learning-curve` measured it.

    Returns
    -------
    pandas.DataFrame
        As `few_labels_curve` returns it or, for a codebook that borrows nothing, `learning_curve`. No rows if none
        comes with g7tag.
    """
    path = data_path(f"models/{codebook.id}.learning-curve.json")
    stored = json.loads(path.read_text(encoding="utf-8"))["learning_curve"] if path.is_file() else []
    return pd.DataFrame(stored) if stored else pd.DataFrame(columns=list(_CURVE))

"""Test whether scores change if every member has the same number of items."""

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.frames import EQUAL_EVIDENCE, build
from g7tag.scoring import P_COLUMNS, in_period, scores_of_states, states_of

DRAWS = 1000


def equal_evidence(
    levels: pd.DataFrame,
    items: pd.DataFrame,
    scores: pd.DataFrame,
    codebook: Codebook,
    *,
    draws: int = DRAWS,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return how often each member keeps its suggested score if it has as many items as the member with the fewest."""
    counted = items[in_period(items, codebook) & (items["commitment_id"] == codebook.commitment.id)]
    sizes = counted.groupby("member", sort=False)["item_id"].size()
    rows: list[dict[str, Any]] = []
    for member in scores["member"].drop_duplicates():
        if member not in sizes.index:
            continue
        ids = counted.loc[counted["member"] == member, "item_id"]
        states = _drawn(
            levels, ids, int(sizes.min()), codebook, draws, [random_state, zlib.crc32(str(member).encode())]
        )
        for score in scores[scores["member"] == member].to_dict("records"):
            reading = next(each for each in codebook.readings if each.name == score["reading"])
            drawn = scores_of_states(states, codebook.dimension_keys, reading)
            suggested = score["suggested_score"]
            rows.append(
                {name: score[name] for name in ("commitment_id", "member", "reading")}
                | {"n_items": len(ids), "n_drawn": int(sizes.min()), "draws": draws}
                | {"kept": None if pd.isna(suggested) else float((drawn == suggested).mean())}
                | {column: float((drawn == value).mean()) for value, column in P_COLUMNS.items()}
            )
    return build(EQUAL_EVIDENCE, rows)


def _drawn(
    levels: pd.DataFrame, ids: pd.Series, n_drawn: int, codebook: Codebook, draws: int, random_state: list[int]
) -> npt.NDArray[np.int64]:
    """Levels of each dimension in each draw, of shape (draws, n_dimensions)."""
    rng = np.random.default_rng(random_state)
    order = rng.random((draws, len(ids))).argsort(axis=1)[:, :n_drawn]
    drawn = np.zeros((draws, len(ids)), dtype=np.int64)
    np.put_along_axis(drawn, order, 1, axis=1)
    own = levels[levels["item_id"].isin(ids)]
    place = pd.Series(range(len(ids)), index=ids.to_numpy())
    some, strong = (np.zeros((len(ids), len(codebook.dimension_keys)), dtype=np.int64) for _ in range(2))
    for column, key in enumerate(codebook.dimension_keys):
        of_key = own[own["dimension"] == key]
        some[place[of_key["item_id"]], column] = 1
        strong[place[of_key.loc[of_key["strong"], "item_id"]], column] = 1
    return states_of(drawn @ strong, drawn @ some, codebook.min_strong_items)

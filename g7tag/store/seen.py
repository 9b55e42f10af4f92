"""Remember which ids stood before, in eight bytes each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pandas.util import hash_array

LARGEST_RUN = 2**22
"""Hashes of a sorted run above which runs are no longer merged, so that a merge needs at most 32 MB for a moment."""


class Seen:
    """Ids that were added, each kept as a 64-bit hash, which takes eight bytes.

    Two different ids share a hash by chance once in 18 billion billion pairs: of files of ten million ids, in one of
    some 370,000. One of the two then counts as seen though it was not.

    Examples
    --------
    >>> seen = Seen()
    >>> seen.add(["a", "b"])
    >>> seen.holds(["b", "c"]).tolist()
    [True, False]
    """

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[np.uint64]] = []  # each sorted; the last ones are the smallest

    def holds(self, ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return for each id whether it was added."""
        hashes = _hashes(ids)
        found = np.zeros(len(hashes), dtype=np.bool_)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            found |= run[places] == hashes
        return found

    def add(self, ids: Sequence[str]) -> None:
        """Add ids; runs of like size are merged, so that few need to be searched."""
        if not len(ids):
            return
        run = np.sort(_hashes(ids))
        while self._runs and len(self._runs[-1]) <= min(2 * len(run), LARGEST_RUN - len(run)):
            run = np.concatenate([self._runs.pop(), run])
            run.sort()
        self._runs.append(run)


def _hashes(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    return hash_array(np.asarray(ids, dtype=object), categorize=False)

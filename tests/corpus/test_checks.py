"""What makes a tagger look better than it is, is named."""

import pandas as pd
import pytest

from g7tag.corpus.checks import weaknesses

TEXT = "The port of Arcadia built a lighthouse with two very strong lamps."
NEAR = TEXT.replace("two", "six")
TWIN = "c.csv: b is a near-duplicate of a, which is in another part. Give both one cluster and part."


@pytest.mark.parametrize(
    ("second", "lines"),
    [
        ({"text": "A queen visited the islands in May."}, []),
        ({"text": TEXT.upper().replace(" ", "  ")}, ["c.csv: b is a duplicate. Remove one of the two."]),
        ({"text": NEAR}, []),
        ({"text": NEAR, "part": "test"}, [TWIN]),
        ({"text": NEAR, "part": "test", "cluster": "y"}, [TWIN]),
        ({"text": "It rained.", "part": "test", "cluster": "x"},
         ["cluster x is in several parts. Put all its rows into one part."]),
    ],
    ids=["other", "duplicate", "near, same part", "near, other part", "near, other cluster", "split cluster"],
)  # fmt: skip
@pytest.mark.parametrize("n_between", [0, 600])
def test_a_duplicate_and_what_is_shared_by_parts_are_named(second, lines, n_between):
    about = {"file": "c.csv", "part": "train", "cluster": ""}
    between = [about | {"sentence_id": f"r{n}", "text": f"{n * 7919:x} {n:b}"} for n in range(n_between)]
    first = about | {"sentence_id": "a", "text": TEXT, "cluster": "x" if second.get("cluster") else ""}
    assert weaknesses(pd.DataFrame([first, *between, about | {"sentence_id": "b"} | second])) == lines

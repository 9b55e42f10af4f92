"""Rows of the table of scores in which members' names wrap."""

import pytest
from test_odd_reports import TITLE, chapter, read, said  # noqa: F401 - a fixture

from g7tag.evidence.score_rows import join_wrapped_names


@pytest.mark.parametrize(
    "rows",
    [
        "United\nKingdom\t\t0\t\nEuropean\nUnion\t\t0\t",
        "United\t\t0\t\nKingdom\nEuropean\t\t0\t\nUnion",
        "United\n\n0\n\nKingdom\n\nEuropean Union\t\t0\t",
    ],
    ids=["figures below", "figures above", "figures between"],
)
def test_names_that_wrap_in_their_cells_are_joined(read, rows):  # noqa: F811
    members = ("United Kingdom", "European Union")
    plain = chapter(3, "Health: Doses", members=members)
    odd = plain.replace("United Kingdom\t\t0\t\nEuropean Union\t\t0\t", rows)
    assert odd != plain
    found = read(TITLE + odd)
    assert found.members[["member", "table_score"]].to_numpy().tolist() == [[member, 0] for member in members]
    assert said(found) == {}


def test_only_the_two_parts_of_one_name_are_joined():
    texts = ["United", "Union 0", "South 0", "Africa +1", "Canada"]
    assert join_wrapped_names(texts, {"united kingdom", "european union", "south africa"}) == texts

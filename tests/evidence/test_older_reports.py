"""An invented report in the words of 2005; test_layouts.py has the G8 of 2010 and the G20 with its twenty members."""

import pytest
from report_texts import numbers, raised, said

from g7tag.errors import SourceError

TITLE = "2005 Gleneagles Final Compliance Report\n\n"
MEMBERS = (
    "Canada", "France", "Germany", "Italy", "Japan", "Russia", "United Kingdom", "United States", "European Union",
)  # fmt: skip
SCORES = {member: place % 3 - 1 for place, member in enumerate(MEMBERS)}
DEGREES = {-1: "non-compliance", 0: "partial compliance", 1: "full compliance"}


def signed(score: int) -> str:
    return f"{score:+}" if score else "0"


def chapter(title: str, note: int = 1) -> str:
    """Return a chapter in which each member has a number, two items with a note each, and no line with its score."""
    parts = [
        title, "Commitment", '"We will plant trees."', "Background:", "Trees grew few.", "Team Leader: Di Rector",
        "Assessment:", "Country\tLack of Compliance −1\tWork in Progress 0\tFull Compliance +1",
        *(
            "\t".join([member, *(signed(score) if each == score else "" for each in (-1, 0, 1))])
            for member, score in SCORES.items()
        ),
        "Overall\t0.00", "Individual Country Compliance Breakdown",
    ]  # fmt: skip
    for place, (member, score) in enumerate(SCORES.items()):
        name = f"the {member}" if member.startswith(("United", "European")) else member
        first, second = raised(note + 2 * place), raised(note + 2 * place + 1)
        parts += [
            f"{place + 1}. {member}: {signed(score)}",
            f"{name[0].upper()}{name[1:]} has registered {DEGREES[score]} with the Gleneagles commitment on trees.",
            f"On 5 October 2005, {name} planted wells of trees.{first} Rangers came.",
            f"On 7 November 2005, rangers counted the trees for {name}.{second}",
            f"Analyst: Ann {'Other' if place % 2 else 'Noether'}",
            f"{first} Trees, Paper (Rome) 6 July 2005. Access Date: 7 July 2005. https://a.example/t{note}",
            f"{second} Rangers, Paper (Rome) 6 July 2005. Access Date: 7 July 2005. https://a.example/r{note}",
        ]
    return "\n\n".join(parts) + "\n\n"


def test_a_report_of_2005_is_read(read):
    evidence = read(TITLE + chapter("7. Forests: Trees of the Tundra [53]"))
    assert dict(zip(evidence.members["member"], evidence.members["published_score"], strict=True)) == SCORES
    assert evidence.members["table_score"].equals(evidence.members["heading_score"])
    assert evidence.items["member"].tolist() == [member for member in MEMBERS for _ in (1, 2)]
    assert evidence.items["citations"].tolist() == [str(note) for note in range(1, 19)]
    assert (set(evidence.items["status"]), len(evidence.sentences), len(evidence.citations)) == ({"ok"}, 27, 18)
    assert evidence.conclusions["member"].tolist() == list(MEMBERS)
    assert set(evidence.conclusions["analysts"]) == {"Ann Other", "Ann Noether"}
    row = evidence.commitments.iloc[0]
    assert (row["commitment_id"], row["text"], row["printed_average"]) == ("2005-07", "We will plant trees.", 0.0)
    assert said(evidence) == {}


def test_several_chapters_are_read_apart_and_one_alone_needs_no_number(read):
    evidence = read(TITLE + chapter("7. Trees") + chapter("8. Wells", note=21))
    assert (numbers(evidence), len(evidence.items), said(evidence)) == ([7, 8], 36, {})
    assert list(said(read(TITLE + chapter("Trees")))) == ["heading"]


def test_a_chapter_whose_heading_is_not_read_is_not_mixed_with_the_one_before(read):
    evidence = read(TITLE + chapter("6. Trees") + chapter("7. Wells", note=21) + chapter("8 Lakes", note=41))
    assert numbers(evidence) == [6]
    assert "the heading of another commitment was not read" in said(evidence)["commitment 7"]
    with pytest.raises(SourceError, match=r"commitment \? has another table of scores after its first"):
        read(TITLE + chapter("Trees") + chapter("Wells", note=21))

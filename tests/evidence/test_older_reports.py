"""An invented report in the words of 2005; test_layouts.py has the G8 of 2010 and the G20 with its twenty members."""

import pytest
from report_texts import numbers, raised, said

from g7tag.errors import SourceError

TITLE = "2005 Gleneagles Final Compliance Report\n\n"
SCORES = {"Canada": -1, "France": 0, "Russia": 1, "United Kingdom": -1, "United States": 0, "European Union": 1}
DEGREES = {-1: "non-compliance", 0: "partial compliance", 1: "full compliance"}
ROWS = "\n\n".join(f"{member}\t" + "\t" * (score + 1) + f"{score:+}\t" for member, score in SCORES.items())
FRONT = (
    "{}\n\nCommitment\n\n“We will plant trees.”\n\nBackground:\n\nTrees grew few.\n\nTeam Leader: Di Rector\n\n"
    f"Assessment:\n\nCountry\tLack of Compliance −1\tWork in Progress 0\tFull Compliance +1\n\n{ROWS}\n\n"
    "Overall\t0.00\n\nIndividual Country Compliance Breakdown\n\n"
).replace("+0", "0")
SECTION = (
    "{place}. {member}: {score:+}\n\n{member} has registered {degree} with the Gleneagles commitment on trees.\n\n"
    "On 5 October 2005, {member} planted trees.{first} Rangers came.\n\n"
    "On 7 November 2005, rangers counted.{second}\n\nAnalyst: Ann Other\n\n{first} Trees, Paper (Rome) 6 July 2005. https://a.example/t\n\n"
    "{second} Rangers, Paper (Rome) 6 July 2005. https://a.example/r\n\n"
)


def chapter(title: str, note: int = 1) -> str:
    """Return a chapter in which each member has a number, two items with a note each, and no line with its score."""
    sections = ""
    for place, (member, score) in enumerate(SCORES.items()):
        marks = {"first": raised(note + 2 * place), "second": raised(note + 2 * place + 1)}
        sections += SECTION.format(place=place + 1, member=member, score=score, degree=DEGREES[score], **marks)
    return FRONT.format(title) + sections.replace("+0", "0")


def test_a_report_of_2005_is_read(read):
    evidence = read(TITLE + chapter("7. Forests: Trees of the Tundra [53]"))
    assert dict(zip(evidence.members["member"], evidence.members["published_score"], strict=True)) == SCORES
    assert evidence.members["table_score"].equals(evidence.members["heading_score"])
    assert evidence.items["member"].tolist() == [member for member in SCORES for _ in (1, 2)]
    assert evidence.items["citations"].tolist() == [str(note) for note in range(1, 13)]
    assert (set(evidence.items["status"]), len(evidence.sentences), len(evidence.citations)) == ({"ok"}, 18, 12)
    assert evidence.conclusions[["member", "analysts"]].to_numpy().tolist() == [[each, "Ann Other"] for each in SCORES]
    row = evidence.commitments.iloc[0]
    assert (row["commitment_id"], row["text"], row["printed_average"]) == ("2005-07", "We will plant trees.", 0.0)
    assert said(evidence) == {}


def test_chapters_are_read_apart_and_one_whose_heading_is_not_read_is_not_mixed_with_the_one_before(read):
    two = chapter("7. Trees") + chapter("8. Wells", note=21)
    evidence = read(TITLE + two)
    assert (numbers(evidence), len(evidence.items), said(evidence)) == ([7, 8], 24, {})
    assert list(said(read(TITLE + chapter("Trees")))) == ["heading"]
    evidence = read(TITLE + two + chapter("9 Lakes", note=41))
    assert numbers(evidence) == [7]
    assert "the heading of another commitment was not read" in said(evidence)["commitment 8"]
    with pytest.raises(SourceError, match=r"commitment \? has another table of scores after its first"):
        read(TITLE + chapter("Trees") + chapter("Wells", note=21))

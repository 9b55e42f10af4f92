"""Invented reports in the words of other years and groups: G8 with Russia, G20 with twenty members."""

import pytest
from report_texts import numbers, raised, said

from g7tag.errors import SourceError

G8 = ("Canada", "France", "Germany", "Italy", "Japan", "Russia", "United Kingdom", "United States", "European Union")
G20 = (
    "Argentina", "Australia", "Brazil", "Canada", "China", "France", "Germany", "India", "Indonesia", "Italy", "Japan",
    "Korea", "Mexico", "Russia", "Saudi Arabia", "South Africa", "Türkiye", "United Kingdom", "United States",
    "European Union",
)  # fmt: skip
DEGREES = {-1: "non-compliance", 0: "partial compliance", 1: "full compliance"}


def signed(score: int) -> str:
    return f"{score:+}" if score else "0"


def scores_of(members: tuple[str, ...]) -> dict[str, int]:
    return {member: place % 3 - 1 for place, member in enumerate(members)}


def rows(scores: dict[str, int]) -> list[str]:
    """Return the rows of the table of scores; each column is for one score."""
    return [
        "\t".join([member, *(signed(score) if each == score else "" for each in (-1, 0, 1))])
        for member, score in scores.items()
    ]


def section(heading: str, member: str, score: int, note: int, *, closing: str, opening: str, credit: str) -> list[str]:
    """Return a member's section of two items, and its notes."""
    name = f"the {member}" if member.startswith(("United", "European")) else member
    words = {"name": name, "Name": name[0].upper() + name[1:], "score": signed(score), "degree": DEGREES[score]}
    return [
        heading, opening.format(**words),
        f"On 5 October 2005, {name} planted wells of trees.{raised(note)} Rangers came.",
        f"On 7 November 2005, rangers counted the trees for {name}.{raised(note + 1)}",
        *([closing.format(**words)] if closing else []), credit,
        f"{raised(note)} Trees, Paper (Rome) 6 July 2005. Access Date: 7 July 2005. https://a.example/t{note}",
        f"{raised(note + 1)} Rangers, Paper (Rome) 6 July 2005. Access Date: 7 July 2005. https://a.example/r{note}",
    ]  # fmt: skip


def gleneagles(number: int = 7, note: int = 1, *, title: str = "{}. Forests: Trees of the Tundra [53]") -> str:
    """Return a chapter as in 2005: the country's number, team leaders, the background before the scores."""
    scores = scores_of(G8)
    parts = [
        title.format(number), "Commitment", '"We will plant trees."', "Background:", "Trees grew few.",
        "Team Leader: Di Rector", "Assessment:",
        "Country\tLack of Compliance −1\tWork in Progress 0\tFull Compliance +1",
        *rows(scores),
        "Overall\t0.00", "Individual Country Compliance Breakdown",
    ]  # fmt: skip
    for place, (member, score) in enumerate(scores.items()):
        parts += section(
            f"{place + 1}. {member}: {signed(score)}", member, score, note + 2 * place, closing="",
            opening="{Name} has registered {degree} with the Gleneagles commitment on trees.",
            credit=f"Analyst: Ann {'Other' if place % 2 else 'Noether'}",
        )  # fmt: skip
    return "\n\n".join(parts) + "\n\n"


def camp_david(number: int = 7, note: int = 1) -> str:
    """Return a chapter as in 2012: the id of the commitment, lead analysts, a score that is awarded."""
    scores = scores_of(G8)
    parts = [
        f"{number}. Forests: Trees of the Tundra", "Commitment [2012-22]: We will plant trees.",
        "Camp David Declaration",
        "Assessment", "\tLack of Compliance\tWork in Progress\tFull Compliance",
        *rows(scores),
        "Average Score\t0.00", "Background", "Trees grew few.", "Commitment Features", "Trees are plants.",
        "Scoring Guidelines", "−1\tMember plants no trees.", "+1\tMember plants trees.", "Lead Analyst: Di Rector",
    ]  # fmt: skip
    for place, (member, score) in enumerate(scores.items()):
        parts += section(
            f"{member}: {signed(score)}", member, score, note + 2 * place,
            opening="{Name} is in {degree} with the G8 commitment on trees.",
            closing="{Name} has therefore been awarded a score of {score}.", credit="Analyst: Ann Other",
        )  # fmt: skip
    return "\n\n".join(parts) + "\n\n"


def twenty(number: int = 4, note: int = 1, *, korea: str = "Korea", turkey: str = "Türkiye") -> str:
    """Return a chapter of the G20 with its own names of two members."""
    printed = {"Korea": korea, "Türkiye": turkey}
    scores = {printed.get(member, member): score for member, score in scores_of(G20).items()}
    parts = [
        f"{number}. Food: Rice in the Hills", "G20 Commitment [146]:", "“We will sow rice.”", "Assessment",
        "\tNo Compliance\tPartial Compliance\tFull Compliance",
        *rows(scores),
        "Country Average\t−0.05 (48%)", "Scoring Guidelines", "−1\tMember sows no rice.",
        "Compliance Coordinator: Di Rector",
    ]  # fmt: skip
    for place, (member, score) in enumerate(scores.items()):
        parts += section(
            f"{member}: {signed(score)}", member, score, note + 2 * place,
            opening="{Name} registers {degree}.", closing="Accordingly, {name} receives a score of {score}.",
            credit="Analysts: Ann Other and Bo Li",
        )  # fmt: skip
    return "\n\n".join(parts) + "\n\n"


def check(evidence, members: tuple[str, ...], stated: bool) -> None:
    """Every member has its two items, its conclusion, its notes and its scores."""
    scores = list(scores_of(members).values())
    assert evidence.members["member"].tolist() == list(members)
    for column in ("table_score", "heading_score", "published_score", *(["stated_score"] if stated else [])):
        assert evidence.members[column].tolist() == scores, column
    assert evidence.items["member"].tolist() == [member for member in members for _ in (1, 2)]
    assert set(evidence.items["status"]) == {"ok"}
    assert len(evidence.sentences) == 3 * len(members)
    assert evidence.conclusions["member"].tolist() == list(members)
    assert evidence.items["citations"].tolist() == [str(note) for note in range(1, 2 * len(members) + 1)]
    assert len(evidence.citations) == 2 * len(members)


def test_a_report_of_2005_is_read(read):
    evidence = read("2005 Gleneagles Final Compliance Report\n\n" + gleneagles())
    check(evidence, G8, stated=False)
    row = evidence.commitments.iloc[0]
    assert (row["commitment_id"], row["text"], row["printed_average"]) == ("2005-07", "We will plant trees.", 0.0)
    assert set(evidence.conclusions["analysts"]) == {"Ann Other", "Ann Noether"}
    assert said(evidence) == {}


def test_a_report_of_2012_is_read(read):
    evidence = read("2012 Camp David G8 Summit Final Compliance Report\n\n" + camp_david())
    check(evidence, G8, stated=True)
    row = evidence.commitments.iloc[0]
    assert (row["commitment_id"], row["text"], row["printed_average"]) == ("2012-07", "We will plant trees.", 0.0)
    assert row["scoring_table"] == "−1 Member plants no trees.\n+1 Member plants trees."
    assert said(evidence) == {}


@pytest.mark.parametrize(("korea", "turkey"), [("Korea", "Türkiye"), ("Republic of Korea", "Turkey")])
def test_a_report_of_the_g20_is_read(read, korea, turkey):
    evidence = read("2012 G20 Los Cabos Summit Final Compliance Report\n\n" + twenty(korea=korea, turkey=turkey))
    check(evidence, G20, stated=True)
    row = evidence.commitments.iloc[0]
    assert (row["commitment_id"], row["text"], row["printed_percent"]) == ("G20-2012-04", "We will sow rice.", 48.0)
    assert evidence.members["code"].tolist()[11:20] == ["KOR", "MEX", "RUS", "SAU", "ZAF", "TUR", "GBR", "USA", "EUU"]
    assert said(evidence) == {}


def test_a_chapter_without_a_number_is_read_and_said(read):
    evidence = read("2002 Kananaskis Summit Final Compliance Report\n\n" + gleneagles(title="Forests"))
    check(evidence, G8, stated=False)
    assert list(said(evidence)) == ["heading"]


def test_several_chapters_without_numbers_are_refused(read):
    text = "2002 Kananaskis Summit Final Compliance Report\n\n"
    with pytest.raises(SourceError, match=r"commitment \? has another table of scores after its first"):
        read(text + gleneagles(title="Forests") + gleneagles(title="Wells", note=21))


def test_a_chapter_whose_heading_is_not_read_is_not_mixed_with_the_one_before(read):
    text = "2005 Gleneagles Final Compliance Report\n\n" + gleneagles(6) + gleneagles(7, note=21)
    evidence = read(text + gleneagles(8, note=41, title="{} Wells"))
    assert numbers(evidence) == [6]
    assert "the heading of another commitment was not read" in said(evidence)["commitment 7"]


def test_several_chapters_of_2005_are_read_apart(read):
    text = "2005 Gleneagles Final Compliance Report\n\n" + gleneagles() + gleneagles(8, note=21)
    evidence = read(text)
    assert numbers(evidence) == [7, 8]
    assert len(evidence.items) == 36
    assert said(evidence) == {}

"""Invented reports in the words of other years and groups: G8 with Russia, G20 with twenty members."""

from typing import NamedTuple

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


class Form(NamedTuple):
    """The words of a year: its title, the parts of a chapter, and the parts of a member's section."""

    title: str
    members: tuple[str, ...]
    front: tuple[str, ...]
    heading: str
    opening: str
    closing: str
    credit: str
    printed: dict[str, str]  # other names of members


FORMS = {
    "2005": Form(
        "2005 Gleneagles Final Compliance Report", G8,
        ("Commitment", '"We will plant trees."', "Background:", "Trees grew few.", "Team Leader: Di Rector",
         "Assessment:", "Country\tLack of Compliance −1\tWork in Progress 0\tFull Compliance +1", "{rows}",
         "Overall\t0.00", "Individual Country Compliance Breakdown"),
        "{place}. {member}: {score}", "{Name} has registered {degree} with the Gleneagles commitment on trees.", "",
        "Analyst: Ann Other", {},
    ),
    "2012": Form(
        "2012 Camp David G8 Summit Final Compliance Report", G8,
        ("Commitment [2012-22]: We will plant trees.", "Camp David Declaration", "Assessment",
         "\tLack of Compliance\tWork in Progress\tFull Compliance", "{rows}", "Average Score\t0.00", "Background",
         "Trees grew few.", "Commitment Features", "Trees are plants.", "Scoring Guidelines",
         "−1\tMember plants no trees.", "+1\tMember plants trees.", "Lead Analyst: Di Rector"),
        "{member}: {score}", "{Name} is in {degree} with the G8 commitment on trees.",
        "{Name} has therefore been awarded a score of {score}.", "Analyst: Ann Other", {},
    ),
    "G20": Form(
        "2012 G20 Los Cabos Summit Final Compliance Report", G20,
        ("G20 Commitment [146]:", "“We will plant trees.”", "Assessment",
         "\tNo Compliance\tPartial Compliance\tFull Compliance", "{rows}", "Country Average\t0.00 (48%)",
         "Scoring Guidelines", "−1\tMember plants no trees.", "Compliance Coordinator: Di Rector"),
        "{member}: {score}", "{Name} registers {degree}.", "Accordingly, {name} receives a score of {score}.",
        "Analysts: Ann Other and Bo Li", {},
    ),
}  # fmt: skip
FORMS["G20, other names"] = FORMS["G20"]._replace(printed={"Korea": "Republic of Korea", "Türkiye": "Turkey"})


def signed(score: int) -> str:
    return f"{score:+}" if score else "0"


def scores_of(members: tuple[str, ...]) -> dict[str, int]:
    return {member: place % 3 - 1 for place, member in enumerate(members)}


def chapter(form: Form, number: int = 7, note: int = 1, *, title: str = "{}. Forests: Trees of the Tundra [53]") -> str:
    """Return a chapter in which each member has two items, each with a note."""
    rows, sections = [], []
    for place, (member, score) in enumerate(scores_of(form.members).items()):
        shown = form.printed.get(member, member)
        rows.append("\t".join([shown, *(signed(score) if each == score else "" for each in (-1, 0, 1))]))
        name = f"the {shown}" if shown.startswith(("United", "European")) else shown
        words = {"place": place + 1, "member": shown, "name": name, "Name": name[0].upper() + name[1:],
                 "score": signed(score), "degree": DEGREES[score]}  # fmt: skip
        first, second = raised(note + 2 * place), raised(note + 2 * place + 1)
        sections += [
            form.heading.format(**words), form.opening.format(**words),
            f"On 5 October 2005, {name} planted wells of trees.{first} Rangers came.",
            f"On 7 November 2005, rangers counted the trees for {name}.{second}",
            *([form.closing.format(**words)] if form.closing else []), form.credit,
            f"{first} Trees, Paper (Rome) 6 July 2005. Access Date: 7 July 2005. https://a.example/t{note}",
            f"{second} Rangers, Paper (Rome) 6 July 2005. Access Date: 7 July 2005. https://a.example/r{note}",
        ]  # fmt: skip
    front = [text.format(rows="\n\n".join(rows)) for text in form.front]
    return "\n\n".join([title.format(number), *front, *sections]) + "\n\n"


@pytest.mark.parametrize("name", FORMS)
def test_a_report_in_the_words_of_another_year_or_group_is_read_whole(read, name):
    form = FORMS[name]
    evidence = read(f"{form.title}\n\n{chapter(form)}")
    scores = list(scores_of(form.members).values())
    assert evidence.members["member"].tolist() == list(form.members)
    for column in ("table_score", "heading_score", "published_score", *(["stated_score"] if form.closing else [])):
        assert evidence.members[column].tolist() == scores, column
    assert evidence.items["member"].tolist() == [member for member in form.members for _ in (1, 2)]
    assert set(evidence.items["status"]) == {"ok"}
    assert len(evidence.sentences) == 3 * len(scores)
    assert evidence.conclusions["member"].tolist() == list(form.members)
    assert set(evidence.conclusions["analysts"]) == {form.credit.partition(": ")[2].replace(" and ", ";")}
    assert evidence.items["citations"].tolist() == [str(note) for note in range(1, 2 * len(scores) + 1)]
    assert len(evidence.citations) == 2 * len(scores)
    row = evidence.commitments.iloc[0]
    assert row["commitment_id"] == f"{'G20-' if 'G20' in name else ''}{form.title[:4]}-07"
    assert (row["text"], row["printed_average"]) == ("We will plant trees.", 0.0)
    assert row["scoring_table"].startswith("−1 Member plants no trees." if form.closing else "")
    assert said(evidence) == {}
    if form.members == G20:
        assert row["printed_percent"] == 48.0
        codes = ["KOR", "MEX", "RUS", "SAU", "ZAF", "TUR", "GBR", "USA", "EUU"]
        assert evidence.members["code"].tolist()[11:20] == codes


def several(*titles: str) -> str:
    """Return a report of 2005 with these chapters."""
    parts = (chapter(FORMS["2005"], 6 + place, 1 + 20 * place, title=title) for place, title in enumerate(titles))
    return f"{FORMS['2005'].title}\n\n{''.join(parts)}"


def test_chapters_are_read_apart_and_one_alone_needs_no_number(read):
    evidence = read(several("{}. Trees", "{}. Wells"))
    assert (numbers(evidence), len(evidence.items), said(evidence)) == ([6, 7], 36, {})
    assert list(said(read(several("Trees")))) == ["heading"]


def test_a_chapter_whose_heading_is_not_read_is_not_mixed_with_the_one_before(read):
    evidence = read(several("{}. Trees", "{}. Wells", "{} Lakes"))
    assert numbers(evidence) == [6]
    assert "the heading of another commitment was not read" in said(evidence)["commitment 7"]
    with pytest.raises(SourceError, match=r"commitment \? has another table of scores after its first"):
        read(several("Trees", "Wells"))

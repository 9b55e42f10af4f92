"""Charts have the numbers of the frames, link where they are asked to, and keep hostile text inert."""

from datetime import date

import pandas as pd
import pytest
from lxml import etree, html
from markupsafe import Markup

from g7tag.codebook import Category, Codebook, Member
from g7tag.report.charts import agreement_chart, scores_chart, thresholds_chart
from g7tag.report.timeline import timeline_chart

HOSTILE = "<img src=x onerror=alert(1)></text></svg><script>alert(1)</script>\" onload='alert(1)'"
NAN = float("nan")


def link(name: str) -> str:
    return f"#to-{name}"


def parsed(chart: Markup) -> html.HtmlElement:
    assert isinstance(chart, Markup)
    return html.fromstring(str(chart))


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def score_rows(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of member, published and suggested score, and the probabilities of -1, 0 and +1."""
    columns = ["member", "published_score", "suggested_score", "p_minus1", "p_0", "p_plus1"]
    whole = dict.fromkeys(["published_score", "suggested_score"], "Int64")
    return pd.DataFrame(rows, columns=columns).astype(whole).assign(reading="table")


@pytest.fixture(scope="module")
def invented(codebook: Codebook) -> Codebook:
    """A codebook of another commitment: two members and three dimensions, for the year 2030."""
    commitment = codebook.commitment.model_copy(
        update={"period_start": date(2030, 1, 1), "period_end": date(2030, 12, 31)}
    )
    dimensions = [Category(key=key, label=f"The {key}", definition=key) for key in ("sea", "lake", "river")]
    members = [Member(name="Atlantis", code="ATL"), Member(name="Utopia", code="UTO")]
    return codebook.model_copy(update={"commitment": commitment, "dimensions": dimensions, "members": members})


def level_rows(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of item, day (None: unread), whether it is in the period, member, dimension and whether it is strong."""
    columns = ["item_id", "date", "in_period", "member", "dimension", "strong"]
    frame = pd.DataFrame(rows, columns=columns).astype({"in_period": "bool", "strong": "bool"})
    return frame.assign(date=pd.to_datetime(frame["date"]).astype("datetime64[us]"))


LEVELS = level_rows(
    ("2030-01/UTO-01", "2030-07-02", True, "Utopia", "river", False),
    ("2030-01/ATL-02", "2030-03-01", True, "Atlantis", "sea", True),
    ("2030-01/ATL-01", "2030-03-01", True, "Atlantis", "sea", False),
    ("2030-01/ATL-01", "2030-03-01", True, "Atlantis", "lake", True),
    ("2030-01/ATL-03", "2020-01-01", False, "Atlantis", "sea", True),
    ("2030-01/ATL-04", None, True, "Atlantis", "sea", True),
)


def test_a_bar_is_as_wide_as_the_probability_and_starts_where_the_one_before_ends() -> None:
    scores = score_rows(("Atlantis", -1, 0, 0.125, 0.5, 0.25))
    figure = parsed(scores_chart(scores, reading="table", link=link))
    bars = [
        (bar.get("class"), bar.get("x"), bar.get("width"))
        for bar in figure.xpath(".//a//rect[starts-with(@class, 'bar')]")
    ]
    assert bars == [  # 1 - 0.125 - 0.5 - 0.25 = 0.125 have no score
        ("bar minus", "0%", "12.5%"), ("bar zero", "12.5%", "50%"), ("bar plus", "62.5%", "25%"),
        ("bar no-score", "87.5%", "12.5%"),
    ]  # fmt: skip
    texts = [words(text) for text in figure.xpath(".//a//text")]
    assert texts == ["Atlantis", "published -1 *", "12%", "0: 50%", "+1: 25%", "12%"]
    triangle = figure.xpath(".//a//svg")[0]
    assert triangle.get("x") == "6.25%"  # the middle of the bar of -1
    assert [words(cell) for cell in figure.xpath(".//tbody//td")] == ["-1 *", "0", "12%", "50%", "25%", "12%"]


def test_members_are_in_the_frames_order_and_link_where_asked_with_their_numbers_as_names() -> None:
    scores = score_rows(("Utopia", 1, 1, 0.0, 0.05, 0.95), ("Atlantis", 0, 1, 0.0, 0.3, 0.7))
    figure = parsed(scores_chart(scores, reading="table", link=link))
    links = figure.xpath(".//a")
    assert [each.get("href") for each in links] == ["#to-Utopia", "#to-Atlantis"]
    assert [words(each.xpath(".//title")[0]) for each in links] == [
        "Utopia: -1 <1%, 0 5%, +1 95%; published +1, suggested +1",
        "Atlantis: -1 <1%, 0 30%, +1 70%; published 0, suggested +1",
    ]
    assert "the most probable one for 1 of 2 members" in words(figure.find("figcaption"))
    assert figure.xpath(".//*[@id=//svg/@aria-labelledby]")[0].text == "Probability of each score, by member"


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ((1, 1, 0.0, 0.1, 0.9), "published +1"),
        ((1, 1, 0.0, 0.21, 0.79), "published +1 *"),  # below 80 %
        ((0, 1, 0.0, 0.1, 0.9), "published 0 *"),
        ((pd.NA, 1, 0.0, 0.1, 0.9), "published none"),
        ((1, 1, NAN, NAN, NAN), "published +1"),
    ],
    ids=["clear", "close", "differs", "unpublished", "unknown"],
)
def test_a_star_marks_close_and_differing_scores(row: tuple[object, ...], shown: str) -> None:
    figure = parsed(scores_chart(score_rows(("Utopia", *row)), reading="table", link=link))
    assert words(figure.xpath(".//a//text")[1]) == shown


def test_unknown_probabilities_have_no_bar_and_are_not_zero() -> None:
    figure = parsed(scores_chart(score_rows(("Utopia", 1, 0, NAN, NAN, NAN)), reading="table", link=link))
    assert figure.xpath(".//a//rect[starts-with(@class, 'bar')]") == []
    assert words(figure.xpath(".//a//text[@class='muted']")[0]) == "no probabilities"
    assert [words(cell) for cell in figure.xpath(".//tbody//td")] == ["+1", "0", "none", "none", "none", "none"]
    assert "for 0 of 0 members" in words(figure.find("figcaption"))


def test_a_threshold_has_a_cell_with_a_star_if_the_score_differs() -> None:
    rows = [("Utopia", 1, 1, True), ("Utopia", 2, 0, False), ("Atlantis", 2, pd.NA, False), ("Atlantis", 1, -1, True)]
    frame = pd.DataFrame(rows, columns=["member", "min_strong_items", "suggested_score", "changes"])
    frame = frame.astype({"suggested_score": "Int64"}).assign(reading="table")
    figure = parsed(thresholds_chart(frame, reading="table", own=2, link=link))
    assert [words(cell) for cell in figure.xpath(".//thead//th")] == ["Member", "1", "2 codebook"]
    cells = [[(words(cell), cell.get("class")) for cell in row.xpath("td")] for row in figure.xpath(".//tbody/tr")]
    assert cells == [
        [("+1*", "level plus"), ("0", "level zero own")], [("-1*", "level minus"), ("no score", "level no-score own")],
    ]  # fmt: skip
    assert [each.get("href") for each in figure.xpath(".//th/a")] == ["#to-Utopia", "#to-Atlantis"]
    assert "the same with every number for 0 of 2 members" in words(figure.find("figcaption"))


def marks(figure: html.HtmlElement) -> dict[str, list[tuple[str, str, str]]]:
    """Shape, x and y of each mark of the items, by the address of the item."""
    return {
        each.get("href"): [(use.get("href"), use.get("x"), use.get("y")) for use in each.xpath("use")]
        for each in figure.xpath(".//svg/a")
    }


def test_an_item_has_a_mark_in_each_dimension_at_its_day(invented: Codebook) -> None:
    figure = parsed(timeline_chart(LEVELS, invented, link=link))
    ids = figure.xpath(".//@id")
    assert len(ids) == len(set(ids))
    assert {use.get("href").removeprefix("#") for use in figure.xpath(".//use")} <= set(ids)
    # The width is 364 + 2 * 30 days: 1 January 2030 is day 30, 1 March day 89, 2 July day 212.
    # Tops: 18 + 18 = 36 for the first lane; its rows are two for sea, then one each for lake and river (4 * 10), and
    # 6 + 18 below it start the second lane at 100, whose river is the third row.
    assert marks(figure) == {
        "#to-2030-01/ATL-03": [("#days-0s", "2.4%", "41"), ("#days-x", "2.4%", "41")],  # at day 10
        "#to-2030-01/ATL-01": [("#days-0w", "21%", "41"), ("#days-1s", "21%", "61")],
        "#to-2030-01/ATL-02": [("#days-0s", "21%", "51")],
        "#to-2030-01/UTO-01": [("#days-2w", "50%", "125")],
    }
    assert [words(each) for each in figure.xpath(".//svg/a/title")] == [
        "ATL-03, 1 January 2020, sea, strong, outside the period", "ATL-01, 1 March 2030, sea, weak; lake, strong",
        "ATL-02, 1 March 2030, sea, strong", "UTO-01, 2 July 2030, river, weak",
    ]  # fmt: skip
    assert [words(text) for text in figure.xpath(".//svg/text")] == ["Atlantis", "3 items", "Utopia", "1 item"]


def test_the_timeline_counts_what_it_does_not_draw(invented: Codebook) -> None:
    figure = parsed(timeline_chart(LEVELS, invented, link=link))
    caption = words(figure.find("figcaption"))
    assert caption.endswith(
        "4 items with a dimension, by day. Dotted lines: the period, 1 January 2030 to 31 December 2030. "
        "Crossed: 1 outside the period. Not drawn: 1 item without a day."
    )
    rows = [[words(cell) for cell in row] for row in figure.xpath(".//tbody/tr")]
    assert rows[0] == ["Atlantis", "sea", "2", "1", "1", "1"]
    assert rows[5] == ["Utopia", "river", "0", "1", "0", "0"]
    assert len(rows) == 2 * 3


def test_marks_of_the_same_day_do_not_hide_each_other(invented: Codebook) -> None:
    rows = [(f"2030-01/ATL-{n:02}", "2030-03-01", True, "Atlantis", "sea", True) for n in range(1, 8)]
    drawn = marks(parsed(timeline_chart(level_rows(*rows), invented, link=link)))
    assert len({uses[0][1:] for uses in drawn.values()}) == 7


PARTS = pd.DataFrame(
    [
        ("sea", 40, 3, 95.0, 0.85, 0.75, 0.95, ""),
        ("lake", 40, 3, 100.0, NAN, NAN, NAN, "all codes are equal"),
        ("whole label", 38, 3, 70.0, 0.4, NAN, NAN, "one item"),
    ],
    columns=["part", "n", "n_annotators", "percent", "alpha", "low", "high", "reason"],
)


def test_alpha_is_at_its_place_with_its_interval() -> None:
    figure = parsed(agreement_chart(PARTS))
    places = [(each.get("class"), each.get("cx")) for each in figure.xpath(".//svg//g//circle")]
    assert places == [("mark reliable", "85%"), ("mark low", "40%")]  # an axis from 0 to 1, because 0.4 is below 0.5
    whisker = figure.xpath(".//line[@class='whisker']")[0]
    assert (whisker.get("x1"), whisker.get("x2")) == ("75%", "95%")
    texts = [words(each) for each in figure.xpath(".//svg/g[@transform]/text")]
    assert texts == [
        "sea", "0.85 [0.75, 0.95], n = 40", "lake", "n = 40", "undefined: all codes are equal", "whole label",
        "0.40 (no interval), n = 38",
    ]  # fmt: skip
    cells = [[words(cell) for cell in row.xpath("td")] for row in figure.xpath(".//tbody/tr")]
    assert cells[1] == ["40", "100%", "undefined", "none", "all codes are equal"]
    caption = words(figure.find("figcaption"))
    assert "0.8 for 1 and at least 0.667 for 1 of 2 parts with an alpha; it is undefined for 1." in caption


def test_a_negative_alpha_widens_the_axis() -> None:
    figure = parsed(agreement_chart(PARTS.head(1).assign(alpha=-0.5, low=-0.75, high=0.0)))
    assert figure.xpath(".//svg//g//circle")[0].get("cx") == "25%"  # an axis from -1 to 1
    ticks = [words(each) for each in figure.xpath(".//svg/g[@aria-hidden]/text")]
    assert ticks == ["0.667", "0.8", "-1", "-0.5", "0", "0.5", "1"]


def test_no_rows_give_a_figure_that_says_why(invented: Codebook) -> None:
    thresholds = pd.DataFrame({"member": [], "reading": [], "min_strong_items": []})
    undated = LEVELS.assign(date=pd.NaT)
    charts = {
        "no scores under the reading table.": scores_chart(score_rows(), reading="table", link=link),
        "no scores under the reading other.": thresholds_chart(thresholds, reading="other", own=2, link=link),
        "no item has a dimension.": timeline_chart(LEVELS.head(0), invented, link=link),
        "the days of all items could not be read.": timeline_chart(undated, invented, link=link),
        "no sentence was labelled by two people.": agreement_chart(PARTS.assign(n=0)),
    }
    for reason, chart in charts.items():
        assert words(parsed(chart).xpath("./p")[0]) == f"Nothing to draw: {reason}"
    assert words(parsed(agreement_chart(PARTS.head(0))).xpath("./p")[0]).startswith("Nothing to draw")


def hostile_charts(invented: Codebook) -> list[Markup]:
    book = invented.model_copy(update={"members": [Member(name=HOSTILE, code="ATL")]})
    thresholds = pd.DataFrame(
        {"member": [HOSTILE], "min_strong_items": [1], "suggested_score": [1], "changes": [False], "reading": [HOSTILE]}
    )
    levels = LEVELS.assign(member=HOSTILE, item_id=HOSTILE)
    scores = score_rows((HOSTILE, 1, 1, 0.2, 0.3, 0.5)).assign(reading=HOSTILE)
    return [
        scores_chart(scores, reading=HOSTILE, link=link),
        thresholds_chart(thresholds, reading=HOSTILE, own=1, link=link),
        timeline_chart(levels, book, link=link),
        timeline_chart(levels, book, member=HOSTILE, link=link),
        agreement_chart(PARTS.assign(part=HOSTILE, reason=HOSTILE)),
    ]


def test_hostile_names_are_text_and_nothing_is_what_the_policy_of_the_page_forbids(invented: Codebook) -> None:
    for chart in hostile_charts(invented):
        figure = parsed(chart)
        assert not figure.xpath(".//script | .//img | .//foreignobject | .//style")
        assert HOSTILE in figure.text_content() or HOSTILE[:19] in figure.text_content()
        for each in figure.iter(etree.Element):
            assert not [name for name in each.attrib if name == "style" or name.startswith("on")]

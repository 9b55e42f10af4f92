"""Charts have the numbers of the frames, link where they are asked to, and keep hostile text inert."""

from datetime import date

import pandas as pd
import pytest
from lxml import etree, html
from markupsafe import Markup

from g7tag.codebook import Category, Member
from g7tag.report.charts import agreement_chart, scores_chart, thresholds_chart, timeline_chart

HOSTILE = "\x1b\u202e$<img src=x onerror=alert(1)></text></svg><script>alert(1)</script>\" onload='alert(1)'"
INERT = "??" + HOSTILE[2:]
NAN = float("nan")


def link(name):
    return f"#to-{name}"


def parsed(chart):
    assert isinstance(chart, Markup)
    return html.fromstring(str(chart))


def words(element):
    return " ".join(element.text_content().split())


def links(figure):
    """The name of each link of a drawing, by its address."""
    return {each.get("href"): words(each.find("title")) for each in figure.xpath(".//svg//a")}


def texts(figure):
    return [words(each) for each in figure.xpath(".//svg//text")]


def score_rows(*rows):
    """Rows of member, published and suggested score, and the probabilities of -1, 0 and +1."""
    columns = ["member", "published_score", "suggested_score", "p_minus1", "p_0", "p_plus1"]
    whole = dict.fromkeys(["published_score", "suggested_score"], "Int64")
    return pd.DataFrame(rows, columns=columns).astype(whole).assign(reading="table")


@pytest.fixture(scope="module")
def invented(codebook):
    """A codebook of another commitment: two members and three dimensions, for the year 2030."""
    commitment = codebook.commitment.model_copy(
        update={"period_start": date(2030, 1, 1), "period_end": date(2030, 12, 31)}
    )
    dimensions = [Category(key=key, label=f"The {key}", definition=key) for key in ("sea", "lake", "river")]
    members = [Member(name="Atlantis", code="ATL"), Member(name="Utopia", code="UTO")]
    return codebook.model_copy(update={"commitment": commitment, "dimensions": dimensions, "members": members})


def level_rows(*rows):
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


def test_members_are_in_the_frames_order_and_link_where_asked_with_their_numbers_as_names():
    scores = score_rows(
        ("Utopia", 1, 1, 0.0, 0.05, 0.95), ("Atlantis", 0, 1, 0.0, 0.3, 0.7), ("Thule", -1, 0, 0.125, 0.5, 0.25),
        ("Laputa", 1, 0, NAN, NAN, NAN),
    )  # fmt: skip
    figure = parsed(scores_chart(scores, reading="table", link=link))
    assert links(figure) == {
        "#to-Utopia": "Utopia: -1 <1%, 0 5%, +1 95%; published +1, suggested +1",
        "#to-Atlantis": "Atlantis: -1 <1%, 0 30%, +1 70%; published 0, suggested +1",
        "#to-Thule": "Thule: -1 12%, 0 50%, +1 25%, no score 12%; published -1, suggested 0",
        "#to-Laputa": "Laputa: no probabilities; published +1, suggested 0",
    }
    assert "the most probable one for 1 of 3 members" in words(figure.find("figcaption"))
    assert figure.xpath(".//*[@id=//svg/@aria-labelledby]")[0].text == "Probability of each score, by member"
    assert {"Thule", "published -1 *", "0: 50%", "12%", "no probabilities"} <= set(texts(figure))


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
def test_a_star_marks_close_and_differing_scores(row, shown):
    figure = parsed(scores_chart(score_rows(("Utopia", *row)), reading="table", link=link))
    assert [each for each in texts(figure) if "published" in each] == [shown]


def test_the_caption_counts_members_whose_score_never_changes_and_each_member_is_a_link():
    rows = [("Utopia", 1, 1, True), ("Utopia", 2, 0, False), ("Atlantis", 2, 0, False), ("Atlantis", 1, 0, False)]
    frame = pd.DataFrame(rows, columns=["member", "min_strong_items", "suggested_score", "changes"])
    figure = parsed(thresholds_chart(frame.assign(reading="table"), reading="table", own=2, link=link))
    assert links(figure) == {"#to-Utopia": "Utopia", "#to-Atlantis": "Atlantis"}
    caption = words(figure.find("figcaption"))
    assert "the codebook's number is 2" in caption
    assert "the same with every number for 1 of 2 members" in caption


def test_an_item_is_a_link_with_its_day_and_labels_and_the_caption_counts_what_is_not_drawn(invented):
    figure = parsed(timeline_chart(LEVELS, invented, link=link))
    assert links(figure) == {
        "#to-2030-01/ATL-01": "ATL-01, 1 March 2030, sea, weak; lake, strong",
        "#to-2030-01/ATL-02": "ATL-02, 1 March 2030, sea, strong",
        "#to-2030-01/ATL-03": "ATL-03, 1 January 2020, sea, strong, outside the period",
        "#to-2030-01/UTO-01": "UTO-01, 2 July 2030, river, weak",
    }
    assert words(figure.find("figcaption")).endswith(
        "4 items with a dimension, by day. Dotted lines: the period, 1 January 2030 to 31 December 2030. "
        "Crossed: 1 outside the period. Not drawn: 1 item without a day."
    )


def test_the_same_frames_give_the_same_drawing_whose_ids_are_its_own(invented):
    once, again = (timeline_chart(LEVELS, invented, link=link) for _ in range(2))
    assert once == again
    figure = parsed(once)
    ids = figure.xpath(".//@id")
    assert len(ids) == len(set(ids))
    assert all(each.startswith("timeline-") for each in ids)
    inside = {use.get("href").removeprefix("#") for use in figure.xpath(".//use")}
    assert inside
    assert inside <= set(ids)
    assert not figure.xpath(".//defs//*[@fill or @stroke]")  # the styles of the page do not reach copies


PARTS = pd.DataFrame(
    [
        ("sea", 40, 3, 95.0, 0.85, 0.75, 0.95, ""),
        ("lake", 40, 3, 100.0, NAN, NAN, NAN, "all codes are equal"),
        ("whole label", 38, 3, 70.0, 0.4, NAN, NAN, "one item"),
    ],
    columns=["part", "n", "n_annotators", "percent", "alpha", "low", "high", "reason"],
)


def test_agreement_has_its_numbers_and_reasons_as_a_table():
    figure = parsed(agreement_chart(PARTS))
    cells = [[words(cell) for cell in row.xpath("td")] for row in figure.xpath(".//tbody/tr")]
    assert cells[1] == ["lake", "40", "100%", "–", "–", "all codes are equal"]
    assert figure.xpath(".//svg/@role") == ["img"]
    caption = words(figure.find("figcaption"))
    assert "0.8 for 1 and at least 0.667 for 1 of 2 parts with an alpha; it is undefined for 1." in caption


def test_no_rows_give_a_figure_that_says_why(invented):
    thresholds = pd.DataFrame({"member": [], "reading": [], "min_strong_items": [], "changes": []})
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


def hostile_charts(invented):
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
        agreement_chart(PARTS.assign(part=HOSTILE, reason=HOSTILE)),
    ]


def test_hostile_names_are_text_and_nothing_is_what_the_policy_of_the_page_forbids(invented):
    for chart in hostile_charts(invented):
        figure = parsed(chart)
        assert not figure.xpath(".//script | .//img | .//foreignobject | .//style")
        assert INERT[:23] in figure.text_content()
        assert not set(HOSTILE[:2]) & set(str(chart))
        for each in figure.iter(etree.Element):
            assert not [name for name in each.attrib if name == "style" or name.startswith("on")]

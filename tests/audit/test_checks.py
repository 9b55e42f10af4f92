"""A change to a report gives the findings of that change and no others."""

from datetime import date

import pandas as pd
import pytest

from g7tag import audit
from g7tag.audit import summary_findings
from g7tag.audit.dates import day_in_url
from g7tag.audit.evidence import evidence_findings, labelled_items, mentioned_members
from g7tag.errors import InputError
from g7tag.frames import FIXED, build

LOW, MID, HIGH = "low", "medium", "high"
N1, N2, N3, N4 = ("citations.0", "citations.1", "citations.2", "citations.3")
RADIO = "https://www.a.example/raid/"
PART = "is partly excluded (Border enforcement); the rest counts in prevent. Without the item, the score "
CLAIMED = {"claims.1.claimed": "strong", "claims.2.claimed": "strong", "members.0.published_score": 1}
OUTSIDE = (
    "is dated 14 June 2024, outside the period 15 June 2024 to 15 May 2025, so it is not counted. Counting such items"
)
CASES = {
    "period": {
        "counting it changes the score": ({"items.0.date": "2024-06-14"}, {"outside_period:ITA-01": (
            HIGH, f"{OUTSIDE} would change the member's suggested score: scoring-table from -1 to 0, "
            "interpretive-guidelines from -1 to 0.")}),  # the second strong item to prevent
        "counting it changes nothing": ({"items.0.date": "2024-06-14", "labels.ITA-01": ("", "none")}, {
            "outside_period:ITA-01": (LOW, f"{OUTSIDE} would not change the member's suggested score.")}),
    },
    "dates": {
        "fits": ({}, {}),
        "read on the very day": ({f"{N1}.accessed": "2024-07-01"}, {}),
        "no date": ({"items.0.date": None, "items.0.status": "date_unread"}, {}),
        "the source's day in another year": ({"items.0.date": "2023-07-02"}, {"likely_year_misprint:ITA-01": (
            MID, "is dated 2 July 2023, but its source (note 1) is dated 1 July 2024. The year is probably "
            "misprinted.")}),
        "another day of another year": ({"items.0.date": "2023-03-02"}, {"earlier_than_source:ITA-01": (LOW, ...)}),
        "a later year is not also read too early": ({"items.0.date": "2025-07-01"}, {
            "likely_year_misprint:ITA-01": (MID, ...)}),
        "a source of the day before": ({f"{N1}.published": "2024-06-30"}, {"later_than_source:ITA-01": (MID, ...)}),
        "a source of a week after": ({f"{N1}.published": "2024-07-08"}, {}),
        "a source of eight days after": ({f"{N1}.published": "2024-07-09"}, {"earlier_than_source:ITA-01": (LOW, ...)}),
        "a source without date": ({f"{N1}.published": None}, {}),
        "read before the item and its publication": ({f"{N1}.accessed": "2024-06-20"}, {
            "accessed_before_item:ITA-01": (
                MID, "is dated 1 July 2024, but its source (note 1) was accessed earlier, on 20 June 2024."),
            "accessed_before_published:note 1": (
                LOW, "was accessed on 20 June 2024, before it was published on 1 July 2024.")}),
        "another day in the URL": ({f"{N1}.url": "https://a.example/2024/jun/28/story"}, {"date_in_url:note 1": (
            LOW, "was published on 1 July 2024 according to the note, but on 28 June 2024 according to its URL.")}),
        "no day in the URL": ({f"{N1}.url": "https://paper.example/news/2024/13/45/story"}, {}),
        "title 60 days before": ({f"{N1}.title": "On 2 May 2024"}, {}),
        "title 59 days before": ({f"{N1}.title": "On 3 May 2024"}, {"date_in_title:ITA-01": (
            LOW, "is dated 1 July 2024, but the title of its source (note 1) mentions 3 May 2024.")}),
        "title the day before": ({f"{N1}.title": "On 30 June 2024"}, {"date_in_title:ITA-01": (LOW, ...)}),
        "title of the same day": ({f"{N1}.title": "On 1 July 2024"}, {}),
        "two days in the title": ({f"{N1}.title": "From 30 May 2024 to 3 June 2024"}, {"date_in_title:ITA-01": (
            LOW, "is dated 1 July 2024, but the title of its source (note 1) mentions 30 May 2024.")}),
        "one day of another matter": ({f"{N1}.title": "From 30 May 2023 to 3 June 2024"}, {}),
    },
    "notes": {
        "fits": ({}, {}),
        "no URL": ({f"{N1}.url": "", f"{N1}.url_status": "none"}, {"note_without_url:note 1": (LOW, "has no URL.")}),
        "broken URL": ({f"{N1}.url": "https://a.example/x y", f"{N1}.url_status": "broken"}, {
            "broken_url:note 1": (LOW, "has a URL that is broken in print: 'https://a.example/x y'.")}),
        "no access": ({f"{N1}.accessed": None}, {"note_without_date:note 1": (LOW, "has no date of access.")}),
        "no day at all": ({f"{N1}.accessed": None, f"{N1}.published": None}, {
            "note_without_date:note 1": (LOW, "has no date of publication and no date of access.")}),
        "no note has a day of access": ({f"citations.{place}.accessed": None for place in range(4)}, {}),
        "two titles for one URL": ({f"{N2}.url": "https://a1.example/1"}, {"shared_url:note 2": (MID, ...)}),
        "one title in other letters": ({f"{N2}.url": "https://a1.example/1", f"{N2}.title": "TITLE 1"}, {}),
        "the commonest title owns the URL": (
            {f"{note}.url": RADIO for note in (N1, N2, N3)} | {f"{N1}.title": "A", f"{N2}.title": "A"},
            {"shared_url:note 3": (MID, "has the same URL as note 1, note 2 but a different title.")}),
        "cited twice and never": ({"items.1.citations": "1", "documents.0": "¹ ² ³ ⁴ ¹ ³ ⁴ ¹"}, {
            "note_cited_twice:note 1": (LOW, "is cited by 2 items: ITA-01, ITA-02."),
            "uncited_note:note 2": (LOW, "is never cited.")}),
        "item without note": ({"items.0.citations": ""}, {"item_without_note:ITA-01": (MID, "cites no source.")}),
        "missing note": ({"items.1.citations": "2;99"}, {
            "missing_note:ITA-02": (MID, "cites 1 note missing from the report: 99.")}),
    },
    "printed": {
        "fits": ({}, {}),
        "three scores, one differs": ({"members.0.stated_score": -1}, {"printed_scores:ITA": (
            HIGH, "the table says 0, the heading says 0, the closing line says -1. Expected the same score "
            "everywhere.")}),
        "average and percentage": ({"commitments.0.printed_average": 0.38, "commitments.0.printed_percent": 69.0}, {
            "printed_average:2024-19": (HIGH, "the printed average is 0.38, but the 2 published scores give 0."),
            "printed_percentage:2024-19": (HIGH, "the printed percentage is 69, but the 2 published scores give 50.")}),
        "what was not read": ({"commitments.0.printed_average": None, "commitments.0.printed_percent": None,
                               "members.0.table_score": None}, {}),
        "the summit in another year, another summit": (
            {"documents.0": "2024 G7 Apulia Summit\nAt the 2022 Apulia Summit and the 2023 Hiroshima Summit, all met."},
            {"wrong_summit_year:2024-19": (LOW, "the Apulia Summit is dated 2022 (1 time), but the title says 2024.")}),
    },
    "texts": {
        "fits": ({"items.0": "On 1 July 2024, Italy paid for it."}, {}),
        "a date twice": ({"items.0": "On 1 July, On 1 July, Italy paid."}, {"repeated_words:ITA-01": (LOW, ...)}),
        "that that": ({"items.0": "On 1 July 2024, Italy said that that was enough."}, {}),
        "for for": ({"items.0": "Italy had had enough and paid for for it."}, {"repeated_words:ITA-01": (LOW, ...)}),
        "thousands": ({"items.0": "On 1 July 2024, Italy paid EUR1,000,000."}, {}),
        "stray letter": ({"items.0": "Italy paid. E The rest followed."}, {"stray_letter:ITA-01": (LOW, ...)}),
        "words of one letter": ({"items.0": "On 1 July 2024, Italy paid. A ship followed. I was there."}, {}),
        "no full stop": ({"items.0": "On 1 July 2024, Italy paid for it"}, {"no_full_stop:ITA-01": (LOW, ...)}),
        "closed in quotes": ({"items.0": "On 1 July 2024, Italy said: “We pay.”"}, {}),
        "all members": ({"items.0": "On 1 July 2024, the G7 ministers paid."}, {}),
        "no member": ({"items.0": "On 1 July 2024, Tokyo paid."}, {"member_not_named:ITA-01": (LOW, ...)}),
        "cut off": ({"items.0": "On 1 July 2024, Italy sent small", "items.0.status": "cut_off"}, {
            "cut_off:ITA-01": (MID, "stops in mid-sentence: 'On 1 July 2024, Italy sent small'.")}),
        "no date": ({"items.1.date": None, "items.1.status": "date_unread"}, {
            "date_unread:ITA-02": (LOW, "its date cannot be read, so the item always counts.")}),
    },
    "claims": {
        "insufficient action may be called weak": ({"labels.ITA-01": ("prevent;counter", "strong")}, {}),
        "weak evidence called strong": ({"labels.ITA-01": ("prevent", "weak")}, {"weak_called_strong:ITA/prevent": (
            MID, "the conclusion claims strong action in prevent ('of prevent'). The evidence has 1 strong and 1 "
            "weak items (level weak). If the claim were right, the suggested score would change from -1 to 0.")}),
        "a score that no claim gives": ({"members.0.published_score": 1}, {"claims_contradict_score:ITA": (
            HIGH, "the claims of the conclusion do not lead to the published +1 under any reading.")}),
        "a score that all claims give": (CLAIMED | {"claims.3.claimed": "strong"}, {
            f"claim_without_evidence:ITA/{name}": (HIGH, ...) for name in ("counter", "dismantle", "disrupt")}),
        "a score that depends on what is not said": (CLAIMED | {"claims.3.claimed": "unstated"}, {
            "claim_without_evidence:ITA/counter": (HIGH, ...), "claim_without_evidence:ITA/dismantle": (HIGH, ...),
            "claim_strength_unstated:ITA": (
                LOW, "the published +1 does not follow from the conclusion alone, which does not say whether action in "
                "disrupt was strong or weak.")}),
    },
    "evidence": {
        "fits": ({}, {}),
        "excluded, and nothing": ({"labels.ITA-01": ("", "none", "border"), "labels.ITA-02": ("", "none")}, {
            "border_evidence:ITA-01": (
                LOW, "shows only excluded action (Border enforcement) but is listed as evidence. It is not counted."),
            "items_without_dimension:ITA": (
                LOW, "1 of 2 items show neither action in a dimension nor excluded action: ITA-02.")}),
        "one publisher": ({f"{N1}.publisher": "Post", f"{N2}.publisher": "Post"}, {"single_source:ITA/prevent": (
            LOW, "all 2 strong items in prevent come from one publisher, Post.")}),
        "own bodies": ({f"{N1}.publisher": "Italian Government", f"{N2}.publisher": "Polizia di Stato"}, {
            "single_source:ITA/prevent": (LOW, "all 2 strong items in prevent come from the member's own bodies.")}),
        "own body and another": ({f"{N1}.publisher": "Italian Government", f"{N2}.publisher": "Gazette"}, {}),
        "a missing source may be another": ({"items.0.citations": "", f"{N2}.publisher": "Italian Government"}, {}),
    },
    "partly excluded": {"the score changes": ({}, {"border_evidence:ITA-01": (MID, f"{PART}changes from 0 to -1.")})},
}  # fmt: skip


@pytest.mark.parametrize(
    ("group", "changes", "expected"),
    [pytest.param(group, *case, id=f"{group}: {name}") for group in CASES for name, case in CASES[group].items()],
)  # fmt: skip
def test_a_change_to_the_report_gives_these_findings(report, group, changes, expected):
    report.change(changes)
    found = report.found(group)
    assert {
        key: (row[0], ... if expected.get(key, "  ")[1] is ... else row[1]) for key, row in found.items()
    } == expected


@pytest.mark.parametrize(("dated", "published", "misprinted"), [
    ("2023-06-24", "2024-07-01", True), ("2023-06-23", "2024-07-01", False), ("2023-07-08", "2024-07-01", True),
    ("2023-07-09", "2024-07-01", False), ("2023-06-15", "2024-06-15", True), ("2023-06-14", "2024-06-14", False),
    ("2026-05-15", "2025-05-15", True), ("2026-05-16", "2025-05-16", False), ("2024-06-14", "2024-06-15", False),
])  # fmt: skip
def test_a_misprinted_year_is_outside_the_period_and_about_a_week_from_a_source_inside(
    report, dated, published, misprinted
):
    report.change({"items.0.date": dated, f"{N1}.published": published})
    assert ("likely_year_misprint:ITA-01" in report.found("dates")) is misprinted


def test_findings_on_days_prove_themselves_with_item_and_note_and_the_grave_are_first(report):
    report.change({
        f"{N1}.published": "2024-06-30", f"{N2}.published": "2024-08-20", f"{N3}.accessed": "2024-09-01",
        f"{N4}.title": "On 1 October 2024", f"{N4}.url": "https://a.example/2024/10/01/x",
    })  # fmt: skip
    rows = audit.dates.date_findings(report.noted(), report.codebook)
    assert [(row["finding_id"], row["severity"], row["member"], row["proof"]) for row in rows] == [
        ("later_than_source:2024-19/ITA-01", "medium", "Italy", "2024-19/ITA-01;note 1"),
        ("earlier_than_source:2024-19/ITA-02", "low", "Italy", "2024-19/ITA-02;note 2"),
        ("accessed_before_item:2024-19/JPN-01", "medium", "Japan", "2024-19/JPN-01;note 3"),
        ("accessed_before_published:note 3", "low", "Japan", "note 3;2024-19/JPN-01"),
        ("date_in_title:2024-19/JPN-02", "low", "Japan", "2024-19/JPN-02;note 4"),
        ("date_in_url:note 4", "low", "Japan", "note 4;2024-19/JPN-02"),
    ]


@pytest.mark.parametrize(("address", "day"), [
    ("2024/08/21/people", date(2024, 8, 21)), ("2024/8/1/people", date(2024, 8, 1)),
    ("2024/JAN/21/people", date(2024, 1, 21)), ("2024/dec/21/people", date(2024, 12, 21)),
    ("people-2024-08-21", date(2024, 8, 21)), ("2024-08-21.html", date(2024, 8, 21)),
    ("2024-08-21_people", date(2024, 8, 21)), ("2024-08-21/people", date(2024, 8, 21)),
    ("2024/08/21", None), ("2024/abc/21/people", None), ("2024/02/30/people", None), ("2024-13-01", None),
    ("2024-08-211", None), ("1924/08/21/people", None), ("people", None),
])  # fmt: skip
def test_the_day_of_an_address_is_read_where_it_is_one(address, day):
    assert day_in_url(f"https://a.example/{address}") == day


@pytest.mark.parametrize(("counts", "named"), [
    ((3, 3, 1), True), ((2, 3, 1), False), ((3, 2, 1), False), ((4, 4, 2), True), ((4, 4, 3), False),
], ids=["both settled", "owner not settled", "publisher not settled", "twice", "often"])  # fmt: skip
def test_a_publisher_settled_at_a_host_of_its_own_does_not_publish_at_anothers(report, counts, named):
    pairs = (("Police", "police.example"), ("Court", "court.example"), ("Court", "police.example"))
    hosts = [pair for pair, n in zip(pairs, counts, strict=True) for _ in range(n)]
    report.citations = [
        report.citations[0] | {"note": place, "publisher": publisher, "url": f"https://{host}/{place}"}
        for place, (publisher, host) in enumerate(hosts, start=1)
    ]
    messages = [row[1] for name, row in report.found("notes").items() if name.startswith("url_host_mismatch")]
    words = "names Court as publisher, but its URL is at police.example, which belongs to Police."
    assert messages == [words] * (counts[2] if named else 0)


def test_notes_of_two_documents_have_their_own_names(report):
    report.documents.append(report.documents[0] | {"document_id": "e"})
    report.citations.append(report.citations[0] | {"document_id": "e", "url_status": "none"})
    assert "note_without_url:e note 1" in report.found("notes")


@pytest.mark.parametrize("average", [0.12, 0.13])
def test_averages_are_rounded_either_way(report, average):
    scores = ("table_score", "heading_score", "stated_score", "published_score")
    report.members = [  # of eight members, one +1: 0.125
        report.members[0] | {"member": f"M{n}", "code": f"M{n:02d}"} | dict.fromkeys(scores, int(n == 0))
        for n in range(8)
    ]  # fmt: skip
    report.change({"commitments.0.printed_average": average, "commitments.0.printed_percent": 56.0})
    assert report.found("printed") == {}


ALL = [("scores", "2024-01", "Italy", 1), ("scores", "2024-01", "Japan", 0), ("scores", "2024-02", "Italy", 0),
       ("scores", "2024-02", "Japan", 0)]  # fmt: skip
THREE = [*ALL[:2], ("scores", "2024-02", "Italy", 1)]  # the mean of scores is 2/3, that of commitments 0.75
FITTING = [("scores", "2024-01", "", 0.5, 75), ("by_member", "", "Italy", 0.5, 75),
           ("by_commitment", "2024-02", "", 0, 50), ("scores", "", "", 0.25, 63)]  # fmt: skip
BOTH = {"2024-01": (1, 0), "2024-02": (0, 0)}


@pytest.mark.parametrize(("rows", "scores", "expected"), [
    ([*ALL, *FITTING], BOTH, {}),
    (ALL, {"2024-01": (0, 0), "2024-02": (0, 0)}, {
        "summary_score:2024-01/ITA": "the summary table says +1, but the chapter's heading says 0."}),
    ([*ALL, ("by_member", "", "Italy", 0.6, 75)], BOTH, {
        "summary_average:Italy": "the table by member gives the average 0.6, but the scores give 0.5."}),
    ([*ALL, ("by_commitment", "2024-01", "", 1.0, 75)], BOTH, {
        "summary_average:2024-01": "the table by commitment gives the average 1, but the scores give 0.5."}),
    ([*ALL, ("scores", "", "", 0.5)], BOTH, {
        "summary_average:d": "the table of scores gives the average 0.5, but the scores give 0.25."}),
    ([*ALL, ("by_member", "", "Japan", 0.5)], {}, {
        "summary_average:Japan": "the table by member gives the average 0.5, but the scores give 0."}),
    ([*ALL[:2], *FITTING[1:3]], {"2024-01": (1, 0)}, {}),
    ([*THREE, ("scores", "", "", 0.67)], {"2024-01": (1, 0), "2024-02": (1,)}, {}),
    ([*THREE, ("scores", "", "", 0.75)], {"2024-01": (1, 0), "2024-02": (1,)}, {}),
], ids=["fits", "score", "member", "commitment", "all", "without the chapters", "not all read", "mean of scores",
    "mean of commitments"])  # fmt: skip
def test_summary_tables_are_compared_with_the_chapters(rows, scores, expected):
    names = ("table", "commitment_id", "member", "value", "percent")
    summary = [{"document_id": "d", "percent": None} | dict(zip(names, row, strict=False)) for row in rows]
    members = [
        {"commitment_id": commitment, "member": member, "code": member[:3].upper()}
        | dict.fromkeys(("table_score", "heading_score", "stated_score", "published_score"), score)
        for commitment, its in scores.items()
        for member, score in zip(("Italy", "Japan"), its, strict=False)
    ]
    found = summary_findings(build(FIXED["summary"], summary), build(FIXED["members"], members))
    assert {row["finding_id"]: row["message"] for row in found} == expected


@pytest.mark.parametrize(("claimed", "level", "expected"), [
    ("strong", "none", ("claim_without_evidence", HIGH)), ("strong", "weak", ("weak_called_strong", MID)),
    ("weak", "none", ("claim_without_evidence", MID)), ("weak", "strong", ("strong_called_weak", MID)),
    ("not", "strong", ("evidence_without_claim", MID)), ("not", "weak", None), ("unstated", "strong", None),
    ("strong", "strong", None),
])  # fmt: skip
def test_a_strong_claim_without_any_evidence_is_the_most_severe(report, claimed, level, expected):
    words = {"strong": ("prevent", "strong"), "weak": ("prevent", "weak"), "none": ("", "none")}[level]
    report.change({"claims.0.claimed": claimed, "labels.ITA-01": words, "labels.ITA-02": words})
    found = [(name.partition(":")[0], row[0]) for name, row in report.found("claims").items() if "/prevent" in name]
    assert found == ([expected] if expected else [])


def test_two_conclusions_must_agree_but_one_may_be_silent(report):
    second = [row | {"position": 2} for row in report.claims if row["member"] == "Italy"]
    report.claims += second
    name = "conflicting_conclusions:ITA"
    assert name not in report.found("claims")
    second[0]["claimed"] = "unstated"
    assert name not in report.found("claims")
    second[0]["claimed"] = "weak"
    assert report.found("claims")[name][1] == (
        "2 conclusions contradict each other. prevent: strong action and weak action. If only one of them counted, and "
        "insufficient action were no action: conclusion 1 gives 0, conclusion 2 gives -1."
    )
    second[1]["claimed"] = "weak"
    assert "prevent: strong action and weak action; counter: " in report.found("claims")[name][1]


@pytest.mark.parametrize(("text", "named"), [
    ("Italy took strong action to counter crime, such as through meetings.", True),
    ("Italy took strong action to counter crime, including arrests.", False),
    ("Italy took action to counter crime, such as through meetings.", False),
    ("Italy held meetings. It took strong action.", False),
], ids=["weak example", "strong example", "not called strong", "another sentence"])  # fmt: skip
def test_strong_action_is_not_exemplified_by_talk(report, text, named):
    row = {"member": "Italy", "position": 1, "place": "closing", "analysts": "", "text": text}
    for commitment, own in (("2024-19", True), ("2024-20", False)):
        report.conclusions = [row | {"commitment_id": commitment}]
        assert ("strong_despite_weak_example:ITA" in report.found("claims")) is (named and own)


def test_an_item_excluded_in_part_that_no_score_rests_on_is_named(report):
    report.add("ITA-03", "2024-09-01", "Italy opened more.", "prevent", "strong")
    assert report.found("partly excluded")["border_evidence:ITA-01"][1] == f"{PART}stays the same."


REFUSED = ("", "not_done", "classifier", False)
UNDONE = ("JPN-01.1 says that an earlier act was undone, which gives no dimension. If the member undid it against the "
          "commitment's aim, label it as contradicting.")  # fmt: skip


@pytest.mark.parametrize(("coded", "expected"), [
    ([REFUSED], {"act_not_done": "is not counted: JPN-01.1 says that the act was not done."}),
    ([REFUSED] * 2, {"act_not_done": "is not counted: JPN-01.1, JPN-01.2 say that the act was not done."}),
    ([REFUSED, ("counter", "done", "classifier", False)], {}),
    ([("", "reversed", "classifier", False)], {"act_reversed": UNDONE}),
    ([("", "", "llm", False)], {"act_reversed": UNDONE}),
    ([("", "reversed", "analyst", False)], {}), ([("", "reversed", "analyst", True)], {}),
    ([("", "", "analyst", False)], {}), ([("", "", "analyst", True)], {}),
], ids=["not done", "twice", "it counts for something else", "undone", "empty is the tagger's", "a person said so",
    "a person says that it contradicts", "a person left it empty", "empty and contrary"])  # fmt: skip
def test_acts_not_done_or_undone_are_named_until_a_person_settles_them(report, coded, expected):
    labels = pd.DataFrame(coded, columns=["dimensions", "act", "kind", "contradicts"])
    labels["annotation_id"] = labels["sentence_id"] = [f"JPN-01.{n + 1}" for n in range(len(coded))]
    tagged = labels.assign(kind="classifier", annotation_id=labels["sentence_id"] + "#tagger")
    tagged["act"] = labels["act"].where(labels["kind"] == "classifier", "reversed")
    sentences = labels[["sentence_id"]].assign(item_id="JPN-01", member="Japan")
    given = labels.drop(columns=["act", "kind"]).assign(exclusion="")
    labelled = labelled_items(given, pd.concat([labels, tagged]), sentences)
    rows = evidence_findings(labelled, pd.DataFrame(), pd.DataFrame(), report.tally(), report.codebook)
    assert {row["check"]: row["message"] for row in rows} == expected


def test_members_are_known_by_other_names_as_whole_words(codebook):
    texts = ["The UK and U.S. officers met Europol in Rome.", "Nobody trusts the museum."]  # no "US", no "UK"
    items = pd.DataFrame({"item_id": ["a", "b"], "text": texts})
    found = {"a": ["Italy", "United Kingdom", "United States", "European Union"], "b": []}
    assert mentioned_members(items, codebook) == found


def findings(*rows):
    frame = pd.DataFrame(rows, columns=["check", "member", "proof"])
    return frame.assign(subject=frame["check"], message="").astype("str")


def test_findings_of_a_member_are_all_that_bear_on_it(codebook):
    items = pd.DataFrame({"member": ["Japan", "Italy"], "citations": ["7;8", "9"]})
    rows = findings(
        ("own", "Japan", "x"), ("touched", "", "2024-19/CAN-01;2024-19/JPN-02.1"), ("whole", "", "2024-19/JPN"),
        ("level", "", "2024-19/JPN/counter"), ("note", "", "note 8"), ("2024-19", "", "2024-19"),
        ("another", "Canada", "2024-19/CAN-01"), ("alike", "", "2024-19/JPNX-01"), ("other note", "", "note 78;note 9"),
    )  # fmt: skip
    rows = pd.concat([rows, findings(("named", "", "y")).assign(message="With 3: Japan 0.")], ignore_index=True)
    bearing = ["own", "touched", "whole", "level", "note", "2024-19", "named"]
    assert audit.findings_of(rows, "Japan", codebook, items=items)["check"].tolist() == bearing
    assert audit.findings_of(rows.head(0), "Japan", codebook, items=items).empty
    with pytest.raises(InputError, match=r"member 'Atlantis': not in the codebook\. Expected one of 'Canada', "):
        audit.findings_of(rows, "Atlantis", codebook, items=items)


def test_discrepancies_are_those_of_scores_claims_and_excluded_evidence(codebook):
    rows = findings(("score_differs", "", ""), ("border_evidence", "", ""), ("repeated_words", "", ""))
    assert audit.discrepancies(rows, codebook)["check"].tolist() == ["score_differs", "border_evidence"]
    assert audit.discrepancies(rows.head(0), codebook).empty

"""The page of a run says what the frames say, its links lead somewhere, and no text in it is more than text."""

import base64
import hashlib
import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, unquote

import pandas as pd
import pytest
from page_frames import COLUMNS, INERT, PAYLOAD, by_class, renamed_page, tree, unsaved_page, words_of

import g7tag
from g7tag.jobs.pages import page_of
from g7tag.report import doubts_of
from g7tag.scoring import reconcile
from g7tag.store import RunDirectory, ledger_path, read_ledger, write_ledger

UNSAFE = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//a.example", "file:///etc/passwd",
    "https://a.example/\x01", "https://", "mailto:a@b.example", "blob:https://a.example/1", "vbscript:x", "none",
]  # fmt: skip


@pytest.fixture(scope="module")
def html(run):
    return unsaved_page(run.frames, run.codebook)


@pytest.fixture(scope="module")
def page(html):
    return tree(html)


@pytest.fixture(scope="module")
def reviewed_page(reviewed):
    return tree(page_of(reviewed))


@pytest.fixture(scope="module")
def hostile_html(reviewed):
    return renamed_page(reviewed, lambda kind: f"{kind}: {PAYLOAD}", url="javascript:document.title='ran'")


@pytest.fixture(scope="module")
def hostile_page(hostile_html):
    return tree(hostile_html)


@pytest.fixture(scope="module")
def bare_page(run):
    """The page of a run without notes, conclusions and findings."""
    empty = {name: run.frames[name].head(0) for name in ("citations", "conclusions", "claims", "findings")}
    return tree(unsaved_page(run.frames | empty, run.codebook))


@pytest.fixture(scope="module")
def odd(run):
    """Frames with what is rare.

    CAN-01 has no date, CAN-02 is before the period, Canada has no score, a report is a scan, there are doubts of
    several kinds and addresses of several kinds, and the only findings are low and name a command.
    """
    first, second = (run.items["item_id"] == f"2024-19/CAN-0{n}" for n in (1, 2))
    canada = run.scores["member"] == "Canada"
    reasons = run.tags["review_reason"].copy()
    reasons.iloc[[0, 1]] = ["planned_cue", "reversed"]
    low = run.findings[run.findings["severity"] == "low"]
    return run.frames | {
        "items": run.items.assign(
            date=run.items["date"].mask(first).mask(second, pd.Timestamp("2024-06-14")),
            status=run.items["status"].mask(first, "date_unread"),
        ),
        "scores": run.scores.assign(
            suggested_score=run.scores["suggested_score"].mask(canada), agrees=run.scores["agrees"].mask(canada),
            rule=run.scores["rule"].mask(canada, "no rule covers this"),
            **{name: run.scores[name].mask(canada, 0.0) for name in ("p_minus1", "p_0", "p_plus1")},
        ),
        "tags": run.tags.assign(review_reason=reasons, needs_review=reasons != ""),
        "citations": run.citations.assign(url=["https://a.example/'\"<b>", *UNSAFE]),
        "findings": low.assign(message=["see `g7tag label <b>DIR</b>` and ` alone", *low["message"].iloc[1:]]),
        "gaps": pd.DataFrame([{"name": "scan.pdf", "part": "scanned pages", "kind": "recognized", "reason": "OCR."}]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def odd_page(run, odd):
    return tree(unsaved_page(odd, run.codebook))


def facts(part):
    """The facts of a member, by their names."""
    return {words_of(each[0]): words_of(each[1]) for each in part.xpath("./details/dl/div")}


def card(page, name):
    (found,) = page.xpath(f"//article[@id='{name}']")
    return found


@pytest.mark.slow
def test_the_elements_are_the_same_whatever_the_text_says(reviewed, hostile_page):
    calm = tree(renamed_page(reviewed, lambda kind: f"{kind}: quiet words of a text", url="not a url"))
    shapes = [
        [(each.tag, sorted(each.attrib)) for each in page.iter() if isinstance(each.tag, str)]
        for page in (calm, hostile_page)
    ]
    assert shapes[0] == shapes[1]


def test_hostile_text_of_every_kind_is_shown_as_text_and_nothing_of_a_page_runs(hostile_page):
    kinds = [*map(".".join, COLUMNS), "member CAN", "ledger.owner", "ledger.note", "final.decided_by", "final.why"]
    kinds += ["title", "dimension counter"]
    shown = hostile_page.text_content().lower()  # a finding starts with a capital
    for kind in kinds:
        text = f"{kind}: {INERT}".replace(";", ", ") if kind == "conclusions.analysts" else f"{kind}: {INERT}"  # names
        assert text.lower() in shown, kind
    assert len(hostile_page.xpath("//script")) == len(hostile_page.xpath("//style")) == 1
    assert hostile_page.xpath("//img | //iframe | //object | //embed | //link | //base | //*[@src]") == []
    assert hostile_page.xpath("//@style | //@*[starts-with(name(), 'on')] | //@srcdoc | //@formaction") == []
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", hostile_page.text_content())


def test_only_web_addresses_become_links(odd_page):
    assert {href for href in odd_page.xpath("//@href") if not href.startswith("#")} == {"https://a.example/'\"<b>"}
    notes = words_of(odd_page.xpath("//section[@id='sources']")[0])
    assert [each for each in UNSAFE if each.replace("\x01", "?") not in notes] == []


def test_the_policy_names_exactly_the_inline_style_and_script(hostile_html, hostile_page):
    style, script = (re.search(rf"<{tag}>(.*?)</{tag}>", hostile_html, re.DOTALL)[1] for tag in ("style", "script"))
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in (style, script)]
    (policy,) = hostile_page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; base-uri 'none'; "
        "form-action 'none'"
    )
    assert [each.tag for each in hostile_page.xpath("//head/*")][:2] == ["meta", "meta"]  # before any style or script


def broken_links(page):
    """The links of a page to no element, or to a filter or value that the form does not have."""
    ids = set(page.xpath("//@id"))
    choices = {
        name: {*page.xpath(f"//select[@name='{name}']/option/@value")} for name in page.xpath("//select/@name")
    } | {"flag": {*page.xpath("//input[@name='flag']/@value")}}
    broken = []
    for href in page.xpath("//@href[starts-with(., '#')]"):
        if href.startswith("#show?"):
            parts = parse_qs(href.removeprefix("#show?"), strict_parsing=True)
            broken += [href for name, values in parts.items() if not set(values) <= choices.get(name, set())]
        elif unquote(href[1:]) not in ids:
            broken.append(href)
    return broken


def repeated_ids(page):
    ids = pd.Series(page.xpath("//@id"))
    return sorted(set(ids[ids.duplicated()]))


def test_every_link_has_a_target_and_ids_are_unique(page, reviewed_page, hostile_page, bare_page):
    for each in (page, reviewed_page, hostile_page, bare_page):
        assert len(each.xpath("//@href[starts-with(., '#')]")) > 100
        assert (broken_links(each), repeated_ids(each)) == ([], [])
        names = [*each.xpath("//@aria-labelledby"), *each.xpath("//@for")]
        assert set(" ".join(names).split()) <= set(each.xpath("//@id"))


def test_there_is_an_element_for_each_row_of_the_frames(page, run):
    names = {name: getattr(run, name)[key].str.rpartition("/")[2].tolist()
             for name, key in (("items", "item_id"), ("sentences", "sentence_id"))}  # fmt: skip
    assert page.xpath("//article[@class='member']/@id") == run.members["code"].tolist()
    assert page.xpath("//section[@id='evidence']//article/@id") == names["items"]
    assert page.xpath("//p[@class='sentence']/@id") == names["sentences"]
    assert len(page.xpath("//table[contains(@class, 'findings')]/tbody/tr")) == len(run.findings)
    assert page.xpath("//ul[@class='notes']/li/@id") == [f"note_{note}" for note in run.citations["note"]]
    counts = run.items["member"].value_counts(sort=False)
    heads = [words_of(each) for each in page.xpath("//section[@class='group']/details/summary/h3")]
    assert heads == [f"{member} {n} items" for member, n in counts.items()]


def test_the_score_table_has_the_scores_and_the_levels_of_the_frames(page, run):
    rows = page.xpath("//table[contains(@class, 'scores')]/tbody/tr")
    scores, cells = reconcile(run.scores), run.evidence_matrix.set_index(["member", "dimension"])
    assert [words_of(row[0]).split()[0] for row in rows] == scores["member"].tolist() == ["Canada", "Japan"]
    for row, score in zip(rows, scores.to_dict("records"), strict=True):
        assert score["scoring-table"] == score["interpretive-guidelines"]  # so they are one column
        suggested = [{1: "+1", 0: "0", -1: "-1"}[score[name]] for name in ("published_score", "scoring-table")]
        assert [words_of(each) for each in row[1:3]] == suggested
        levels = [words_of(each.xpath("./a/b")[0]) + " " + words_of(each.xpath("./a/span")[0]) for each in row[5:]]
        own = [cells.loc[(score["member"], key)] for key in run.codebook.dimension_keys]
        assert levels == [f"{cell['level']} {cell['n_strong']} strong, {cell['n_weak']} weak" for cell in own]
        # none before weak before strong, then the number of strong and of weak items
        values = [int(each.get("data-value")) for each in row[5:]]
        ranks = [({"none": 0, "weak": 1, "strong": 2}[cell["level"]], cell["n_strong"], cell["n_weak"]) for cell in own]
        assert [ranks[place] for place in sorted(range(4), key=values.__getitem__)] == sorted(ranks)
    # Canada +1 and Japan 0 as published: (1 + 0) / 2; both suggested 0
    assert [words_of(each) for each in page.xpath("//table[contains(@class, 'scores')]/tfoot/tr/td")][:2] == [
        "+0.50 (75%)", "+0.00 (50%)"
    ]  # fmt: skip


def test_each_level_lists_the_items_behind_it(page, run):
    codes = dict(zip(run.members["member"], run.members["code"], strict=True))
    for cell in run.evidence_matrix.to_dict("records"):
        (part,) = page.xpath(f"//div[@id='level.{codes[cell['member']]}.{cell['dimension']}']")
        listed = part.xpath(".//ul/li")
        assert sorted(words_of(each[0]) for each in listed) == sorted(
            item.rpartition("/")[2] for item in cell["item_ids"].split(";") if item
        )
        assert sum(words_of(each[1]) == "strong" for each in listed) == cell["n_strong"]
        assert f"{cell['n_strong']} strong, {cell['n_weak']} weak items" in words_of(part)
        assert (words_of(part).find("No item.") >= 0) == (listed == [])


def test_the_numbers_beside_the_filters_are_those_of_the_frames(page, run):
    labels = run.labels.merge(run.sentences[["sentence_id", "item_id", "member"]], on="sentence_id")
    codes = dict(zip(run.members["member"], run.members["code"], strict=True))
    each = labels.assign(key=labels["dimensions"].str.split(";")).explode("key")
    each["key"] = each["key"].replace("", "none")
    made_by = run.annotations.set_index("annotation_id")["act"]
    counts = {
        "member": run.items["member"].map(codes).value_counts().to_dict(),
        "dimension": each.groupby("key")["item_id"].nunique().to_dict(),
        "strength": labels.groupby("strength")["item_id"].nunique().drop("none").to_dict(),
        "act": labels.groupby(labels["annotation_id"].map(made_by))["item_id"].nunique().to_dict(),
    }
    for name, expected in counts.items():
        options = page.xpath(f"//select[@name='{name}']/option[@value != '']")
        shown = {option.get("value"): int(re.search(r"\((\d+)\)$", words_of(option))[1]) for option in options}
        assert shown == expected, name


def test_a_label_says_whose_it_is_and_how_it_came_about(reviewed_page):
    lines = {each.get("id"): words_of(each.getnext()) for each in reviewed_page.xpath("//p[@class='sentence']")}
    assert re.search(r"by the tagger, \d+% likely right", lines["CAN-01.1"])
    assert lines["CAN-06.1"] == "Counter strong, done by Ada and Bo (analysts)"
    assert re.search(r"by the tagger, .*disputed$", lines["CAN-06.2"])
    assert lines["JPN-01.1"] == "Counter weak, done by Cy (adjudicator)"
    flags = {name: card(reviewed_page, name).get("data-flags").split() for name in ("CAN-01", "CAN-06", "JPN-01")}
    assert {"by-analyst", "by-tagger", "disputed"} <= set(flags["CAN-06"])
    assert {"by-adjudicator", "by-tagger"} <= set(flags["JPN-01"])
    assert "disputed" not in flags["JPN-01"]
    assert "by-analyst" not in flags["CAN-01"]


def test_a_doubtful_label_says_why_and_no_other_label_is_flagged(odd, odd_page):
    doubts, limit = doubts_of(odd["tags"]), f"{odd['tags']['review_below'].max():.0%}"
    assert set(doubts) == {"", f"under {limit} likely right", "with words of plans", "tagged as reversed"}
    for name, doubt in doubts.items():
        (label,) = odd_page.get_element_by_id(str(name).rpartition("/")[2]).xpath(
            "following-sibling::p[@class='label'][1]"
        )
        flags = [each.text_content() for each in label.find_class("flag")]
        assert flags == ([f"doubtful: {doubt}"] if doubt else []), name
        shown = int(re.search(r"(\d+)% likely right", label.text_content())[1])
        assert shown < int(limit.rstrip("%")) or doubt != f"under {limit} likely right"


def test_the_history_of_a_label_is_in_order_with_notes_and_what_counts(reviewed_page):
    settled = [words_of(each) for each in card(reviewed_page, "JPN-01").xpath(".//ol[@class='history']/li")]
    assert settled[0].startswith("the tagger: ")
    assert settled[1:] == [
        "2026-01-02 00:00 Ada (analyst): Counter, strong, done: “by Ada”",
        "2026-01-02 00:00 Bo (analyst): no dimension, done: “by Bo: no act”",
        "2026-01-02 00:00 Cy (adjudicator): Counter, weak, done: “by Cy: only a seminar” counts",
    ]
    disputed = card(reviewed_page, "CAN-06").xpath(".//ol[@class='history']")[1]
    assert [words_of(each).endswith("counts") for each in disputed] == [True, False, False]  # the tagger's, meanwhile
    assert card(reviewed_page, "CAN-01").xpath(".//ol") == []  # only the tagger labelled it


def test_decisions_of_the_ledger_are_shown(page, reviewed_page):
    assert facts(reviewed_page.get_element_by_id("CAN"))["Final"] == "+1 Decided, by Di: read all of it"
    decided = {each.getparent().get("id"): words_of(each) for each in by_class(reviewed_page, "decision")}
    assert decided.pop("score_differs:2024-19/CAN") == "Dismissed by Di: looked into"
    assert set(decided.values()) == {"Open"}
    for shown, filled in ((page, 0), (reviewed_page, 1)):  # only where a person decided
        finals = shown.xpath("//table[@class='scores']//td[@data-label='Final']")
        assert sum(bool(each.get("data-value")) for each in finals) == filled
        assert {words_of(each) for each in finals if not each.get("data-value")} <= {"Agrees, not decided", "Open"}
    first = "#score_differs:2024-19/CAN"  # dismissed, so no longer among what to look at first
    assert [shown.xpath(f"//ol[@class='chief']//a[@href='{first}']") != [] for shown in (page, reviewed_page)] == [
        True, False,
    ]  # fmt: skip


@pytest.mark.slow
def test_a_decision_on_other_evidence_is_flagged(reviewed, tmp_path):
    path = Path(shutil.copytree(reviewed.directory, tmp_path / "run"))
    ledger = ledger_path(path)
    write_ledger(ledger, read_ledger(ledger).cells.assign(evidence_sha256="0" * 64))  # decided on other evidence
    page = tree(page_of(replace(reviewed, store=RunDirectory(path))))
    (canada,) = page.xpath("//article[@id='CAN']")
    assert facts(canada)["Final"] == (
        "Decision outdated, by Di: the evidence has changed since this decision; decide again"
    )
    flagged = [each.get("id") for each in page.xpath("//tr[.//span[text()='the evidence changed since']]")]
    assert flagged == ["score_differs:2024-19/CAN"]


@pytest.mark.slow
def test_the_same_frames_give_the_same_bytes(run, html):
    again = {name: frame.copy() for name, frame in reversed(run.frames.items())}
    assert html == unsaved_page(again, run.codebook)


def test_what_a_run_lacks_is_said(run, bare_page):
    assert "The report has no notes." in words_of(bare_page.xpath("//section[@id='sources']")[0])
    cited = {f"note {number}" for each in run.items["citations"] for number in each.split(";") if number}
    shown = {part for each in by_class(bare_page, "source") for part in words_of(each).split("; ")}
    assert shown - {"No source."} == {f"{name} is missing" for name in cited}
    assert "No conclusion was read." in words_of(bare_page.get_element_by_id("CAN"))
    assert words_of(bare_page.get_element_by_id("findings")) == "Findings No findings."
    assert "No open findings of high or medium severity." in words_of(bare_page.get_element_by_id("scores"))
    assert by_class(bare_page, "claim") == by_class(bare_page, "about") == []


def test_low_findings_are_not_on_the_first_screen_and_their_commands_are_code(odd, odd_page):
    findings = odd_page.get_element_by_id("findings")
    assert len(findings.xpath(".//tbody/tr")) == len(odd["findings"]) > 0
    assert by_class(odd_page, "chief") == []
    assert [code.text_content() for code in findings.xpath(".//code")] == ["g7tag label <b>DIR</b>"]
    assert "g7tag label <b>DIR</b> and ` alone" in words_of(findings)


def test_unread_dates_and_items_outside_the_period_are_flagged(odd_page):
    heads = [words_of(card(odd_page, f"CAN-0{n}").find("h4")) for n in (1, 2, 3)]
    assert heads == [
        "CAN-01 date not read", "CAN-02 14 June 2024 outside the period, not counted", "CAN-03 21 October 2024",
    ]  # fmt: skip
    assert "date_unread" in card(odd_page, "CAN-01").get("data-flags").split()
    assert [each.get("id") for each in by_class(odd_page, "outside") if each.tag == "article"] == ["CAN-02"]
    assert odd_page.xpath("//select[@name='state']/option[@value='outside']/text()") == [
        "Outside the period, not counted (1)"
    ]


def test_a_member_without_a_score_is_shown_as_such(odd_page):
    (row,) = odd_page.xpath("//table[contains(@class, 'scores')]/tbody/tr[.//a[text()='Canada']]")
    assert [words_of(each) for each in row[2:5]] == ["none", "Open", "none"]
    assert row[4].get("data-value") == ""  # sorted as missing, not as 0
    assert facts(odd_page.get_element_by_id("CAN"))["Suggested (table)"] == (
        "none because no rule covers this. Probability of each score: >99% for no score."
    )
    lead = words_of(by_class(odd_page, "lead")[0])
    assert "agree for 1 of 2 members. No score: Canada." in lead
    assert not re.search("Too close to call[^.]*Canada", lead)  # an unknown probability is not a low one
    assert "The text of scan.pdf was recognized from a scan (OCR): words and scores may be wrong." in lead


@pytest.mark.slow
def test_a_report_without_items_has_a_page(tmp_path):
    text = Path(g7tag.example_path("invented-report.txt")).read_text(encoding="utf-8")
    bare = re.sub(r"(?m)^On \d.*\n", "", text)
    (tmp_path / "report.txt").write_text(bare, encoding="utf-8")
    run = g7tag.run_report([tmp_path / "report.txt"])
    assert (len(run.items), len(run.citations)) == (0, 12)
    page = tree(unsaved_page(run.frames, run.codebook))
    assert "There are no items." in words_of(page.xpath("//section[@id='evidence']")[0])
    assert (broken_links(page), repeated_ids(page)) == ([], [])


def test_marked_words_are_those_of_the_sentence_and_of_dimensions_of_its_label(page, reviewed_page, run):
    # Ada and Bo: CAN-06.1 is about one dimension only; the tagger's marks of others are not shown
    assert set(reviewed_page.xpath("//p[@id='CAN-06.1']//mark/@data-for")) <= {"Counter"}
    names = run.labels["sentence_id"].str.rpartition("/")[2]
    labels = run.labels.set_index(names)["dimensions"]
    texts = run.sentences.set_index(run.sentences["sentence_id"].str.rpartition("/")[2])["text"]
    keys = {run.codebook.labels[key]: key for key in run.codebook.dimension_keys}
    assert len(page.xpath("//mark")) > 10
    for sentence in page.xpath("//p[@class='sentence']"):
        own = {label for text in sentence.xpath("./mark/@data-for") for label in text.strip().split(", ")}
        assert {keys[each] for each in own} <= set(labels[sentence.get("id")].split(";"))
        bare = "".join(sentence.xpath("./text() | ./mark/text()"))
        assert " ".join(bare.split()) == " ".join(texts[sentence.get("id")].split())


@pytest.mark.slow
def test_an_invented_codebook_of_three_dimensions_has_a_page(harbours_run):
    page, book = tree(unsaved_page(harbours_run.frames, harbours_run.codebook)), harbours_run.codebook
    heads = [words_of(each) for each in by_class(page, "scores")[0].xpath("./thead//th")]
    assert heads[-3:] == [dimension.label for dimension in book.dimensions]
    assert page.xpath("//article[@class='member']/@id") == list(book.codes.values())
    assert set(page.xpath("//select[@name='dimension']/option/@value")) <= {"", "none", *book.dimension_keys}
    assert (broken_links(page), repeated_ids(page)) == ([], [])
    bundled = {"Prevent", "Counter", "Dismantle", "Disrupt", "Canada", "Japan"}
    assert {each for each in bundled if re.search(rf"\b{each}\b", words_of(page.find("body/main")))} == set()

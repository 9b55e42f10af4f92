"""Output of `show`: texts, marks, links and proof; text from reports is inert in HTML and in a terminal."""

import re

import pandas as pd
from lxml.html import document_fromstring

import g7tag
from g7tag.frames import Word
from g7tag.report.cells import LONG, fold, read_asset, worded
from g7tag.report.display import MARKS, show_frame, show_notes

PAYLOAD = (
    '<img src=x onerror=alert(1)></td></table><script>alert(1)</script>"><svg onload=alert(1)>'
    "<a href='javascript:alert(1)'>x</a><b>\x1b[31m \x1b]8;;http://evil.example\x07 \u202e [/bold] [red] $5 and $6"
)
OURS = {
    "a", "details", "div", "li", "mark", "p", "span", "style", "sub", "summary", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
}  # fmt: skip


def html(shown):
    """The HTML of a table without its script, which is the same for all."""
    whole = str(shown._repr_html_())
    return whole.replace(f"<script>\n{read_asset('table.js')}</script>", "")


def tags_in(text):
    return set(re.findall(r"<\s*([a-z]+)", text))


def test_tags_are_shown_with_their_text_marks_day_and_source(run):
    row = run.tags[run.tags["dimensions"] == "counter"].head(1)
    item = run.items.set_index("item_id").loc[row["sentence_id"].iloc[0].rpartition(".")[0]]
    shown = html(run.show(row))
    text = run.sentences.set_index("sentence_id")["text"][row["sentence_id"].iloc[0]]
    plain = re.sub(r"<sub>.*?</sub>|<[^>]*>", "", shown)
    assert text in plain.replace("&#x27;", "'").replace(" …", "")
    assert re.search(r"<mark style=[^>]*>[^<]+<sub> counter</sub></mark>", shown)
    words = run.marks.loc[run.marks["sentence_id"] == row["sentence_id"].iloc[0], "words"]
    assert re.findall(r"<mark[^>]*>([^<]+)", shown) == words.tolist() != []
    assert f"{item['date'].day} {item['date']:%B %Y}</a>" in shown
    assert 'target="_blank" rel="noopener noreferrer"' in shown
    assert MARKS in shown
    for bare in (html(run.show(run.findings.head(1))), repr(run.show(row))):  # its marks are folded; there are none
        assert MARKS not in bare


def test_summaries_tooltips_and_notes_are_text():
    word = Word(PAYLOAD, PAYLOAD)
    for shown in (fold(PAYLOAD, []).html, worded(word, "").html, html(show_notes([PAYLOAD]))):
        assert tags_in(shown) <= OURS
        assert not document_fromstring(shown).xpath("//*[@onerror or @onload]")


def test_items_show_all_their_sentences(run):
    item = run.sentences["item_id"].value_counts().index[0]
    shown = repr(run.show(run.items[run.items["item_id"] == item]))
    flat = " ".join(shown.split())
    for text in run.sentences.loc[run.sentences["item_id"] == item, "text"]:
        assert text in flat


def test_the_proof_of_a_finding_unfolds_to_what_it_stands_for(run):
    item = run.sentences["item_id"].iloc[0]
    shown = run.show(run.findings.head(1).assign(proof=item))
    for finding, message in zip(run.findings.to_dict("records"), run.show("findings").columns["message"], strict=True):
        assert message.text.startswith(f"{finding['subject'].rpartition('/')[2]}: {finding['message'][:9]}")
    first = run.sentences["text"].iloc[0]
    assert first in re.sub(r"<sub>.*?</sub>|<[^>]*>", "", html(shown)).replace("&#x27;", "'")
    assert first not in repr(shown)  # a terminal cannot unfold


def test_long_text_is_folded_in_html_and_whole_in_a_terminal():
    text = " ".join(f"word{place}" for place in range(200))
    shown = show_frame(pd.DataFrame({"text": [text]}))
    summary = re.findall(r"<summary>(.*?) …</summary>", html(shown))
    assert len(summary) == 1
    assert len(summary[0]) <= LONG
    assert re.sub(r"<[^>]*>", "", html(shown)).replace(" …", "").count("word199") == 1
    assert " ".join(repr(shown).split()) == f"Text {text} 1 row."


def test_only_the_first_rows_are_shown_and_the_rest_is_counted(run):
    assert "The first 2 of 12 rows." in repr(g7tag.show(run.items, most=2))
    assert html(g7tag.show(run.items, most=2)).count("<tr>") == 3
    assert html(g7tag.show(run.items, most=None)).count("<tr>") == 13


def test_every_frame_of_a_run_can_be_shown(run):
    for name, frame in run.frames.items():
        for rows in (frame.head(2), frame.head(0)):
            shown = run.show(rows)
            assert tags_in(html(shown)) <= OURS, name
            assert len(repr(shown)) > 3


def test_no_text_becomes_markup_or_drives_a_terminal(run):
    hostile = run.with_frames(
        sentences=run.sentences.assign(text=PAYLOAD + " arrested smugglers."),
        items=run.items.assign(text=PAYLOAD, member=PAYLOAD),
        citations=run.citations.assign(publisher=PAYLOAD, title=PAYLOAD, url="javascript:alert(1)"),
        findings=run.findings.assign(message=PAYLOAD, member=PAYLOAD),
        annotations=run.annotations.assign(note=PAYLOAD),
        documents=run.documents.assign(name=PAYLOAD),
    )
    frames = [getattr(hostile, name) for name in ("tags", "items", "findings", "annotations", "documents", "citations")]
    frames.append(pd.DataFrame({PAYLOAD: [PAYLOAD]}))
    others = [hostile.what_was_read(), hostile.methods(), hostile.explain()]
    for shown in (*(g7tag.show(frame.head(3), hostile) for frame in frames), *others):
        assert not {"img", "script", "svg", "b"} & tags_in(html(shown))
        links = document_fromstring(html(shown)).xpath("//@href | //@src | //@*[starts-with(name(), 'on')]")
        assert all(str(link).startswith(("https://", "http://")) for link in links)
        for text in (html(shown), repr(shown)):
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text)


def test_only_web_addresses_are_links():
    urls = ["javascript:alert(1)", " https://a.example", "JAVASCRIPT:alert(1)", "data:text/html,x", "https://["]
    assert "<a " not in html(show_frame(pd.DataFrame({"url": [*urls, "//a.example"]})))
    shown = html(show_frame(pd.DataFrame({"url": ['https://a.example/"onload=x']})))
    assert "<a " in shown
    assert '"onload' not in shown


def test_numbers_are_shown_as_they_are():
    frame = pd.DataFrame({"whole": [2024.0, None], "z_score": [0.53, -1.7], "published_score": [1, 0]})
    shown = show_frame(frame.astype({"published_score": "Int64"}))
    assert [[cell.text for cell in cells] for cells in shown.columns.values()] == [
        ["2024", ""], ["0.53", "-1.7"], ["+1", "0"],
    ]  # fmt: skip
    for name, texts in {"p_right": [">99%", "49%", "<1%"], "chance": [">99%", "50%", "<1%"]}.items():
        shares = show_frame(pd.DataFrame({name: [0.9999, 0.499, 2.79e-06]})).columns[name]
        assert [cell.text for cell in shares] == texts  # nothing is certain; a doubtful tag stays below the limit
        assert [cell.key for cell in shares] == ["0.9999", "0.499", "2.79e-06"]
    assert [cell.text for cell in show_frame(pd.DataFrame({"x": [12345.0, 12345.67]})).columns["x"]] == [
        "12345",
        "12345.7",
    ]


def test_any_frame_can_be_shown(run):
    twice = pd.concat([run.tags.head(2), run.tags.head(2)])
    assert "4 rows" in repr(run.show(twice))
    same = pd.DataFrame([[1, 2, 3]], columns=["a", "a", 7])
    assert list(show_frame(same).columns) == ["a", "a (2)", "7"]
    assert repr(show_frame(pd.DataFrame())).strip() == "0 rows."
    missing = run.findings.head(1).assign(proof=None)
    assert "1 row" in repr(run.show(missing))
    assert "high" in repr(show_frame(pd.DataFrame({"risk_score": ["high"]})))
    assert " ".join(repr(show_frame(pd.DataFrame({"text": ["fine\nJapan\u2028 +1"]}))).split()).startswith("Text")
    assert "something else" in repr(run.show(run.items.head(1).assign(text="something else")))  # not the run's text
    assert [each.name for each in show_frame(pd.DataFrame({"n_weak": [1], "Weak items": [2]})).headings.values()] == [
        "n_weak", "Weak items",
    ]  # fmt: skip
    assert "\nJapan" not in repr(show_frame(pd.DataFrame({"text": ["fine\nJapan +1"]})))


def test_headings_are_plain_names_and_tooltips_say_more(run):
    shown = run.show(run.tags.head(2))
    assert "Probability right" in repr(shown)
    assert "p_right" not in repr(shown)
    note = "Whether a person has to check the tag; the review reason says why. Column: needs_review"
    assert f'<th scope="col" title="{note}">Needs review</th>' in html(shown)
    assert "Disrupt business models " in repr(shown)  # its probability, by the label of the codebook


def test_checks_acts_and_statuses_have_plain_names(run):
    finding = run.findings.head(1).assign(check="depends_on_one_item")
    assert '<span title="One item with another label changes the score.">Depends on one item</span>' in html(
        run.show(finding)
    )
    assert finding["finding_id"].iloc[0] in repr(run.show(finding))  # people paste ids
    rows = run.items.head(1).assign(status="cut_off")
    assert "Cut off" in repr(run.show(rows))
    assert "Not done" in repr(run.show(run.tags.head(1).assign(act="not_done")))
    assert "Decision outdated" in repr(g7tag.show(pd.DataFrame({"final_score": [0], "basis": ["stale"]})))


def test_cells_are_sorted_by_numbers_days_and_ranks():
    frame = pd.DataFrame(
        {
            "p_right": [0.9999, None],
            "date": [pd.Timestamp("2024-07-12"), pd.NaT],
            "severity": ["low", "high"],
            "message": ["10", "9"],
        }
    )
    cells = show_frame(frame).columns
    assert [cell.key for cell in cells["p_right"]] == ["0.9999", ""]
    assert [cell.text for cell in cells["date"]] == ["2024-07-12", ""]
    assert [cell.key for cell in cells["severity"]] == ["2", "0"]
    assert [cell.key for cell in cells["message"]] == ["", ""]  # text is sorted as text


def test_conclusions_stand_behind_a_member(run):
    told = pd.DataFrame(
        {"commitment_id": ["2024-19"], "member": ["Japan"], "position": [1], "text": ["Japan did much."]}
    ).assign(place="closing", analysts="")
    frame = pd.DataFrame({"proof": ["2024-19/JPN"]})
    assert "Conclusion 1 (closing): Japan did much." in html(g7tag.show(frame, run.with_frames(conclusions=told)))
    assert "<details" not in html(g7tag.show(frame, run.with_frames(conclusions=told.head(0))))  # nothing to unfold

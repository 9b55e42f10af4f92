"""Two runs side by side: labels of two people, two codebooks, two versions of a report, two commitments."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import g7tag
from g7tag import jobs
from g7tag.audit import INPUTS, Comparison, audit_evidence, compare_frames
from g7tag.audit.comparison.matching import Part, compare_findings, match_runs, match_texts
from g7tag.audit.comparison.scores import pair_readings
from g7tag.codebook import Codebook, Reading
from g7tag.jobs import Run
from g7tag.report.comparison import labels_line

REPORT = g7tag.example_path("invented-report.txt").read_text(encoding="utf-8")
ADDED = "On 1 August 2024, the Canadian government paid for 40 new detectives who look for smugglers.¹⁰²\n\n"


def read(folder: Path, text: str = REPORT, **settings: object) -> Run:
    folder.mkdir(exist_ok=True)
    path = folder / "report.txt"
    path.write_text(text, encoding="utf-8")
    return g7tag.run_report(path, fast=True, **settings)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return read(tmp_path_factory.mktemp("plain"))


def compared(first: Run, second: Run) -> Comparison:
    return compare_frames(first.frames, second.frames, codebooks=(first.codebook, second.codebook))


def labelled(run: Run, **labels: tuple[str, str]) -> Run:
    """The run with other labels (dimensions, strength) by the tagger, scored and audited again; ids without "/"."""
    rows = run.annotations.set_index("sentence_id")
    for name, (dimensions, strength) in labels.items():
        rows.loc[f"2024-19/{name.replace('_', '-')}", ["dimensions", "strength"]] = dimensions, strength
    return scored(run, run.codebook, annotations=rows.reset_index()[run.annotations.columns])


def scored(run: Run, book: Codebook, **frames: pd.DataFrame) -> Run:
    known = run.frames | frames
    known |= jobs.score_labels(known, book)
    audited = audit_evidence({name: known[name] for name in INPUTS}, book, seen=0)
    return Run.of(known | audited._asdict(), book)


def id_(name: str) -> str:
    return f"2024-19/{name}"


def adds_up(found: Comparison) -> bool:
    counts = found.counts
    first = counts["matched"] + counts["only_first"] == counts["first"]
    return bool((first & (counts["matched"] + counts["only_second"] == counts["second"])).all())


def test_a_run_compared_with_itself_has_no_difference(plain: Run) -> None:
    found = compared(plain, plain)
    assert found.counts["differ"].tolist() == [0, 0, 0, 0]
    assert found.counts["matched"].tolist() == [2, 12, 24, len(plain.findings)]
    for frame in (found.scores, found.levels, found.labels, found.findings):
        assert set(frame["differs"]) == {""}
    assert not found.about["differs"].any()
    assert found.only.empty
    assert set(found.scores["why"]) == {""}
    assert found.notes["note"].tolist() == ["Both runs read the same report.", "Both runs have the same codebook."]
    assert adds_up(found)


def test_labels_of_two_taggers_are_compared_sentence_by_sentence(plain: Run) -> None:
    one = labelled(plain, **{"JPN_02.1": ("counter", "strong")})
    other = labelled(plain, **{"JPN_02.1": ("prevent", "weak")})
    found = compared(one, other)
    rows = found.labels[found.labels["differs"] != ""]
    assert rows["sentence_id"].tolist() == [id_("JPN-02.1")]
    row = rows.iloc[0]
    assert (row["first_label"], row["second_label"], row["differs"]) == (
        "strong counter", "weak prevent", "dimensions;strength",
    )  # fmt: skip
    assert row["first_by"] == f"tagger {plain.tags['tagger'].iloc[0]}"
    assert found.counts.set_index("unit").loc["sentences", ["matched", "differ"]].tolist() == [24, 1]
    agreement = found.agreement.set_index("part")
    assert agreement.loc["whole label", "n"] == 24
    assert agreement.loc["whole label", "percent"] == pytest.approx(100 * 23 / 24)
    assert agreement.loc["border", "percent"] == 100
    assert agreement.loc["border", "reason"] == "all codes are equal, so chance agreement is 1"  # NaN, not 1
    assert pd.isna(agreement.loc["border", "alpha"])


def test_a_label_that_differs_only_in_its_status_is_counted_apart(plain: Run) -> None:
    one = labelled(plain, **{"JPN_02.1": ("counter", "strong")})
    other = labelled(plain, **{"JPN_02.1": ("prevent", "strong")})
    ids = other.labels["sentence_id"]
    status = other.labels["status"].mask(ids == id_("CAN-01.1"), "conflict").mask(ids == id_("CAN-02.1"), "agreed")
    second = {**other.frames, "labels": other.labels.assign(status=status)}
    found = compare_frames(one.frames, second, codebooks=(plain.codebook, plain.codebook))
    assert sorted(found.labels["differs"].unique()) == ["", "dimensions", "status"]
    assert found.counts.set_index("unit").loc["sentences", "differ"] == 1
    assert labels_line(found) == (
        "1 of 24 matched sentences labelled differently (dimensions in 1); 1 more only in dispute; 1 more only in "
        "status."
    )


def test_a_missing_label_is_a_different_label(plain: Run) -> None:
    labels = plain.labels.assign(status=["unlabelled", *plain.labels["status"].iloc[1:]])
    found = compare_frames(plain.frames, {**plain.frames, "labels": labels}, codebooks=(plain.codebook, plain.codebook))
    assert found.counts.set_index("unit").loc["sentences", "differ"] == 1
    assert labels_line(found) == "1 of 24 matched sentences labelled differently (missing label in 1)."


def test_a_label_that_differs_in_its_act_names_the_act(plain: Run) -> None:
    rows = plain.annotations.set_index("sentence_id")
    ids = [id_("CAN-01.1"), id_("CAN-01.2")]
    rows.loc[ids, ["dimensions", "strength", "act"]] = [["counter", "weak", "done"], ["", "none", "not_done"]]
    one = scored(plain, plain.codebook, annotations=rows.reset_index()[plain.annotations.columns])
    rows.loc[ids, "act"] = ["planned", "background"]
    other = scored(plain, plain.codebook, annotations=rows.reset_index()[plain.annotations.columns])
    labels = compared(one, other).labels.head(2)
    assert labels["differs"].tolist() == ["act", "act"]
    assert labels["first_label"].tolist() == ["weak counter, done", "none, not done"]
    assert labels["second_label"].tolist() == ["weak counter, planned", "none, background"]


def three_items(plain: Run, strengths: str) -> Run:
    """Canada with strong, weak or no action to prevent in its items 1 to 3, and no other label."""
    words = {"s": ("prevent", "strong"), "w": ("prevent", "weak"), "n": ("", "none")}
    nothing = {name.rpartition("/")[2].replace("-", "_"): words["n"] for name in plain.sentences["sentence_id"]}
    chosen = {f"CAN_0{place}.1": words[letter] for place, letter in enumerate(strengths, start=1)}
    return labelled(plain, **(nothing | chosen))


def test_a_different_score_names_the_level_and_the_sentences_that_make_it(plain: Run) -> None:
    # two strong items make strong action; strong action in one dimension gives 0, weak action in one gives -1
    found = compared(three_items(plain, "ssn"), three_items(plain, "snw"))
    row = found.scores.set_index(["code", "reading"]).loc[("CAN", "scoring-table")]
    assert (row["first_suggested"], row["second_suggested"], row["differs"]) == (0, -1, "suggested")
    assert (row["dimensions"], row["enough"]) == ("prevent", "prevent")
    assert row["sentence_ids"] == f"{id_('CAN-02.1')};{id_('CAN-03.1')}"
    assert row["why"] == (
        "strong in the first run and weak in the second: prevent (2 sentences labelled differently: CAN-02.1, CAN-03.1)"
    )
    level = found.levels.set_index(["code", "dimension"]).loc[("CAN", "prevent")]
    numbers = level[["first_strong", "first_weak", "second_strong", "second_weak"]].tolist()
    assert (level["differs"], numbers) == ("level", [2, 0, 1, 1])
    assert level["changes"] == "CAN-02: strong / none; CAN-03: none / weak"


def test_a_level_that_stays_the_same_with_other_items_changes_numbers_only(plain: Run) -> None:
    found = compared(three_items(plain, "sss"), three_items(plain, "ssn"))
    level = found.levels.set_index(["code", "dimension"]).loc[("CAN", "prevent")]
    assert (level["differs"], level["item_ids"]) == ("numbers", id_("CAN-03"))
    assert level["why"] == "1 sentence labelled differently: CAN-03.1"
    assert set(found.scores["differs"]) == {""}


def test_an_unlabelled_sentence_has_no_agreement(plain: Run) -> None:
    rows = plain.annotations[plain.annotations["sentence_id"] != id_("CAN-01.1")]
    found = compared(plain, scored(plain, plain.codebook, annotations=rows.reset_index(drop=True)))
    row = found.labels.set_index("sentence_id").loc[id_("CAN-01.1")]
    assert (row["second_label"], row["second_by"], row["differs"]) == ("unlabelled", "", "status")
    assert found.agreement.set_index("part").loc["whole label", "n"] == 23


def test_another_threshold_explains_the_levels_and_the_score(plain: Run) -> None:
    book = plain.codebook.model_copy(update={"min_strong_items": 1})
    first = three_items(plain, "snn")
    found = compared(first, scored(first, book))
    row = found.scores.set_index(["code", "reading"]).loc[("CAN", "scoring-table")]
    assert (row["first_suggested"], row["second_suggested"]) == (-1, 0)
    assert row["why"] == (
        "weak in the first run and strong in the second: prevent "
        "(2 strong items make it strong in the first run, 1 in the second)"
    )
    assert row["sentence_ids"] == ""
    assert "Both runs have the same codebook." not in found.notes["note"].tolist()
    assert (found.labels["differs"] == "").all()


def test_items_outside_the_period_of_one_codebook_are_named(plain: Run) -> None:
    values = plain.codebook.model_dump()
    values["commitment"] |= {"period_start": date(2024, 8, 1)}  # CAN-01 is of 9 July 2024
    first = three_items(plain, "ssn")
    found = compared(first, scored(first, Codebook.model_validate(values)))
    level = found.levels.set_index(["code", "dimension"]).loc[("CAN", "prevent")]
    assert level["changes"] == "CAN-01: strong / outside the period"
    assert level["why"] == "1 item outside the period of the second run: CAN-01"


def without(book: Codebook, key: str, **readings: str) -> Codebook:
    """The codebook without a dimension, and with other names of readings."""
    values = book.model_dump()
    values["dimensions"] = [each for each in values["dimensions"] if each["key"] != key]
    for reading in values["readings"]:
        reading["name"] = readings.get(reading["name"], reading["name"])
        reading["rules"] = [{"name": "any", "score": 0, "strong": [0, 3]}]
    return Codebook.model_validate(values)


def test_two_codebooks_are_compared_in_the_dimensions_that_both_have(plain: Run) -> None:
    book = without(plain.codebook, "disrupt")

    def cut(rows: pd.DataFrame) -> pd.DataFrame:
        kept = rows["dimensions"].map(lambda given: ";".join(key for key in given.split(";") if key != "disrupt"))
        return rows.assign(dimensions=kept, strength=rows["strength"].where(kept != "", "none"))

    tags = cut(plain.tags.drop(columns="p_disrupt"))
    second = scored(plain, book, tags=tags, annotations=cut(plain.annotations))
    found = compared(plain, second)
    assert (found.labels["differs"] == "").all()  # labels in disrupt are not compared
    only = found.levels[found.levels["dimension"] == "disrupt"]
    assert set(only["differs"]) == {"only first"}
    assert set(only["second_level"]) == {""}
    assert only["second_strong"].isna().all()
    assert found.only[["unit", "run", "id", "reason"]].to_numpy().tolist() == [
        ["dimension", "first", "disrupt", "not in the second codebook"]
    ]
    assert "disrupt" not in set(found.agreement["part"])
    assert (
        "Only the first codebook has Disrupt business models; labels in it are shown but not compared."
        in found.notes["note"].tolist()
    )
    changed = found.scores[found.scores["differs"] != ""]
    assert all("only the first codebook has disrupt" in why for why in changed["why"] if "suggested" in why)
    assert adds_up(found)


def test_readings_pair_by_name_or_else_the_first_of_each(plain: Run) -> None:
    book = plain.codebook
    assert [pair.first.name for pair in pair_readings(book, book)] == [reading.name for reading in book.readings]
    other = without(book, "disrupt", **{"scoring-table": "mine", "interpretive-guidelines": "yours"})
    assert [(one.name, two.name) for one, two in pair_readings(book, other)] == [("scoring-table", "mine")]
    rows = scored(plain, book.model_copy(update={"readings": [_renamed(reading) for reading in book.readings]}))
    found = compared(plain, rows)
    assert set(zip(found.scores["reading"], found.scores["second_reading"], strict=True)) == {
        ("scoring-table", "new-scoring-table")
    }
    assert found.only["id"].tolist() == ["interpretive-guidelines", "new-interpretive-guidelines"]
    assert found.notes["note"].str.contains("No reading has the same name in both codebooks").any()


def _renamed(reading: Reading) -> Reading:
    return reading.model_copy(update={"name": f"new-{reading.name}", "label": f"New {reading.label}"})


def test_rules_that_differ_explain_a_score_of_the_same_levels(plain: Run) -> None:
    book = plain.codebook
    readings = [
        reading.model_copy(update={"rules": [rule.model_copy(update={"score": -1}) for rule in reading.rules]})
        for reading in book.readings
    ]
    first = three_items(plain, "ssn")
    found = compared(first, scored(first, book.model_copy(update={"readings": readings})))
    row = found.scores.set_index(["code", "reading"]).loc[("CAN", "scoring-table")]
    assert (row["first_suggested"], row["second_suggested"], row["enough"]) == (0, -1, "")
    assert row["why"] == "the levels are the same, but the rules differ"


def test_the_smallest_changes_of_levels_that_give_the_score_are_named(plain: Run) -> None:
    # strong in all four dimensions gives +1, in one to three 0: either of two lost levels is enough
    every = "prevent;counter;dismantle;disrupt"
    whole = labelled(plain, **{f"CAN_0{place}.1": (every, "strong") for place in (1, 2)})
    nothing = {name.rpartition("/")[2].replace("-", "_"): ("", "none") for name in plain.sentences["sentence_id"]}
    one = labelled(whole, **(nothing | {f"CAN_0{place}.1": (every, "strong") for place in (1, 2)}))
    two = labelled(one, **{"CAN_02.1": ("prevent;counter", "strong")})
    row = compared(one, two).scores.set_index(["code", "reading"]).loc[("CAN", "scoring-table")]
    assert (row["first_suggested"], row["second_suggested"]) == (1, 0)
    assert (row["dimensions"], row["enough"]) == ("dismantle;disrupt", "dismantle;disrupt")
    assert row["why"].startswith(
        "these changes would be enough: dismantle or disrupt; strong in the first run and weak"
    )


def test_a_version_with_an_added_item_matches_by_text_although_ids_shift(plain: Run, tmp_path: Path) -> None:
    text = REPORT.replace("On 3 September 2024, the Harbour", f"{ADDED}On 3 September 2024, the Harbour", 1)
    second = read(tmp_path / "second", text)
    found = compared(plain, second)
    assert found.counts.set_index("unit").loc["items"].tolist() == [12, 13, 12, 0, 1, 0]
    assert found.counts.set_index("unit").loc["sentences"].tolist() == [24, 25, 24, 0, 1, 0]
    pairs = dict(zip(found.labels["sentence_id"], found.labels["second_id"], strict=True))
    assert pairs[id_("CAN-02.1")] == id_("CAN-03.1")
    assert pairs[id_("JPN-02.1")] == id_("JPN-02.1")
    assert found.only[["unit", "run", "id"]].to_numpy().tolist() == [
        ["item", "second", id_("CAN-02")], ["sentence", "second", id_("CAN-02.1")],
    ]  # fmt: skip
    kept = found.findings[found.findings["check"] == "member_not_named"]
    assert set(kept["differs"]) == {""}  # their ids and those in their messages shifted with the items
    assert (kept["finding_id"] != kept["second_id"]).any()
    assert adds_up(found)
    swapped = compared(second, plain)
    assert swapped.counts.set_index("unit").loc["items"].tolist() == [13, 12, 12, 1, 0, 0]
    assert adds_up(swapped)


def test_a_changed_text_is_named_and_left_out_of_the_agreement(plain: Run, tmp_path: Path) -> None:
    second = read(tmp_path / "second", REPORT.replace("arrested eleven members", "arrested nine members", 1))
    found = compared(plain, second)
    row = found.labels.set_index("sentence_id").loc[id_("CAN-02.1")]
    assert row["match"] == "changed text"
    assert "eleven" in row["text"]
    assert "nine" in row["second_text"]
    assert found.agreement["n"].max() == 23
    assert (
        found.notes["note"]
        .iloc[0]
        .startswith("The runs read different files. There are 1 sentence with a changed text")
    )


def test_two_commitments_compare_levels_and_scores_but_no_labels(plain: Run, tmp_path: Path) -> None:
    values = plain.codebook.model_dump()
    values["commitment"] |= {"id": "2023-19", "period_start": date(2023, 6, 15), "period_end": date(2024, 5, 15)}
    text = REPORT.replace(" 2024", " 2023").replace(" 2025", " 2024").replace("2024 G7 Apulia", "2023 G7 Hiroshima")
    second = read(tmp_path / "second", text, codebook=Codebook.model_validate(values), year=2023)
    found = compared(plain, second)
    assert found.labels.empty
    assert found.agreement.empty
    assert found.counts.set_index("unit").loc["sentences"].tolist() == [24, 24, 0, 24, 24, 0]
    assert set(found.only.loc[found.only["unit"] == "sentence", "reason"]) == {"the runs are on two commitments"}
    assert "labels cannot be compared" in found.notes["note"].iloc[0]
    assert not found.notes["note"].str.contains("shown but not compared").any()
    assert found.scores["code"].tolist() == ["CAN", "CAN", "JPN", "JPN"]
    assert set(found.levels["differs"]) <= {"", "level", "numbers"}
    assert (found.levels["item_ids"] == "").all()
    averages = found.averages.set_index("measure")
    assert averages.loc["items", ["first", "second", "difference"]].tolist() == [12, 12, 0]
    undefined = averages[averages["difference"].isna()]
    assert set(undefined["reason"]) <= {"a member has no score"}
    assert set(averages.loc[averages["difference"].notna(), "reason"]) == {""}
    assert adds_up(found)


def test_a_member_of_one_run_is_listed(plain: Run) -> None:
    book = plain.codebook
    second = {**plain.frames, "members": plain.members[plain.members["code"] == "CAN"].reset_index(drop=True)}
    for name in ("items", "sentences", "evidence_matrix", "scores"):
        second[name] = second[name][second[name]["member"] == "Canada"].reset_index(drop=True)
    found = compare_frames(plain.frames, second, codebooks=(book, book))
    rows = found.scores[found.scores["code"] == "JPN"]
    assert set(rows["differs"]) == {"only first"}
    assert set(rows["why"]) == {"the second run does not have this member"}
    assert rows["second_suggested"].isna().all()
    assert ["member", "first", "Japan"] in found.only[["unit", "run", "id"]].to_numpy().tolist()
    members = found.members.set_index("code")
    assert members.loc["JPN", ["first_items", "first_sentences"]].tolist() == [5, 9]
    assert pd.isna(members.loc["JPN", "second_items"])
    assert pd.isna(members.loc["JPN", "second_strong"])
    assert adds_up(found)


def test_a_run_without_sentences_gives_no_share(plain: Run) -> None:
    book = plain.codebook
    empty = dict(plain.frames)
    for name in ("items", "sentences", "labels", "annotations", "tags", "findings"):
        empty[name] = empty[name].head(0)
    found = compare_frames(empty, empty, codebooks=(book, book))
    share = found.averages.set_index("measure").loc["share strong"]
    assert pd.isna(share["first"])
    assert share["reason"] == "there is no sentence"
    assert found.agreement.empty
    assert found.members["first_strong"].isna().all()
    assert adds_up(found)


def test_equal_texts_match_in_order_and_similar_ones_only_once() -> None:
    twice = [Part("a", 1, "Police met."), Part("b", 1, "Police met.")]
    pairs = match_texts(twice, [Part("c", 1, "Police  met."), Part("d", 1, "Police met.")])
    assert [(pair.first_id, pair.second_id) for pair in pairs] == [("a", "c"), ("b", "d")]
    # 2 * 4 / (5 + 5) = 0.8 is similar enough on another day; 2 * 3 / (5 + 5) = 0.6 only on the same day
    first = [Part("a", 1, "one two three four five")]
    assert match_texts(first, [Part("b", 2, "one two three four six")])[0].match == "changed text"
    assert [pair.match for pair in match_texts(first, [Part("b", 2, "one two three six seven")])] == [
        "only first", "only second",
    ]  # fmt: skip
    assert match_texts(first, [Part("b", 1, "one two three six seven")])[0].similarity == pytest.approx(0.6)
    assert match_texts([], []) == []


def test_a_new_item_never_takes_the_findings_of_the_item_that_had_its_id(plain: Run) -> None:
    def run(item: str, text: str) -> dict[str, pd.DataFrame]:
        rows = {"item_id": [item], "date": [pd.NaT], "text": [text], "code": ["CAN"]}
        sentences = {"sentence_id": [f"{item}.1"], "item_id": [item], "text": [text]}
        finding = {
            "finding_id": [f"cut_off:{item}"], "check": ["cut_off"], "severity": ["low"], "member": ["Canada"],
            "subject": [item], "message": ["stops."], "proof": [item],
        }  # fmt: skip
        return {
            "items": pd.DataFrame(rows), "sentences": pd.DataFrame(sentences), "findings": pd.DataFrame(finding),
            "citations": plain.citations.head(0), "documents": plain.documents,
        }  # fmt: skip

    one, other = run(id_("CAN-01"), "Police met."), run(id_("CAN-01"), "Quite another sentence.")
    found = compare_findings(one, other, match_runs(one, other, comparable=True))
    assert found["differs"].tolist() == ["only first", "only second"]
    moved = run(id_("CAN-07"), "Police met.")
    found = compare_findings(one, moved, match_runs(one, moved, comparable=True))
    assert found[["finding_id", "second_id", "differs"]].to_numpy().tolist() == [
        [f"cut_off:{id_('CAN-01')}", f"cut_off:{id_('CAN-07')}", ""]
    ]


def test_items_of_other_commitments_are_left_out(plain: Run) -> None:
    item = plain.items.head(1).assign(item_id="2024-07/CAN-01", commitment_id="2024-07")
    second = {**plain.frames, "items": pd.concat([plain.items, item], ignore_index=True)}
    found = compare_frames(plain.frames, second, codebooks=(plain.codebook, plain.codebook))
    assert found.counts["differ"].tolist() == [0, 0, 0, 0]
    assert found.only.empty

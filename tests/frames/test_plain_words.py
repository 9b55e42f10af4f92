"""Every frame, column, check and value has a plain name and one sentence that explains it."""

import re
from pathlib import Path

import pandera.pandas as pa
import pytest

from g7tag.audit import findings
from g7tag.codebook import Codebook
from g7tag.frames import (
    BOARD,
    CHANGES,
    CHAPTERS,
    COLUMN_WORDS,
    FIXED,
    FRAME_WORDS,
    LEDGER,
    PANEL,
    PROPOSALS,
    VALUE_WORDS,
    column_word,
    tags_model,
    value_word,
)
from g7tag.labels import POLICIES
from g7tag.labels.selection import REASONS
from g7tag.scoring import PROBLEMS

ROOT = Path(__file__).parents[2]
ALL = {
    **{f"frame {key}": word for key, word in FRAME_WORDS.items()},
    **{f"column {key}": word for key, word in COLUMN_WORDS.items()},
    **{f"{column} {value}": word for column, words in VALUE_WORDS.items() for value, word in words.items()},
}
DERIVED = {
    "final_scores": "commitment_id member published_score suggested final_score basis decided_by why",
    "sentences_behind": "member dimension level strength decides sentence_id text needs_review review_reason note "
    "publisher published url url_status",
    "label_queue": "sentence_id member text why decides proposed_dimensions proposed_strength proposed_act "
    "proposed_exclusion proposed_contradicts p_right review_reason models analysts",
    "reconciled": "commitment_id member published_score verdict chance",
    "averages": "scores n mean percent",
    "score_changes": "member reading before after",
    "label_changes": "sentence_id before after",
    "threshold_table": "min_strong_items always_0 n",
    "rubric": "problem reading n_states of states witness",
    "agreement_parts": "part n n_annotators percent alpha low high reason",
    "agreement_pairs": "part first second first_label second_label n",
    "agreement_repeats": "annotator part n percent",
    "annotators": "annotator n n_blind n_shared strong others_strong lenient low high",
    "overruled": "sentence_id member text own settled reason",
    "confusions": "part own settled n",
    "compared_about": "part first second differs",
    "compared_scores": "member reading first_suggested first_published first_final first_chance first_basis "
    "second_suggested second_published second_final second_chance second_basis differs why",
    "compared_levels": "member dimension first_level first_strong first_weak second_level second_strong second_weak "
    "differs changes why",
    "compared_labels": "sentence_id item_id member text first_label first_by first_status second_label second_by "
    "second_status differs",
    "compared_findings": "finding_id check member subject first_severity first_message second_severity second_message "
    "differs",
    "compared_agreement": "part n n_annotators percent alpha low high reason",
    "sample": "n_sentences n n_if_adjudicated n_adjudicated next_ids disputed_ids party_ids reason review_below",
    "errors": "what population n wrong share low high at_most more_needed reason",
    "shares": "member dimension n_sentences n raw n_differ share low high reason",
    "alternatives": "machine kind annotators n_items winning_rate advantage passed reason",
    "evaluation_labels": "scheme tested_on label n_items n found precision recall f1 reason",
    "evaluation_taggers": "scheme tested_on tagger n n_items macro_f1 brier strength dimensions label whole reason",
    "evaluation_acts": "scheme tested_on act n n_items macro_f1 act_right all_right with_dimension tagged_strong "
    "strong_unflagged reason",
    "evaluation_confusion": "scheme tested_on of truth found n",
    "evaluation_calibration": "scheme tested_on probability n brier error bound calibrated reason",
    "evaluation_reliability": "scheme tested_on probability bin n mean share reason",
    "evaluation_routing": "scheme tested_on replaced n most_doubtful random reason",
    "evaluation_learning_curve": "tagger tested_on n_train wrong n_tested n_items f1 strength right act acts "
    "exclusions brier error bound act_error act_bound right_error right_bound reason",
    "installation": "check status found advice",
}
"""Tables of results, with their columns but those of readings, dimensions and ends of intervals."""
LABELLED = {"light": "Light the harbors", "paint": "Painted lamps", "not_done": "Refused"}


def models(codebook: Codebook) -> dict[str, pa.DataFrameSchema]:
    return {
        **FIXED,
        **PANEL,
        **CHANGES,
        **{each.name: each for each in (LEDGER, PROPOSALS, CHAPTERS, BOARD, tags_model(codebook))},
    }


def test_a_name_is_short_and_its_own_and_a_note_is_one_sentence():
    is_name = re.compile(r"[A-Z{][^_]*")
    is_note = re.compile(r"[A-Z](?:(?![.!?] [A-Z])[^\n`])*[^. ]\.")
    wrong = {
        key: word
        for key, word in ALL.items()
        if not (is_name.fullmatch(word.name) and len(word.name.split()) <= 4 and is_note.fullmatch(word.note))
    }
    assert wrong == {}
    for column, words in VALUE_WORDS.items():
        assert len({word.name for word in words.values()}) == len(words), column


def test_every_frame_and_every_column_has_a_word_of_its_own(codebook):
    columns = {name: list(map(str, model.columns)) for name, model in models(codebook).items()}
    columns |= {name: listed.split() for name, listed in DERIVED.items()}
    assert set(FRAME_WORDS) == set(columns)
    for frame, names in columns.items():
        words = [column_word(name, frame, labels=codebook.labels) for name in names]
        assert all(word.note for word in words), frame
        headings = [word.name for word in words]
        assert len(set(headings)) == len(headings), (frame, sorted(headings))


def test_every_value_of_a_closed_set_has_a_word(codebook):
    found = {
        (name, str(column), value)
        for name, model in models(codebook).items()
        for column, spec in model.columns.items()
        for check in spec.checks
        for value in check.statistics.get("allowed_values", [])
        if isinstance(value, str) and value
    }
    assert {("items", "status", "cut_off"), ("findings", "severity", "high")} <= found
    exclusions = {("tags", "exclusion", key) for key in codebook.exclusion_keys}
    for frame, column, value in found - exclusions:
        assert value_word(column, value, frame).note, (frame, column, value)
    for key in codebook.exclusion_keys:
        assert value_word("exclusion", key, "tags", labels=codebook.labels).name == codebook.labels[key]
    assert list(VALUE_WORDS["policy"]) == list(POLICIES)
    assert list(VALUE_WORDS["label_queue.why"]) == list(REASONS)
    assert list(VALUE_WORDS["rubric.problem"]) == list(PROBLEMS)


def test_every_check_has_a_word_and_a_row_of_the_page_with_its_name():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "g7tag/audit").glob("*.py"))
    checks = set(re.findall(r"finding\(\s*f?\"([\w{}]+)\"", source)) - {"{key}_evidence", "printed_{name}"}
    checks |= {*findings.DISCREPANCIES, "{exclusion}_evidence"}
    assert checks <= set(VALUE_WORDS["check"])
    page = (ROOT / "docs/reference/checks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^([^|`]+) `([\w{}]+)` \| (?:[^|]*(?:high|medium|low)[^|]*) \| \S", page, flags=re.MULTILINE)
    assert list(dict.fromkeys(rows)) == [(word.name, check) for check, word in VALUE_WORDS["check"].items()]


@pytest.mark.parametrize(("column", "frame", "name"), [
    ("p_light", "tags", "Light the harbors: probability"), ("p_dredge", "tags", "Dredge: probability"),
    ("light", "", "Light the harbors"), ("place", "citations", "Place of publication"),
    ("place", "conclusions", "Place in section"), ("x_y", "", "X y"), ("_", "", "_"),
])  # fmt: skip
def test_the_name_of_a_column_follows_its_frame_and_the_codebook(column, frame, name):
    assert column_word(column, frame, labels=LABELLED).name == name


@pytest.mark.parametrize(("column", "value", "frame", "name"), [
    ("check", "paint_evidence", "", "Excluded evidence: Painted lamps"),
    ("dimensions", "light;dredge", "", "Light the harbors; dredge"), ("proposed_act", "not_done", "", "Refused"),
    ("kind", "unread", "gaps", "Not read"), ("kind", "llm", "annotations", "Language model"),
    ("why", "doubtful;flips", "label_queue", "Doubtful; Changes a score"), ("message", "done", "", "done"),
    ("why", "not decided; decide it", "final_scores", "not decided; decide it"),
    ("place", "new_york", "citations", "new_york"), ("act", "", "", ""), ("severity", "very_high", "", "Very high"),
])  # fmt: skip
def test_the_name_of_a_value_follows_its_frame_and_the_codebook_and_text_stays(column, value, frame, name):
    assert value_word(column, value, frame, labels=LABELLED).name == name

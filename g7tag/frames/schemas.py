"""The schemas of the frames that the parts of g7tag exchange; `words.csv` says what each column means.

A schema lists its columns in their order, those of its key with a star; a column without a type of its own is text.
"""

import math
import re

import pandera.pandas as pa
from pydantic import NonNegativeInt, TypeAdapter, ValidationError

from g7tag.codebook import ACTS, Codebook

DAY = "datetime64[us]"
SCORES = [-1, 0, 1]
STRENGTHS = ["strong", "weak", "none"]
CLAIMED = ["strong", "weak", "not", "unstated"]
SEVERITIES = ["high", "medium", "low"]
LEDGER_STATUSES = ["open", "decided", "dismissed"]
_TAG_STATUSES = ["ok", "empty", "too_long", "unknown_words"]
_REVIEW_REASONS = [
    "", *_TAG_STATUSES[1:], "unlikely", "not_done", "reversed", "planned_cue", "not_done_cue", "reversed_cue",
]  # fmt: skip
AVERAGED = ["published", "suggested"]
"""The scores that a panel averages and ranks."""
SOURCE_CHECKS = ["yes", "partly", "no", "not_found"]
"""What a person found who compared a sentence with its source."""
_WEB = re.compile(r"https?://[^\s/?#@:]+[^\s<>\"]*\Z", re.IGNORECASE)
_LONGEST_ADDRESS = 2_000
_SPANS = TypeAdapter(list[tuple[NonNegativeInt, NonNegativeInt, str]])


def _column(dtype: str, *checks: pa.Check, missing: bool = False) -> pa.Column:
    """Return a column. pandera widens some types (microseconds to nanoseconds), so ours is kept in the metadata."""
    return pa.Column(dtype, checks=list(checks), nullable=missing, metadata={"dtype": dtype})


def _text(*within: str) -> pa.Column:
    """Return a column of text, which is never missing, "" if there is none."""
    return _column("str", *([pa.Check.isin(list(within))] if within else []))


def _added(*checks: pa.Check) -> pa.Column:
    """Return a column of text that frames and files written before lack; it is "" there."""
    return pa.Column("str", checks=list(checks), metadata={"dtype": "str", "added": True})


def _count(least: int = 0, *, missing: bool = False) -> pa.Column:
    return _column("Int64", pa.Check.ge(least, error=f"at least {least}"), missing=missing)


def _score() -> pa.Column:
    """Return a column of scores, NA if no rule applies."""
    return _column("Int64", pa.Check.isin(SCORES), missing=True)


def _real(least: float, greatest: float) -> pa.Column:
    """Return a column of real numbers, NaN if undefined."""
    return _column("float64", pa.Check.in_range(least, greatest, error=f"{least} to {greatest}"), missing=True)


def _day() -> pa.Column:
    """Return a column of days at midnight, NaT if unread."""
    return _column(DAY, missing=True)


def _flag() -> pa.Column:
    return _column("bool")


def _are_spans(text: str) -> bool:
    try:
        _SPANS.validate_json(text)
    except ValidationError:
        return False
    return True


def is_address(text: str) -> bool:
    """Return whether a text is an address of the web: http or https, a host, and no invisible characters."""
    return len(text) <= _LONGEST_ADDRESS and text.isprintable() and bool(_WEB.match(text))


def _model(name: str, columns: str, **types: pa.Column) -> pa.DataFrameSchema:
    """Return a strict schema: exactly these columns in this order, with unique keys."""
    named = {each.removesuffix("*"): each for each in columns.split()}
    key = [each for each, given in named.items() if each != given]
    known = {each: types.get(each) or _text() for each in named}
    return pa.DataFrameSchema(known, name=name, unique=key, strict=True, ordered=True)


_CHANCES = {"p_minus1": _real(0, 1), "p_0": _real(0, 1), "p_plus1": _real(0, 1)}
_HIDDEN = pa.Check(_are_spans, element_wise=True, error="a JSON list of [start, end, reason]")
_ADDRESS = pa.Check(lambda text: not text or is_address(text), element_wise=True, error="a web address, or empty")
_NOTES = pa.Check.str_matches(r"^(\d{1,9}(;\d{1,9})*)?$", error="numbers of notes, joined by ;")

DOCUMENTS = _model(
    "documents", "document_id* name media_type sha256 pages text hidden status",
    pages=_count(1, missing=True), hidden=_column("str", _HIDDEN),
    status=_text("ok", "recognized", "stray_urls", "partial"),
)  # fmt: skip
GAPS = _model(
    "gaps", "name* part* kind reason*",
    kind=_text("unread", "absent", "assumed", "recognized", "converted"),  # converted: in older runs
)  # fmt: skip
COMMITMENTS = _model(
    "commitments",
    "commitment_id* document_id number title text guidelines scoring_table printed_average printed_percent codebook",
    number=_count(1, missing=True), printed_average=_real(-1, 1), printed_percent=_real(0, 100),
)  # fmt: skip
MEMBERS = _model(
    "members", "commitment_id* member* code table_score heading_score stated_score published_score",
    table_score=_score(), heading_score=_score(), stated_score=_score(), published_score=_score(),
)  # fmt: skip
SUMMARY = _model(  # commitment_id: the printed title if its number is unknown; "": the average of all
    "summary", "document_id* table* commitment_id* member* value percent",
    table=_text("scores", "by_member", "by_commitment"), value=_real(-1, 1), percent=_real(0, 100),
)  # fmt: skip
CONCLUSIONS = _model(
    "conclusions", "commitment_id* member* position* text place analysts",
    position=_count(1), place=_text("opening", "closing"),
)  # fmt: skip
CLAIMS = _model(
    "claims", "commitment_id* member* position* dimension* claimed quote",
    position=_count(1), claimed=_text(*CLAIMED),
)  # fmt: skip
ITEMS = _model(
    "items", "item_id* document_id commitment_id member position date date_text text citations pages status",
    position=_count(1), date=_day(), citations=_column("str", _NOTES), status=_text("ok", "date_unread", "cut_off"),
)  # fmt: skip
SENTENCES = _model(
    "sentences", "sentence_id* item_id document_id commitment_id member position text start end",
    position=_count(1), start=_count(), end=_count(),
)  # fmt: skip
CITATIONS = _model(
    "citations", "document_id* note* title publisher place published accessed url url_status translation",
    note=_count(1), published=_day(), accessed=_day(), url_status=_text("ok", "repaired", "broken", "none"),
)  # fmt: skip
MARKS = _model(
    "marks", "sentence_id* dimension* start* end words contribution",
    start=_count(), end=_count(1), contribution=_real(0, 1_000),
)  # fmt: skip
ANNOTATIONS = _model(
    "annotations",
    "annotation_id* sentence_id text_sha256 annotator kind dimensions strength act exclusion contradicts confidence "
    "note blind occasion codebook_version at supersedes source_check archived_url",
    kind=_text("analyst", "classifier", "llm", "adjudicator"), strength=_text(*STRENGTHS), act=_text("", *ACTS),
    contradicts=_flag(), confidence=_real(0, 1), blind=_flag(),
    occasion=_text("label", "repeat", "change", "withdrawn"),
    source_check=_added(pa.Check.isin(["", *SOURCE_CHECKS])), archived_url=_added(_ADDRESS),
)  # fmt: skip
PROPOSALS = _model(
    "proposals",
    "sentence_id* request_key* text_sha256 model prompt_sha256 parameters codebook_version why probability outcome "
    "dimensions strength act exclusion contradicts quote reason confidence problem model_returned endpoint tokens_in "
    "tokens_out cost counted seconds at",
    probability=_real(0, 1), outcome=_text("ok", "invalid", "refused", "truncated", "failed", "waiting"),
    strength=_text(*STRENGTHS), act=_text("", *ACTS), contradicts=_flag(), confidence=_real(0, 1),
    tokens_in=_count(missing=True), tokens_out=_count(missing=True), cost=_real(0, math.inf),
    counted=_column("boolean", missing=True), seconds=_real(0, math.inf),
)  # fmt: skip
LABELS = _model(
    "labels", "sentence_id* dimensions strength exclusion contradicts annotation_id policy status",
    strength=_text(*STRENGTHS), contradicts=_flag(), status=_text("ok", "agreed", "conflict", "unlabelled"),
)  # fmt: skip
EVIDENCE_MATRIX = _model(
    "evidence_matrix", "commitment_id* member* dimension* n_strong n_weak level item_ids",
    n_strong=_count(), n_weak=_count(), level=_text(*STRENGTHS),
)  # fmt: skip
SCORES_FRAME = _model(
    "scores",
    "commitment_id* member* reading* suggested_score rule published_score agrees score_all_dates score_if_contradicted "
    "p_minus1 p_0 p_plus1",
    suggested_score=_score(), published_score=_score(), agrees=_column("boolean", missing=True),
    score_all_dates=_score(), score_if_contradicted=_score(), **_CHANCES,
)  # fmt: skip
THRESHOLDS = _model(
    "thresholds", "commitment_id* member* reading* min_strong_items* suggested_score changes",
    min_strong_items=_count(1), suggested_score=_score(), changes=_flag(),
)  # fmt: skip
FLIPS = _model(  # size: NA if no change of labels changes the score; to_score: NA means no score
    "flips",
    "commitment_id* member* reading* size n_sets candidate_ids item_ids sentence_ids change to_score chance",
    size=_count(1, missing=True), n_sets=_count(), to_score=_score(), chance=_real(0, 1),
)  # fmt: skip
JOINT_ACTIONS = _model(
    "joint_actions", "joint_id* commitment_id date members item_ids named_only alike labels reason",
    date=_day(), alike=_flag(),
)  # fmt: skip
EQUAL_EVIDENCE = _model(
    "equal_evidence", "commitment_id* member* reading* n_items n_drawn draws kept p_minus1 p_0 p_plus1",
    n_items=_count(), n_drawn=_count(), draws=_count(1), kept=_real(0, 1), **_CHANCES,
)  # fmt: skip
FINDINGS = _model(
    "findings", "finding_id* check severity member subject message proof",
    severity=_text(*SEVERITIES),
)  # fmt: skip
LEDGER = _model(
    "ledger", "finding_id* severity member message status owner note decision evidence_sha256",
    severity=_text("", *SEVERITIES), status=_text(*LEDGER_STATUSES), decision=_score(),
)  # fmt: skip

CHAPTERS = _model(  # commitment_id: "" of a file that is no codebook, and of a report that was not read
    "chapters", "commitment_id* title* codebook* directory status reason n_items n_sentences",
    status=_text("read", "no_tagger", "draft", "no_codebook", "no_chapter", "failed"),
    n_items=_count(missing=True), n_sentences=_count(missing=True),
)  # fmt: skip
_BOARD = (
    "n_items", "n_gaps", "n_doubtful", "n_labelled", "n_conflicts", "n_adjudicated", "n_scores", "n_decided", "n_high",
)  # fmt: skip
BOARD = _model(  # numbers are missing of steps that were not done, and of a damaged run
    "board", f"directory* commitment_id title blocked_by {' '.join(_BOARD)} labelled_by planned",
    **{name: _count(missing=True) for name in _BOARD},
)  # fmt: skip
PANEL_SCORES = _model(
    "panel_scores",
    "commitment_id* member* reading* year code published_score suggested_score final_score basis p_minus1 p_0 p_plus1 "
    "averaged",
    year=_count(), published_score=_score(), suggested_score=_score(), final_score=_score(), averaged=_flag(),
    **_CHANCES,
)  # fmt: skip
PANEL_STANDINGS = _model(
    "panel_standings", "member* scores* n percent low high best worst reason",
    scores=_text(*AVERAGED), n=_count(), best=_count(1, missing=True), worst=_count(1, missing=True),
    **{name: _real(0, 100) for name in ("percent", "low", "high")},
)  # fmt: skip
PANEL_CONSISTENCY = _model(
    "panel_consistency",
    "commitment_id* title run codebook_version min_strong_items readings tagger policy n_people n_labelled "
    "share_strong low high reason n_members n_matched ambition differs",
    min_strong_items=_count(1), n_people=_count(), n_labelled=_count(), n_members=_count(), n_matched=_count(),
    ambition=_real(0, math.inf), **{name: _real(0, 1) for name in ("share_strong", "low", "high")},
)  # fmt: skip
SHARED_ACTS = _model(
    "shared_acts",
    "item_1* item_2* member commitment_1 commitment_2 one_act same_source similarity labels_1 labels_2 alike "
    "counted_twice text_1 text_2",
    one_act=_text("yes", "perhaps"), same_source=_flag(), similarity=_real(0, 1), alike=_flag(), counted_twice=_flag(),
)  # fmt: skip
VERSION_ITEMS = _model("version_items", "old_id* new_id* member status similarity changed", similarity=_real(0, 1))
VERSION_SENTENCES = _model(
    "version_sentences", "old_id* new_id* member status similarity old_text new_text", similarity=_real(0, 1)
)
VERSION_SCORES = _model(
    "version_scores", "member* reading* old_score new_score old_chance new_chance item_ids why",
    old_score=_score(), new_score=_score(), old_chance=_real(0, 1), new_chance=_real(0, 1),
)  # fmt: skip
VERSION_STEPS = _model(
    "version_steps", "member* reading* item_id* status* before after moves alone",
    before=_score(), after=_score(), moves=_flag(), alone=_score(),
)  # fmt: skip
VERSION_LABELS = _model(
    "version_labels",
    "annotation_id* sentence_id new_id annotator kind fate current label note at old_text new_text",
    current=_flag(),
)  # fmt: skip
CODEBOOK_PARTS = _model("codebook_parts", "part* old new")
OUTDATED_LABELS = _model("outdated_labels", "sentence_id* annotator* kind* label at text reason")
CODEBOOK_SCORES = _model(
    "codebook_scores", "member* reading* old_score new_score new_rule", old_score=_score(), new_score=_score()
)

FIXED = {
    model.name: model
    for model in (
        DOCUMENTS, GAPS, COMMITMENTS, MEMBERS, SUMMARY, CONCLUSIONS, CLAIMS, ITEMS, SENTENCES, CITATIONS, MARKS,
        ANNOTATIONS, LABELS, EVIDENCE_MATRIX, SCORES_FRAME, THRESHOLDS, FLIPS, JOINT_ACTIONS, EQUAL_EVIDENCE, FINDINGS,
    )
}  # fmt: skip
"""All frames of a run that do not depend on the codebook, by name."""
PANEL = {model.name: model for model in (PANEL_SCORES, PANEL_STANDINGS, PANEL_CONSISTENCY, SHARED_ACTS)}
"""The frames of a panel of several runs, by name."""

CHANGES = {
    model.name: model
    for model in (
        VERSION_ITEMS, VERSION_SENTENCES, VERSION_SCORES, VERSION_STEPS, VERSION_LABELS, CODEBOOK_PARTS,
        OUTDATED_LABELS, CODEBOOK_SCORES,
    )
}  # fmt: skip
"""The frames of what changed between two versions of a report or of a codebook, by name."""


def tags_model(codebook: Codebook) -> pa.DataFrameSchema:
    """Return the schema of the tags frame, with a probability for each dimension of the codebook."""
    shares = [f"p_{key}" for key in (*codebook.dimension_keys, "strong", "excluded", *ACTS)]
    return _model(
        "tags",
        f"sentence_id* {' '.join(shares)} dimensions strength act exclusion p_right review_below margin needs_review "
        "review_reason status tagger",
        **{name: _real(0, 1) for name in (*shares, "p_right", "review_below", "margin")},
        strength=_text(*STRENGTHS), act=_text("", *ACTS), exclusion=_text("", *codebook.exclusion_keys),
        needs_review=_flag(), review_reason=_text(*_REVIEW_REASONS), status=_text(*_TAG_STATUSES),
    )  # fmt: skip

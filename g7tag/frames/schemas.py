"""The schemas of the frames that the parts of g7tag exchange."""

import pandera.pandas as pa
from pydantic import NonNegativeInt, TypeAdapter, ValidationError

from g7tag.codebook import ACTS, Codebook

TEXT = "str"
"""Text; never missing, "" if there is none."""
WHOLE = "Int64"
"""An integer, NA if it could not be read or no rule applies."""
REAL = "float64"
"""A real number, NaN if undefined."""
DAY = "datetime64[us]"
"""A day at midnight, NaT if it could not be read."""
FLAG = "bool"
"""True or False, never missing."""

SCORES = [-1, 0, 1]
STRENGTHS = ["strong", "weak", "none"]
LEVELS = ["strong", "weak", "none"]
DOCUMENT_STATUSES = ["ok", "recognized", "stray_urls", "partial"]
# recognized: scanned pages; stray_urls: parts of URLs without a note; partial: unread pages
SUMMARY_TABLES = ["scores", "by_member", "by_commitment"]
GAP_KINDS = ["unread", "absent", "assumed", "recognized", "converted"]
# not processed; in the contents but missing; assumed; by OCR; by another program (in older runs)
ITEM_STATUSES = ["ok", "date_unread", "cut_off"]
URL_STATUSES = ["ok", "repaired", "broken", "none"]
TAG_STATUSES = ["ok", "empty", "too_long", "unknown_words"]
REVIEW_REASONS = [
    *TAG_STATUSES[1:], "unlikely", "not_done", "reversed", "planned_cue", "not_done_cue", "reversed_cue",
]  # fmt: skip
ANNOTATORS = ["analyst", "classifier", "llm", "adjudicator"]
OUTCOMES = ["ok", "invalid", "refused", "truncated", "failed", "waiting"]
OCCASIONS = ["label", "repeat", "change", "withdrawn"]
"""Why a label was given: asked once; the same sentence again, unannounced; after seeing other labels; taken back."""
LABEL_STATUSES = ["ok", "agreed", "conflict", "unlabelled"]  # agreed: by classifier and model
SEVERITIES = ["high", "medium", "low"]
CLAIMED = ["strong", "weak", "not", "unstated"]
LEDGER_STATUSES = ["open", "decided", "dismissed"]


_SPANS = TypeAdapter(list[tuple[NonNegativeInt, NonNegativeInt, str]])


def _column(dtype: str, *checks: pa.Check, missing: bool = False) -> pa.Column:
    """Return a column. pandera widens some types (microseconds to nanoseconds), so ours is kept in the metadata."""
    return pa.Column(dtype, checks=list(checks), nullable=missing, metadata={"dtype": dtype})


def _text(within: list[str] | None = None) -> pa.Column:
    return _column(TEXT, *([pa.Check.isin(within)] if within else []))


def _count(least: int = 0, *, missing: bool = False) -> pa.Column:
    return _column(WHOLE, pa.Check.ge(least, error=f"at least {least}"), missing=missing)


def _are_spans(text: str) -> bool:
    try:
        _SPANS.validate_json(text)
    except ValidationError:
        return False
    return True


def _score() -> pa.Column:
    return _column(WHOLE, pa.Check.isin(SCORES), missing=True)


def _real(least: float, greatest: float) -> pa.Column:
    return _column(REAL, pa.Check.in_range(least, greatest, error=f"{least} to {greatest}"), missing=True)


def _day() -> pa.Column:
    return _column(DAY, missing=True)


def _model(name: str, key: list[str], /, **columns: pa.Column) -> pa.DataFrameSchema:
    """Return a strict schema: exactly these columns in this order, with unique keys."""
    return pa.DataFrameSchema(columns, name=name, unique=key, strict=True, ordered=True)


DOCUMENTS = _model(
    "documents", ["document_id"],
    document_id=_text(), name=_text(), media_type=_text(), sha256=_text(),
    pages=_count(1, missing=True),
    text=_text(),
    hidden=_column(TEXT, pa.Check(_are_spans, element_wise=True, error="a JSON list of [start, end, reason]")),
    status=_text(DOCUMENT_STATUSES),
)  # fmt: skip
GAPS = _model(
    "gaps", ["name", "part", "reason"],
    name=_text(),
    part=_text(),
    kind=_text(GAP_KINDS), reason=_text(),
)  # fmt: skip
COMMITMENTS = _model(
    "commitments", ["commitment_id"],
    commitment_id=_text(), document_id=_text(),
    number=_count(1, missing=True),
    title=_text(), text=_text(), guidelines=_text(), scoring_table=_text(),
    printed_average=_real(-1, 1),
    printed_percent=_real(0, 100),
    codebook=_text(),
)  # fmt: skip
MEMBERS = _model(
    "members", ["commitment_id", "member"],
    commitment_id=_text(), member=_text(), code=_text(),
    table_score=_score(), heading_score=_score(), stated_score=_score(), published_score=_score(),
)  # fmt: skip
SUMMARY = _model(
    "summary", ["document_id", "table", "commitment_id", "member"],
    document_id=_text(),
    table=_text(SUMMARY_TABLES),    # printed before the chapters of a whole report
    commitment_id=_text(),          # its printed title if no chapter and no contents page gives its number
    member=_text(),                 # "": the average of the commitment; both "": the average of all
    value=_real(-1, 1),             # a score or an average
    percent=_real(0, 100),          # compliance, percent
)  # fmt: skip
CONCLUSIONS = _model(
    "conclusions", ["commitment_id", "member", "position"],
    commitment_id=_text(), member=_text(), position=_count(1), text=_text(), place=_text(["opening", "closing"]),
    analysts=_text(),
)  # fmt: skip
CLAIMS = _model(
    "claims", ["commitment_id", "member", "position", "dimension"],
    commitment_id=_text(), member=_text(), position=_count(1), dimension=_text(), claimed=_text(CLAIMED),
    quote=_text(),
)  # fmt: skip
ITEMS = _model(
    "items", ["item_id"],
    item_id=_text(), document_id=_text(), commitment_id=_text(), member=_text(), position=_count(1), date=_day(),
    date_text=_text(), text=_text(),
    citations=_column(TEXT, pa.Check.str_matches(r"^(\d{1,9}(;\d{1,9})*)?$", error="numbers of notes, joined by ;")),
    pages=_text(), status=_text(ITEM_STATUSES),
)  # fmt: skip
SENTENCES = _model(
    "sentences", ["sentence_id"],
    sentence_id=_text(), item_id=_text(), document_id=_text(), commitment_id=_text(), member=_text(),
    position=_count(1), text=_text(),
    start=_count(), end=_count(),
)  # fmt: skip
CITATIONS = _model(
    "citations", ["document_id", "note"],
    document_id=_text(), note=_count(1), title=_text(), publisher=_text(), place=_text(), published=_day(),
    accessed=_day(), url=_text(), url_status=_text(URL_STATUSES),
    translation=_text(),
)  # fmt: skip
MARKS = _model(
    "marks", ["sentence_id", "dimension", "start"],
    sentence_id=_text(), dimension=_text(), start=_count(), end=_count(1), words=_text(), contribution=_real(0, 1_000),
)  # fmt: skip
ANNOTATIONS = _model(
    "annotations", ["annotation_id"],
    annotation_id=_text(), sentence_id=_text(), text_sha256=_text(), annotator=_text(), kind=_text(ANNOTATORS),
    dimensions=_text(), strength=_text(STRENGTHS), act=_text(["", *ACTS]), exclusion=_text(),
    contradicts=_column(FLAG), confidence=_real(0, 1), note=_text(),
    blind=_column(FLAG),            # without seeing the label of a machine or, as an analyst, of another person
    occasion=_text(OCCASIONS), codebook_version=_text(),
    at=_text(),                     # ISO time in UTC
    supersedes=_text(),
)  # fmt: skip
PROPOSALS = _model(
    "proposals", ["sentence_id", "request_key"],
    sentence_id=_text(), request_key=_text(), text_sha256=_text(), model=_text(), prompt_sha256=_text(),
    parameters=_text(),             # sent with the prompt, as JSON
    codebook_version=_text(),       # of the prompt
    why=_text(),                    # reasons why the sentence was selected, separated by ";"
    probability=_real(0, 1),        # with which it was sampled
    outcome=_text(OUTCOMES), dimensions=_text(), strength=_text(STRENGTHS), act=_text(["", *ACTS]), exclusion=_text(),
    contradicts=_column(FLAG), quote=_text(), reason=_text(),
    confidence=_real(0, 1),         # as the model states it
    problem=_text(),                # reason for a missing label
    model_returned=_text(),         # the model that answered, according to the endpoint
    endpoint=_text(), tokens_in=_count(missing=True), tokens_out=_count(missing=True),
    cost=_column(REAL, pa.Check.ge(0), missing=True),     # US dollars
    counted=_column("boolean", missing=True),             # tokens were counted by the endpoint, not estimated
    seconds=_column(REAL, pa.Check.ge(0), missing=True),  # from sending to the last byte
    at=_text(),                     # ISO time of the answer
)  # fmt: skip
LABELS = _model(
    "labels", ["sentence_id"],
    sentence_id=_text(), dimensions=_text(), strength=_text(STRENGTHS), exclusion=_text(), contradicts=_column(FLAG),
    annotation_id=_text(), policy=_text(), status=_text(LABEL_STATUSES),
)  # fmt: skip
EVIDENCE_MATRIX = _model(
    "evidence_matrix", ["commitment_id", "member", "dimension"],
    commitment_id=_text(), member=_text(), dimension=_text(), n_strong=_count(), n_weak=_count(),
    level=_text(LEVELS),
    item_ids=_text(),
)  # fmt: skip
SCORES_FRAME = _model(
    "scores", ["commitment_id", "member", "reading"],
    commitment_id=_text(), member=_text(), reading=_text(), suggested_score=_score(), rule=_text(),
    published_score=_score(), agrees=_column("boolean", missing=True),
    score_all_dates=_score(),
    score_if_contradicted=_score(),
    p_minus1=_real(0, 1), p_0=_real(0, 1), p_plus1=_real(0, 1),
)  # fmt: skip
THRESHOLDS = _model(
    "thresholds", ["commitment_id", "member", "reading", "min_strong_items"],
    commitment_id=_text(), member=_text(), reading=_text(), min_strong_items=_count(1), suggested_score=_score(),
    changes=_column(FLAG),
)  # fmt: skip
FLIPS = _model(
    "flips", ["commitment_id", "member", "reading"],
    commitment_id=_text(), member=_text(), reading=_text(),
    size=_count(1, missing=True),   # fewest items; NA if no change of labels changes the score
    n_sets=_count(),                # sets of that size that change it
    candidate_ids=_text(),          # items in at least one of these sets, separated by ";"
    item_ids=_text(),               # items of the most likely set, separated by ";"
    sentence_ids=_text(), change=_text(), to_score=_score(),  # NA: no score
    chance=_real(0, 1),             # of that change, by the labels' probabilities
)  # fmt: skip
JOINT_ACTIONS = _model(
    "joint_actions", ["joint_id"],
    joint_id=_text(), commitment_id=_text(), date=_day(), members=_text(), item_ids=_text(),
    named_only=_text(),
    alike=_column(FLAG),
    labels=_text(),
    reason=_text(),
)  # fmt: skip
EQUAL_EVIDENCE = _model(
    "equal_evidence", ["commitment_id", "member", "reading"],
    commitment_id=_text(), member=_text(), reading=_text(), n_items=_count(), n_drawn=_count(), draws=_count(1),
    kept=_real(0, 1),
    p_minus1=_real(0, 1), p_0=_real(0, 1), p_plus1=_real(0, 1),
)  # fmt: skip
FINDINGS = _model(
    "findings", ["finding_id"],
    finding_id=_text(), check=_text(), severity=_text(SEVERITIES), member=_text(), subject=_text(), message=_text(),
    proof=_text(),
)  # fmt: skip
LEDGER = _model(
    "ledger", ["finding_id"],
    finding_id=_text(), severity=_text(["", *SEVERITIES]), member=_text(), message=_text(),
    status=_text(LEDGER_STATUSES), owner=_text(), note=_text(), decision=_score(),
    evidence_sha256=_text(),        # of the evidence when it was decided, "" for the current evidence
)  # fmt: skip

FIXED = {
    model.name: model
    for model in (
        DOCUMENTS, GAPS, COMMITMENTS, MEMBERS, SUMMARY, CONCLUSIONS, CLAIMS, ITEMS, SENTENCES, CITATIONS, MARKS,
        ANNOTATIONS, LABELS, EVIDENCE_MATRIX, SCORES_FRAME, THRESHOLDS, FLIPS, JOINT_ACTIONS, EQUAL_EVIDENCE, FINDINGS,
    )
}  # fmt: skip
"""All frames that do not depend on the codebook, by name."""


def tags_model(codebook: Codebook) -> pa.DataFrameSchema:
    """Return the schema of the tags frame, with a probability for each dimension of the codebook."""
    shares = {f"p_{key}": _real(0, 1) for key in (*codebook.dimension_keys, "strong", "excluded", *ACTS)}
    return _model(
        "tags", ["sentence_id"],
        sentence_id=_text(), **shares,
        dimensions=_text(),
        strength=_text(STRENGTHS), act=_text(["", *ACTS]),  # "": the tagger was trained without acts
        exclusion=_text(["", *codebook.exclusion_keys]),
        p_right=_real(0, 1), review_below=_real(0, 1),
        margin=_real(0, 1),
        needs_review=_column(FLAG), review_reason=_text(["", *REVIEW_REASONS]),  # the first that holds
        status=_text(TAG_STATUSES), tagger=_text(),
    )  # fmt: skip

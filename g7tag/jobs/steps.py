"""The steps of a run: each computes frames and, if there is a run directory, saves them."""

import re
from collections.abc import Callable, Collection

import pandas as pd

from g7tag import corpus, tagger
from g7tag.audit import INPUTS, Audited, audit_evidence, summary_findings
from g7tag.codebook import Codebook, codebook_toml
from g7tag.errors import Announce, InputError, RunError
from g7tag.evidence import Evidence
from g7tag.frames import ANNOTATIONS, SCORES_FRAME, build
from g7tag.jobs.opening import models_of, require_same_labels
from g7tag.labels import (
    ADJUDICATED,
    COUNTING_MODELS,
    POLICY,
    TrialChances,
    choose_labels,
    classifier_annotations,
    label_chances,
    require_policy,
)
from g7tag.llm import counted_models, read_reviews, reviews_states
from g7tag.scoring import P_COLUMNS, Scored, find_flips, score_distribution, score_members, threshold_scores
from g7tag.store import (
    CODEBOOK_FILE,
    REVIEWS_FILE,
    Frames,
    Models,
    RunDirectory,
    Settings,
    inside,
    labels_state,
    read_labels,
    remember_labels,
)

SCORED = ("labels", *Scored._fields, "thresholds", "flips")
"""Frames that scoring computes from annotations."""
_COMMITMENT = re.compile(r"\d{4}-\d{2,}")


def ingest(
    evidence: Evidence,
    directory: RunDirectory | None,
    codebook: Codebook,
    *,
    commitments: Collection[int] = (),
    year: int | None = None,
    keep_hidden: bool = False,
) -> Frames:
    """Save the evidence frames of reports with the settings that they were read with."""
    documents = evidence.documents
    inputs = [f"{name} {sha}" for name, sha in zip(documents["name"], documents["sha256"], strict=True)]
    gaps = evidence.gaps[["name", "part", "reason"]].to_numpy().tolist()
    options = {"commitments": sorted(commitments), "year": year, "keep_hidden": keep_hidden, "gaps": gaps}
    given = {name: value for name, value in options.items() if value}
    settings = {"inputs": inputs, "codebook": codebook.sha256, **given}
    if directory is not None:
        if not directory.force:
            require_same_labels(directory, codebook)
        refuse_lost_labels(directory)  # now: if other gaps are found, later steps forget which labels they used
        read_labels(directory.path, codebook)
    frames = _step(directory, "ingest", settings, models_of(Evidence._fields, codebook), evidence._asdict)
    if directory is not None:
        directory.write_file(CODEBOOK_FILE, codebook_toml(codebook))
    return frames


def tag(
    frames: Frames, directory: RunDirectory | None, codebook: Codebook, tagger: "tagger.Tagger", announce: Announce
) -> Frames:
    """Tag the sentences of the codebook's commitment, and mark the words that carry each dimension."""
    from g7tag.tagger import mark_words, tag_sentences  # noqa: PLC0415 - loads scipy

    announce("tagging sentences")
    own = frames["sentences"]["commitment_id"] == codebook.commitment.id
    sentences = frames["sentences"][own].reset_index(drop=True)
    settings = {
        "model": tagger.model_id, "threshold": tagger.threshold, "review_below": tagger.review_limit,
        "seen": items_seen(tagger, codebook),
        **({} if seen_is_known(tagger) else {"seen_unknown": True}),
    }  # fmt: skip

    def compute() -> Frames:
        tags = tag_sentences(sentences, tagger, codebook)
        return {"tags": tags, "marks": mark_words(sentences, tags, tagger)}

    return _step(directory, "tag", settings, models_of(["tags", "marks"], codebook), compute)


def score(
    frames: Frames, directory: RunDirectory | None, codebook: Codebook, announce: Announce, *, policy: str = ""
) -> Frames:
    """Compute annotations, labels, the evidence matrix and scores from tags and recorded labels."""
    announce("scoring members")
    policy = policy or (directory.setting("score", "policy", POLICY) if directory is not None else POLICY)
    require_policy(policy)
    reviewed = build(ANNOTATIONS, [])
    if directory is not None:
        refuse_lost_labels(directory)
        of_models, of_people = read_reviews(inside(directory.path, REVIEWS_FILE)), read_labels(directory.path, codebook)
        remember_labels(directory.path, of_people["annotation_id"])  # also those that came with Git
        reviewed = pd.concat([of_models, of_people], ignore_index=True)
    trials: dict[str, dict[str, list[float]]] = {}
    if policy in COUNTING_MODELS:
        if directory is None:
            msg = f"policy {policy!r}: needs a run directory with proposals of models. Name one with -o."
            raise InputError(msg)
        trials = counted_models(reviewed, inside(directory.path, REVIEWS_FILE), codebook)
    tagged = frames["sentences"]["sentence_id"].isin(frames["tags"]["sentence_id"])
    sentences = frames["sentences"][tagged].reset_index(drop=True)

    def annotate() -> Frames:
        proposed = classifier_annotations(frames["tags"], sentences, codebook)
        adjudicated = [corpus.bundled_annotations(codebook)] if policy == ADJUDICATED else []
        return {"annotations": pd.concat([proposed, *adjudicated, reviewed], ignore_index=True)}

    def compute() -> Frames:
        known = frames | annotations | {"sentences": sentences}
        return score_labels(known, codebook, policy=policy, trials=trials)

    annotators = ["classifier", "corpus"] if policy == ADJUDICATED else ["classifier"]
    models = models_of(["annotations"], codebook)
    review_settings = {"annotators": annotators, **reviews_state(directory)}
    annotations = _step(directory, "review", review_settings, models, annotate)
    counted = {"counted": trials} if trials else {}
    settings = {"policy": policy, "min_strong_items": codebook.min_strong_items} | counted
    return annotations | _step(directory, "score", settings, models_of(SCORED, codebook), compute)


def reviews_state(directory: RunDirectory | None) -> dict[str, str]:
    """Return the numbers and hashes of the labels by models (reviews) and people (labels); "" if there are none."""
    if directory is None:
        return {"reviews": "", "labels": ""}
    states = reviews_states(inside(directory.path, REVIEWS_FILE))
    return {"reviews": states[-1] if states else "", "labels": labels_state(directory.path)}


def refuse_lost_labels(directory: RunDirectory) -> None:
    """Raise an error if labels of models that a directory was scored with are missing from it."""
    counted, file = directory.setting("review", "reviews", ""), inside(directory.path, REVIEWS_FILE)
    if not directory.force and counted and counted not in (now := reviews_states(file)):
        msg = (
            f"{file}: labels of models that this run was scored with are missing: found {len(now)}. Expected all "
            f"{counted.partition(' ')[0]} that were counted. Restore a copy; to continue without them: `g7tag score "
            f"{directory.path} --force`."
        )
        raise RunError(msg)


def score_labels(
    frames: Frames, codebook: Codebook, *, policy: str = POLICY, trials: TrialChances | None = None
) -> Frames:
    """Compute labels, counts, scores with their probabilities, and smallest flips from annotations."""
    trials = trials or {}
    sentences, items, members = (frames[name] for name in ("sentences", "items", "members"))
    labels = choose_labels(frames["annotations"], sentences, policy=policy, trusted=trials)
    scored = score_members(labels, sentences=sentences, items=items, members=members, codebook=codebook)
    probabilities = label_chances(
        labels, tags=frames["tags"], annotations=frames["annotations"], codebook=codebook, trials=trials
    )
    shares = score_distribution(probabilities, sentences=sentences, items=items, members=members, codebook=codebook)
    known = scored.scores.drop(columns=list(P_COLUMNS.values()))
    joined = known.merge(shares, on=["commitment_id", "member", "reading"], how="left", validate="one_to_one")
    scores = build(SCORES_FRAME, joined.to_dict("records"))
    matrix = scored.evidence_matrix
    flips = find_flips(
        probabilities, sentences=sentences, items=items, evidence_matrix=matrix, labels=labels, codebook=codebook
    )
    thresholds = threshold_scores(matrix, codebook)
    return {"labels": labels, "evidence_matrix": matrix, "scores": scores, "thresholds": thresholds, "flips": flips}


def audit(frames: Frames, directory: RunDirectory | None, codebook: Codebook, announce: Announce, seen: int) -> Frames:
    """Audit the frames; `seen` is the number of items of the commitment that the tagger was trained on."""
    announce("checking the report against itself")
    known = {name: frames[name] for name in INPUTS}
    return _step(
        directory, "audit", {"seen": seen}, models_of(Audited._fields, codebook),
        lambda: audit_evidence(known, codebook, seen=seen, announce=announce)._asdict(),
    )  # fmt: skip


def summary_words(frames: Frames) -> list[str]:
    """Return one line for each difference between the summary tables of whole reports and their chapters."""
    rows = summary_findings(frames["summary"], frames["members"])
    return [f"{row['severity']}: {row['subject']}: {row['message']}" for row in rows]


def items_seen(tagger: "tagger.Tagger", codebook: Codebook) -> int:
    """Return the number of items of the codebook's commitment that a tagger is known to be trained on."""
    return int(tagger.about["corpus_items"].get(codebook.commitment.id, 0))


def seen_is_known(tagger: "tagger.Tagger") -> bool:
    """Return False if a tagger was trained on items whose ids do not say which commitment they are on."""
    names = [name for name in tagger.about["corpus_items"] if name not in corpus.bundled_collections()]
    return all(_COMMITMENT.fullmatch(name) for name in names)


def seen_setting(directory: RunDirectory) -> int | None:
    """Return the number of items of the commitment that the tagger of a run was trained on; None if it is not known."""
    n = directory.setting("tag", "seen", 0)
    return n if n or not directory.setting("tag", "seen_unknown", default=False) else None


def _step(
    directory: RunDirectory | None, name: str, settings: Settings, models: Models, compute: Callable[[], Frames]
) -> Frames:
    """Run one step and, if there is a directory, save its frames."""
    return compute() if directory is None else directory.step(name, settings, models, compute)

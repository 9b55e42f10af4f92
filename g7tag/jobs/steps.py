"""The steps of a run: each computes frames and, if the run has a directory, saves them."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from g7tag import corpus, labels, llm, scoring, tagger
from g7tag.audit import Audited, audit_evidence
from g7tag.codebook import Codebook, codebook_toml
from g7tag.errors import Announce, RunError
from g7tag.evidence import Evidence
from g7tag.frames import ANNOTATIONS, SCORES_FRAME, build
from g7tag.jobs.opening import RUN_FRAMES, models_of, require_same_labels
from g7tag.labels import ADJUDICATED, COUNTING_MODELS, POLICY, TrialChances
from g7tag.scoring import Receipt, Scored
from g7tag.store import CODEBOOK_FILE, REVIEWS_FILE, Frames, RunDirectory, Settings, labels_state, read_labels

if TYPE_CHECKING:
    from g7tag.jobs.run import Run
    from g7tag.tagger import Tagger

RECEIPT_FRAMES = (
    "documents", "members", "items", "sentences", "annotations", "labels", "evidence_matrix", "scores",
)  # fmt: skip
"""Frames from which receipts and final scores are made."""
_COMMITMENT = re.compile(r"\d{4}-\d{2,}")


def ingest(
    run: "Run", evidence: Evidence, *, commitments: Collection[int], year: int | None, keep_hidden: bool
) -> "Run":
    """Return a run with the evidence of reports; it is saved with the settings that they were read with."""
    documents, store = evidence.documents, run.store
    options = {
        "commitments": sorted(commitments), "year": year, "keep_hidden": keep_hidden,
        "gaps": evidence.gaps[["name", "part", "reason"]].to_numpy().tolist(),
    }  # fmt: skip
    settings = {
        "inputs": [f"{name} {sha}" for name, sha in zip(documents["name"], documents["sha256"], strict=True)],
        "codebook": run.codebook.sha256,
        **{name: value for name, value in options.items() if value},
    }
    if store is not None:
        if not store.force:
            require_same_labels(store, run.codebook)
        refuse_lost_labels(store)  # now: if other gaps are found, later steps forget which labels they used
        read_labels(store.path, run.codebook)
    run = _step(run, "ingest", settings, Evidence._fields, evidence._asdict)
    if store is not None:
        store.write_file(CODEBOOK_FILE, codebook_toml(run.codebook))
    return run


def tag(run: "Run", model: "Tagger | None" = None, *, announce: Announce = lambda _: None) -> "Run":
    """Tag the sentences of the codebook's commitment, mark the words that carry each dimension, and return the new run.

    The tagger is `model`, else the one of the run, else the one that comes with g7tag for the codebook.

    Raises
    ------
    ModelError
        No tagger comes with g7tag for the codebook.
    RunError
        The directory was tagged with another tagger or other settings, and the run was not opened with `force`.
    """
    codebook = run.codebook
    used = model or run.tagger or tagger.load_tagger(tagger.default_model(codebook), codebook)
    announce("tagging sentences")
    sentences = labelled_sentences(run)
    settings = {
        "model": used.model_id, "threshold": used.threshold, "review_below": used.review_limit,
        "seen": items_seen(used, codebook), **({} if seen_is_known(used) else {"seen_unknown": True}),
    }  # fmt: skip

    def compute() -> Frames:
        words = tagger.supporting_words(sentences, used)  # first: the encoder reads each item once for both
        tags = tagger.tag_sentences(sentences, used, codebook)
        return {"tags": tags, "marks": tagger.mark_words(sentences, tags, words)}

    return replace(_step(run, "tag", settings, ["tags", "marks"], compute), tagger=used)


def labelled_sentences(run: "Run") -> pd.DataFrame:
    """Return the sentences that are tagged and labelled: those of the codebook's commitment."""
    own = run.sentences["commitment_id"] == run.codebook.commitment.id
    return run.sentences[own].reset_index(drop=True)


def score(run: "Run", *, policy: str = "", announce: Announce = lambda _: None) -> "Run":
    """Score the tagged run with its current labels, write its receipts, and return the new run without findings.

    Parameters
    ----------
    policy
        Whose labels count: "people-then-classifier", "agreement", "llm-reviewed" or "adjudicated". If omitted, as the
        directory was scored before, else "people-then-classifier". One that counts models needs a saved run.

    Raises
    ------
    InputError
        The policy is unknown, or counts models but the run is not saved.
    RunError
        The run has no tags, or labels that it was scored with are missing.
    """
    announce("scoring members")
    store, codebook = run.store, run.codebook
    policy = policy or (store.setting("score", "policy", POLICY) if store else POLICY)
    labels.require_policy(policy)
    frames = run.read("documents", "sentences", "items", "members", "tags")
    tagged = frames["sentences"]["sentence_id"].isin(frames["tags"]["sentence_id"])
    frames["sentences"] = frames["sentences"][tagged].reset_index(drop=True)
    reviewed = build(ANNOTATIONS, [])
    if store is not None:
        require_same_labels(store, codebook, scored=True)
        refuse_lost_labels(store)
        of_models, of_people = llm.read_reviews(store.inside(REVIEWS_FILE)), read_labels(store.path, codebook)
        reviewed = pd.concat([of_models, of_people], ignore_index=True)
    trials: TrialChances = {}
    if policy in COUNTING_MODELS:
        trials = llm.counted_models(reviewed, run.saved.inside(REVIEWS_FILE), codebook)

    def annotate() -> Frames:
        proposed = labels.classifier_annotations(frames["tags"], frames["sentences"], codebook)
        adjudicated = [corpus.bundled_annotations(codebook)] if policy == ADJUDICATED else []
        return {"annotations": pd.concat([proposed, *adjudicated, reviewed], ignore_index=True)}

    annotators = ["classifier", *["corpus"] * (policy == ADJUDICATED)]
    run = _step(run, "review", {"annotators": annotators, **reviews_state(store)}, ["annotations"], annotate)
    frames["annotations"] = run.annotations
    counted: dict[str, Any] = {"counted": trials} if trials else {}
    settings = {"policy": policy, "min_strong_items": codebook.min_strong_items} | counted
    names = ["labels", *Scored._fields, "thresholds", "flips"]
    run = _step(run, "score", settings, names, lambda: score_labels(frames, codebook, policy=policy, trials=trials))
    for receipt in receipts_of(run) if run.store else ():
        run.saved.write_file(receipt.file_name, receipt.content)
    return run


def reviews_state(store: RunDirectory | None) -> dict[str, str]:
    """Return the numbers and hashes of the labels by models (reviews) and people (labels); "" if there are none."""
    if store is None:
        return {"reviews": "", "labels": ""}
    states = llm.reviews_states(store.inside(REVIEWS_FILE))
    return {"reviews": states[-1] if states else "", "labels": labels_state(store.path)}


def refuse_lost_labels(store: RunDirectory) -> None:
    """Raise an error if labels of models that a directory was scored with are missing from it."""
    counted, file = store.setting("review", "reviews", ""), store.inside(REVIEWS_FILE)
    if not store.force and counted and counted not in (now := llm.reviews_states(file)):
        msg = (
            f"{file}: labels of models that this run was scored with are missing: found {len(now)}. Expected all "
            f"{counted.partition(' ')[0]} that were counted. Restore a copy; to continue without them: `g7tag score "
            f"{store.path} --force`."
        )
        raise RunError(msg)


def score_labels(
    frames: Frames, codebook: Codebook, *, policy: str = POLICY, trials: TrialChances | None = None
) -> Frames:
    """Compute labels, counts, scores with their probabilities, and smallest flips from annotations."""
    trials, annotations = trials or {}, frames["annotations"]
    about: dict[str, Any] = {name: frames[name] for name in ("sentences", "items")} | {"codebook": codebook}
    chosen = labels.choose_labels(annotations, frames["sentences"], policy=policy, trusted=trials)
    scored = scoring.score_members(chosen, members=frames["members"], **about)
    chances = labels.label_chances(
        chosen, tags=frames["tags"], annotations=annotations, codebook=codebook, trials=trials
    )
    shares = scoring.score_distribution(chances, members=frames["members"], **about)
    known = scored.scores.drop(columns=list(scoring.P_COLUMNS.values()))
    joined = known.merge(shares, on=["commitment_id", "member", "reading"], how="left", validate="one_to_one")
    matrix = scored.evidence_matrix
    return {
        "labels": chosen, "evidence_matrix": matrix, "scores": build(SCORES_FRAME, joined.to_dict("records")),
        "thresholds": scoring.threshold_scores(matrix, codebook),
        "flips": scoring.find_flips(chances, evidence_matrix=matrix, labels=chosen, **about),
    }  # fmt: skip


def receipts_of(run: "Run") -> list[Receipt]:
    """Return the receipts of the scores of a run, one for each member."""
    return run._receipts


def find_findings(run: "Run", announce: Announce) -> "Run":
    """Return a scored run with the results of the audit."""
    announce("checking the report against itself")
    of_tagger = items_seen(run.tagger, run.codebook) if run.tagger else 0
    seen = of_tagger if run.store is None else run.store.setting("tag", "seen", 0)
    known = run.read(*RUN_FRAMES[: RUN_FRAMES.index("findings")])
    return _step(
        run, "audit", {"seen": seen}, Audited._fields,
        lambda: audit_evidence(known, run.codebook, seen=seen, announce=announce)._asdict(),
    )  # fmt: skip


def items_seen(model: "Tagger", codebook: Codebook) -> int:
    """Return the number of items of the codebook's commitment that a tagger is known to be trained on."""
    return int(model.about["corpus_items"].get(codebook.commitment.id, 0))


def seen_is_known(model: "Tagger") -> bool:
    """Return False if a tagger was trained on items whose ids do not say which commitment they are on."""
    names = [name for name in model.about["corpus_items"] if name not in corpus.bundled_collections()]
    return all(_COMMITMENT.fullmatch(name) for name in names)


def _step(
    run: "Run", name: str, settings: Settings, names: Iterable[str], compute: Callable[[], dict[str, Any]]
) -> "Run":
    """Return a run with the frames of a step and of earlier steps; the frames of the step are saved."""
    models = models_of(list(names), run.codebook)
    frames = compute() if run.store is None else run.store.step(name, settings, models, compute)
    earlier = RUN_FRAMES[: min(map(RUN_FRAMES.index, models))]
    return replace(run, known={each: frame for each, frame in run.known.items() if each in earlier} | frames)

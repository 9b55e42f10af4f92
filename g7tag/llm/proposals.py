"""Proposals of models as a frame and as annotations, and the verdicts of trials that decide whether they may count."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError
from g7tag.frames import ANNOTATIONS, PROPOSALS, build
from g7tag.llm.answers import Judgement
from g7tag.llm.endpoint import TOKEN_LIMITS
from g7tag.llm.prompt import Prompt, render_system
from g7tag.store import REVIEWS_FILE, Kind, RequestLog, inside, read_requests, request_log
from g7tag.text import listed

ATTACKS_VERSION = "attacks-2"
"""Version of the attacks in a trial; a verdict based on another version does not count."""
_NOTHING: dict[str, Any] = Judgement("invalid")._asdict() | {
    "model": "", "endpoint": "", "tokens_in": None, "tokens_out": None, "cost": None, "counted": None,
    "seconds": None, "at": "",
}  # fmt: skip


def log_asked(log: RequestLog, rows: Iterable[tuple[str, str, str, str, float, int]]) -> None:
    """Log why sentences are asked about: sentence_id, text_sha256, request key, why, probability, seed."""
    names = ("sentence_id", "text_sha256", "request_key", "why", "probability", "random_state")
    log.add(("asked", " ".join(map(str, row)), dict(zip(names, row, strict=True))) for row in rows)


def read_proposals(path: Path) -> pd.DataFrame:
    """Return the questions about sentences in a directory's file, with the models' answers.

    Parameters
    ----------
    path
        Path of `reviews.sqlite`; a missing file gives no rows.

    Returns
    -------
    pandas.DataFrame
        The proposals frame, in the order of asking. If there were several tries, the last one counts. The outcome is
        `waiting` if there is no answer yet.

    Raises
    ------
    RunError
        The file is not a valid `reviews.sqlite`.
    """
    requests, prompts = dict(read_requests(path, "request")), dict(read_requests(path, "prompt"))
    answers = last_answers(path)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    shares: dict[tuple[str, str], dict[int, float]] = {}
    for _, asked in read_requests(path, "asked"):
        place = (asked["sentence_id"], asked["request_key"])
        own = shares.setdefault(place, {})
        seed = asked.pop("random_state", 0)
        own[seed] = max(own.get(seed, 0.0), asked["probability"])
        asked["probability"] = 1 - math.prod(1 - share for share in own.values())  # seeds are independent
        if place in rows:  # also asked for another reason
            why = ";".join(dict.fromkeys(f"{rows[place]['why']};{asked['why']}".split(";")))
            rows[place] |= {"why": why, "probability": asked["probability"]}
            continue
        request = requests[place[1]]
        given = _NOTHING | answers.get(place[1], {"outcome": "waiting"})
        prompt = request["prompt_sha256"]
        details = {
            "model": request["model"], "prompt_sha256": prompt, "model_returned": given["model"],
            "parameters": json.dumps(request["parameters"], sort_keys=True),
            "codebook_version": prompts[prompt].get("codebook_version", ""),
        }  # fmt: skip
        rows[place] = {**given, **asked, **details}
    return build(PROPOSALS, rows.values())


def last_answers(path: Path, endpoint: str | None = None) -> dict[str, dict[str, Any]]:
    """Return the answer that counts for each request: the last one, or a failure if there is no other.

    With an `endpoint` (scheme, host and port), only its own answers count.
    """
    answers: dict[str, dict[str, Any]] = {}
    for key, row in read_requests(path, "answer"):
        if endpoint is not None and row.get("endpoint") != endpoint:
            continue
        if row["outcome"] != "failed" or answers.get(key, row)["outcome"] == "failed":
            answers[key] = row
    return answers


def annotator_name(model: str, prompt_sha256: str, parameters: Mapping[str, Any], endpoint: str) -> str:
    """Return the annotator name of a model at an endpoint, with a prompt and parameters.

    A verdict applies to this combination only. The token limit is not part of the name, because an answer that is cut
    off is not a label.
    """
    settings = [f"{name}={value}" for name, value in sorted(parameters.items()) if name not in TOKEN_LIMITS]
    return ", ".join([f"{model} at {endpoint}", f"prompt {prompt_sha256[:8]}", *settings])


def llm_annotations(proposals: pd.DataFrame, *, known: Collection[str]) -> pd.DataFrame:
    """Return the proposals that are labels as annotations, except those with `known` ids.

    A model's later label of a sentence supersedes its earlier one.
    """
    rows = []
    last: dict[tuple[str, str, str], str] = {}
    for row in proposals[proposals["outcome"] == "ok"].to_dict("records"):
        annotator = annotator_name(row["model"], row["prompt_sha256"], json.loads(row["parameters"]), row["endpoint"])
        name = f"{row['sentence_id']}#llm#{row['request_key'][:16]}#{row['text_sha256'][:8]}"
        place = (annotator, row["sentence_id"], row["text_sha256"])  # a label of a different text supersedes nothing
        before, last[place] = last.get(place, ""), name
        given = {
            "annotation_id": name, "annotator": annotator, "kind": "llm", "note": f'{row["reason"]} ("{row["quote"]}")',
            "blind": False, "occasion": "label", "supersedes": before,
        }  # fmt: skip
        rows.append(row | given)
    return build(ANNOTATIONS, [row for row in rows if row["annotation_id"] not in known])


def last_verdicts(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the newest verdict on each model, by annotator name; a missing file has none."""
    verdicts: dict[str, Mapping[str, Any]] = {}
    for name, row in read_requests(path, "verdict"):
        if row["at"] >= verdicts.get(name, row)["at"]:
            verdicts[name] = row
    return verdicts


def trusted_annotators(path: Path) -> frozenset[str]:
    """Return the annotator names of the models whose newest verdict is that they passed today's attacks and bars."""
    verdicts = last_verdicts(path).items()
    return frozenset(name for name, row in verdicts if row["passed"] and not _is_outdated(row))


def _is_outdated(row: Mapping[str, Any]) -> bool:
    """Return whether the attacks or the bars of a trial are not those of this version of g7tag."""
    return bool(row.get("attacks_version") != ATTACKS_VERSION or "changed" not in row["bars"])


def bars_reached(path: Path, names: Iterable[str]) -> list[str]:
    """Return a line for each model that has a verdict: the date of its trial and the bars it reached."""
    found = last_verdicts(path)
    return [
        f"{name}: passed its trial on {row['at'][:10]} (bars: alpha of at least {row['bars']['alpha']:.2f}, at most "
        f"{row['bars']['flips']} flips, {row['bars']['answered']:.0%} of attacks answered, at most "
        f"{row['bars']['changed']:.0%} other changes)."
        for name, row in sorted(found.items())
        if name in set(names) and not _is_outdated(row)
    ]


def adopt_verdicts(trial: Path, path: Path) -> list[str]:
    """Add the newest verdicts of a trial's directory to another directory's file, unless it has newer ones.

    Returns a line for each.
    """
    found = last_verdicts(inside(trial, REVIEWS_FILE))
    if not found:
        msg = f"{trial}: contains no verdict. Run a trial there first: `g7tag trial {trial} --model NAME`."
        raise InputError(msg)
    before = last_verdicts(path)
    fresh: list[tuple[Kind, str, Mapping[str, Any]]] = [
        ("verdict", name, row) for name, row in found.items() if row["at"] > before.get(name, {}).get("at", "")
    ]
    if fresh:
        with request_log(path) as log:
            log.add(fresh)
    now = last_verdicts(path)
    return [
        f"{name}: {'passed' if now[name]['passed'] else 'not passed'}, {now[name]['at']}." for name in sorted(found)
    ]


def counted_models(annotations: pd.DataFrame, path: Path, codebook: Codebook) -> dict[str, dict[str, list[float]]]:
    """Return the models whose proposals may count, and how likely each label is if they propose it and if not.

    Proposals made with another codebook, and so with another prompt, do not count. `path` is that of `reviews.sqlite`.
    An error says why no model counts.
    """
    folder = path.parent
    names = set(annotations.loc[annotations["kind"] == "llm", "annotator"])
    if not names:
        msg = f"{folder}: contains no proposals. Ask a model first: `g7tag review {folder} --model NAME`."
        raise InputError(msg)
    prompt = Prompt(render_system(codebook), "", "").sha256
    own = {name for name in names if f", prompt {prompt[:8]}" in name}
    verdicts = last_verdicts(path)
    if counted := own & trusted_annotators(path):
        return {name: dict(verdicts[name]["chances"]) for name in sorted(counted)}
    failed = own & set(verdicts)
    outdated = {name for name in failed if verdicts[name]["passed"]}
    if not own:
        problem = f"the proposals of {listed(names)} were made with another codebook or prompt"
    elif outdated:
        problem = f"the trial of {listed(outdated)} used other attacks or bars than this version of g7tag"
    else:
        problem = f"{listed(failed)} did not pass a trial" if failed else f"there is no trial of {listed(own)}"
    msg = (
        f"{folder}: {problem}, so these proposals are shown but not counted. Choose another --policy, or run "
        "`g7tag trial` and add its verdict to a run directory with `g7tag review DIR --trial TRIAL`."
    )
    raise InputError(msg)

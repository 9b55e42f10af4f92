"""Proposals of models as a frame and as annotations, and the verdicts of trials that decide whether they may count."""

import json
import math
from collections.abc import Iterable, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.codebook import Codebook
from g7tag.errors import InputError, RunError
from g7tag.frames import ANNOTATIONS, PROPOSALS, build
from g7tag.llm.answers import Judgement
from g7tag.llm.endpoint import TOKEN_LIMITS
from g7tag.llm.prompt import ATTACKS_VERSION, render_system
from g7tag.llm.request import last_answers
from g7tag.store import REVIEWS_FILE, inside, read_requests, request_log, text_sha256
from g7tag.text import listed

_NOTHING: dict[str, Any] = Judgement("invalid")._asdict() | {
    "model": "", "endpoint": "", "tokens_in": None, "tokens_out": None, "cost": None, "counted": None,
    "seconds": None, "at": "",
}  # fmt: skip


def read_proposals(path: Path) -> pd.DataFrame:
    """Return the questions about sentences in a directory's file, with the models' answers.

    Parameters
    ----------
    path
        Path of `reviews.sqlite`; a missing file gives no rows.

    Returns
    -------
    pandas.DataFrame
        The proposals frame, in the order of asking. The last of several tries counts; without an answer, the outcome
        is `waiting`.

    Raises
    ------
    RunError
        The file is not a valid `reviews.sqlite`.
    """
    logged, answers = read_requests(path, "request", "prompt", "asked"), last_answers(path)
    requests, prompts = ({one.key: one.row for one in logged if one.kind == kind} for kind in ("request", "prompt"))
    together: dict[tuple[str, str], list[dict[str, Any]]] = {}  # asked for several reasons, or by several draws
    for one in logged:
        if one.kind == "asked":
            together.setdefault((one.row["sentence_id"], one.row["request_key"]), []).append(one.row)
    rows = []
    for (_, key), reasons in together.items():
        request, shares = requests[key], dict[int, float]()
        for reason in reasons:
            seed, share = reason["random_state"], reason["probability"]
            shares[seed] = max(shares.get(seed, 0.0), share)
        given = _NOTHING | answers.get(key, {"outcome": "waiting"})
        details = {
            "model": request["model"], "prompt_sha256": request["prompt_sha256"], "model_returned": given["model"],
            "parameters": json.dumps(request["parameters"], sort_keys=True),
            "codebook_version": prompts[request["prompt_sha256"]]["codebook_version"],
            "why": ";".join(dict.fromkeys(";".join(reason["why"] for reason in reasons).split(";"))),
            "probability": 1 - math.prod(1 - share for share in shares.values()),  # draws are independent
        }  # fmt: skip
        rows.append(given | reasons[0] | details)
    return build(PROPOSALS, rows)


def annotator_name(model: str, prompt_sha256: str, parameters: Mapping[str, Any], endpoint: str) -> str:
    """Return the annotator name of a model at an endpoint, with a prompt and parameters.

    A verdict applies to this combination only. The token limit is not part of the name, because an answer that is cut
    off is not a label.
    """
    settings = [f"{name}={value}" for name, value in sorted(parameters.items()) if name not in TOKEN_LIMITS]
    return ", ".join([f"{model} at {endpoint}", f"prompt {prompt_sha256[:8]}", *settings])


def read_reviews(path: Path) -> pd.DataFrame:
    """Return the proposals in a directory's file that are labels, as annotations; a missing file has none.

    A model's later label of a sentence supersedes its earlier one.
    """
    rows = []
    last: dict[tuple[str, str, str], str] = {}
    proposals = read_proposals(path)
    for row in proposals[proposals["outcome"] == "ok"].to_dict("records"):
        annotator = annotator_name(row["model"], row["prompt_sha256"], json.loads(row["parameters"]), row["endpoint"])
        name = _label_name(row)
        place = (annotator, row["sentence_id"], row["text_sha256"])  # a label of a different text supersedes nothing
        before, last[place] = last.get(place, ""), name
        given = {
            "annotation_id": name, "annotator": annotator, "kind": "llm", "note": f'{row["reason"]} ("{row["quote"]}")',
            "blind": False, "occasion": "label", "supersedes": before,
        }  # fmt: skip
        rows.append(row | given)
    try:
        return build(ANNOTATIONS, rows)
    except InputError as error:
        msg = f"{path}: has a proposal that is not a label ({error}). Restore a copy of the file."
        raise RunError(msg) from error


def reviews_states(path: Path) -> list[str]:
    """Return the number of labels by models in a file and a hash of their ids after each, in the order they came."""
    waiting: dict[str, list[str]] = {}
    names: list[str] = []
    answered: set[str] = set()
    for kind, key, row in read_requests(path, "asked", "answer"):
        if kind == "asked":
            own = names if row["request_key"] in answered else waiting.setdefault(row["request_key"], [])
            own.append(_label_name(row))
        elif row["outcome"] == "ok":
            answered.add(key)
            names += waiting.pop(key, [])
    hashes = accumulate(dict.fromkeys(names), lambda before, name: text_sha256(f"{before} {name}"), initial="")
    return [f"{n} {sha256}" for n, sha256 in enumerate(hashes) if n]


def _label_name(row: Mapping[Any, Any]) -> str:
    return f"{row['sentence_id']}#llm#{row['request_key'][:16]}#{row['text_sha256'][:8]}"


def last_verdicts(path: Path) -> dict[str, Mapping[str, Any]]:
    """Return the newest verdict on each model, by annotator name; a missing file has none."""
    verdicts: dict[str, Mapping[str, Any]] = {}
    for _, name, row in read_requests(path, "verdict"):
        if row["at"] >= verdicts.get(name, row)["at"]:
            verdicts[name] = row
    return verdicts


def _has_passed(row: Mapping[str, Any]) -> bool:
    """Return whether a verdict is that a model passed the attacks and bars of this version of g7tag."""
    return bool(row["passed"] and row.get("attacks_version") == ATTACKS_VERSION and "changed" in row["bars"])


def bars_reached(path: Path, names: Iterable[str]) -> list[str]:
    """Return a line for each of these models that passed: the date of its trial and the bars it reached."""
    line = (
        "{name}: passed its trial on {at:.10} (bars: alpha of at least {alpha:.2f}, at most {flips} flips, "
        "{answered:.0%} of attacks answered, at most {changed:.0%} other changes)."
    )
    passed = {name: row for name, row in last_verdicts(path).items() if name in set(names) and _has_passed(row)}
    return [line.format(name=name, at=row["at"], **row["bars"]) for name, row in sorted(passed.items())]


def adopt_verdicts(trial: Path, path: Path) -> list[str]:
    """Add the newest verdicts of a trial to another file, unless it has newer ones; return a line for each."""
    found, before = last_verdicts(inside(trial, REVIEWS_FILE)), last_verdicts(path)
    if not found:
        msg = f"{trial}: contains no verdict. Run a trial there first: `g7tag trial {trial} --model NAME`."
        raise InputError(msg)
    if fresh := {name: row for name, row in found.items() if row["at"] > before.get(name, {"at": ""})["at"]}:
        with request_log(path) as log:
            log.add(("verdict", name, row) for name, row in fresh.items())
    now = sorted((name, (before | fresh)[name]) for name in found)
    return [f"{name}: {'passed' if row['passed'] else 'not passed'}, {row['at']}." for name, row in now]


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
    prompt = text_sha256(render_system(codebook))
    own = {name for name in names if f", prompt {prompt[:8]}" in name}
    tried = {name: row for name, row in sorted(last_verdicts(path).items()) if name in own}
    if counted := {name: dict(row["chances"]) for name, row in tried.items() if _has_passed(row)}:
        return counted
    if not own:
        problem = f"the proposals of {listed(names)} were made with another codebook or prompt"
    elif outdated := {name for name, row in tried.items() if row["passed"]}:
        problem = f"the trial of {listed(outdated)} used other attacks or bars than this version of g7tag"
    else:
        problem = f"{listed(set(tried))} did not pass a trial" if tried else f"there is no trial of {listed(own)}"
    msg = (
        f"{folder}: {problem}, so these proposals are shown but not counted. Choose another --policy, or run "
        "`g7tag trial` and add its verdict to a run directory with `g7tag review DIR --trial TRIAL`."
    )
    raise InputError(msg)

"""Save a tagger to a file of arrays (.npz) with a manifest beside it, and load it after checking both."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from g7tag.codebook import ACTS, MOST_DIMENSIONS, Codebook, Cue
from g7tag.corpus.reading import is_bundled
from g7tag.errors import ModelError
from g7tag.store import data_path, file_sha256, write_atomic
from g7tag.tagger.arrays import MOST_BYTES, Arrays, arrays_bytes, read_arrays, text_array
from g7tag.tagger.encoder import encoder_sha256
from g7tag.tagger.heads import Heads
from g7tag.tagger.meaning import Meaning, Wording, wordings_of
from g7tag.tagger.model import Tagger
from g7tag.tagger.words import Words
from g7tag.text import listed

MODEL_FORMAT = 4
"""Increase here and in `_Manifest` when older files can no longer be read."""
MOST_MANIFEST = 1_000_000
"""Maximum bytes of a manifest; typical manifests have 60,000."""
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(max_length=20_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _About(_Part):
    """The codebook, corpus and versions behind a model; see `train_tagger`. `reader` is the encoder's SHA-256."""

    codebook: str
    codebook_version: str
    codebook_sha256: str
    dimensions: Annotated[list[str], Field(min_length=1, max_length=MOST_DIMENSIONS)]
    exclusions: list[str]
    corpus: str
    corpus_rows: int
    proposals: Count
    corpus_items: dict[str, Count]
    corpus_sha256: str
    reader: str
    g7tag: str


class _Wording(_Part):
    key: str
    excluded: bool
    definition: Text
    examples: list[Text]
    cues: list[Cue]


class _Decision(_Part):
    """What turns log-odds into tags."""

    threshold: Share
    right_scale: tuple[Real, Real]


class _Fast(_Decision):
    """The fast tagger: the cues that it searches for, by group."""

    cues: dict[str, list[Cue]]


class _Manifest(_Decision):
    """The manifest of a model file. `format` is its version."""

    format: Literal[4]
    model_id: str
    sha256: str
    bytes: Count
    about: _About
    wordings: list[_Wording]
    fast: _Fast | None


def check_model_name(path: Path, *, force: bool) -> None:
    """Check the name of a model file before training."""
    if path.suffix != ".npz":
        msg = f"{path}: a model file must end in .npz. Use the name {path.with_suffix('.npz').name}."
        raise ModelError(msg)
    if path.exists() and not force:
        msg = f"{path}: already exists. Choose another name for the model, or replace it with --force."
        raise ModelError(msg)


def save_tagger(tagger: Tagger, path: Path | str) -> None:
    """Write a tagger to `path`, and its manifest to `path`.json."""
    path = Path(path)
    check_model_name(path, force=True)
    if not isinstance(tagger.reader, Meaning):
        msg = "the fast tagger is a part of another one. Save that one."
        raise ModelError(msg)
    arrays, fast = _arrays_of(tagger, ""), None
    if tagger.fast is not None and isinstance(tagger.fast.reader, Words):
        words = tagger.fast.reader
        arrays |= _arrays_of(tagger.fast, "fast_") | {
            "fast_terms": text_array("\n".join(words.terms)),
            "fast_idf": words.idf.astype(np.float32),
            "fast_spread": words.spread.astype(np.float32),
        }
        fast = _decision_of(tagger.fast) | {"cues": words.cues}
    content = arrays_bytes(arrays)
    write_atomic(path, content)
    manifest = {
        "format": MODEL_FORMAT,
        "model_id": tagger.model_id,
        "sha256": file_sha256(path),
        "bytes": len(content),
        **_decision_of(tagger),
        "about": _About.model_validate(tagger.about).model_dump(),
        "wordings": [each._asdict() for each in tagger.reader.wordings],
        "fast": fast,
    }
    write_atomic(_manifest_path(path), (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))


def load_tagger(path: Path | str, codebook: Codebook, *, fast: bool = False) -> Tagger:
    """Read a tagger for a codebook.

    Parameters
    ----------
    path
        A .npz file with its manifest next to it.
    codebook
        The codebook to tag with. Its id, dimensions and exclusions must match the model's.
    fast
        Return the fast tagger.

    Raises
    ------
    ModelError
        The file or its manifest is missing, was changed, is too large, contains anything but finite numbers, was made
        for another codebook or with another encoder, or does not match its manifest; or there is no fast tagger in it.
    """
    path = Path(path)
    manifest = _read_manifest(path)
    about, again = manifest.about, f"Train it again: `g7tag train -o {path.name}`."
    if path.stat().st_size != manifest.bytes or manifest.bytes > MOST_BYTES or file_sha256(path) != manifest.sha256:
        msg = (
            f"{path}: was changed since it was trained (its sha256 differs from {path.name}.json). "
            "Train it or download it again."
        )
        raise ModelError(msg)
    if (about.codebook, about.dimensions, about.exclusions) != (
        codebook.id, codebook.dimension_keys, codebook.exclusion_keys,
    ):  # fmt: skip
        msg = (
            f"{path}: was trained for codebook {about.codebook!r} with dimensions {', '.join(about.dimensions)}. "
            f"Expected {codebook.id!r} with {', '.join(codebook.dimension_keys)}. Use its codebook, or train a new "
            "tagger."
        )
        raise ModelError(msg)
    if fast and manifest.fast is None:
        msg = f"{path}: has no fast tagger; it was trained on too few labels. Leave out --tagger fast."
        raise ModelError(msg)
    if not fast and about.reader != encoder_sha256():
        msg = f"{path}: was trained with another encoder than this g7tag has. {again}"
        raise ModelError(msg)
    arrays = read_arrays(path.read_bytes(), where=str(path))
    try:
        return _fitting(manifest, arrays, fast=fast)
    except (KeyError, ValueError) as error:
        msg = f"{path}: its weights, words or definitions do not fit its labels. {again}"
        raise ModelError(msg) from error


def _fitting(manifest: _Manifest, arrays: Arrays, *, fast: bool) -> Tagger:
    """Return the tagger of a file; an error says that its parts do not fit each other."""
    about = manifest.about.model_dump()
    labels = [*about["dimensions"], *about["exclusions"]]
    n_labels = len(labels) + 1 + len(ACTS)
    decision: _Decision = manifest
    reader: Words | Meaning
    if fast and manifest.fast is not None:
        decision, prefix, about["reader"] = manifest.fast, "fast_", "words"
        terms = bytes(arrays["fast_terms"].astype(np.uint8)).decode("utf-8").split("\n")
        idf, spread = (np.asarray(arrays[name], dtype=np.float64) for name in ("fast_idf", "fast_spread"))
        reader = Words(terms, idf, manifest.fast.cues, spread, n_labels)
        fits = idf.shape == (len(terms),) and spread.shape == (reader.n_flags,) and bool((spread > 0).all())
    else:
        reader, prefix = Meaning([Wording(**each.model_dump()) for each in manifest.wordings]), ""
        fits = [each.key for each in manifest.wordings] == labels
    heads = Heads(*(np.asarray(arrays[prefix + name], dtype=np.float64) for name in Heads._fields))
    if not fits or [each.shape for each in heads] != [(reader.n_features, n_labels), (n_labels,), (n_labels,)]:
        raise ValueError
    return Tagger(reader, heads, decision.threshold, decision.right_scale, about)


def _arrays_of(tagger: Tagger, prefix: str) -> Arrays:
    return {f"{prefix}{name}": array.astype(np.float32) for name, array in tagger.heads._asdict().items()}


def _decision_of(tagger: Tagger) -> dict[str, Any]:
    return {"threshold": tagger.threshold, "right_scale": tagger.right_scale}


def _read_manifest(path: Path) -> _Manifest:
    manifest = _manifest_path(path)
    for file in (path, manifest):
        if not file.is_file():
            msg = (
                f"{file}: no such file. "
                f"Expected a model file M.npz with M.npz.json next to it, as written by `g7tag train`."
            )
            raise ModelError(msg)
    size = manifest.stat().st_size
    if size > MOST_MANIFEST:
        msg = (
            f"{manifest}: has {size:,} bytes. Expected at most {MOST_MANIFEST:,}. It is not the manifest "
            "of a model; download the model again."
        )
        raise ModelError(msg)
    try:
        return _Manifest.model_validate_json(manifest.read_bytes())
    except ValidationError as error:
        causes = [".".join(map(str, cause["loc"])) + ": " + cause["msg"] for cause in error.errors(include_url=False)]
        msg = f"{manifest}: not the manifest of a model ({listed(causes, most=3)}). Train the model again."
        raise ModelError(msg) from error


def _manifest_path(path: Path) -> Path:
    return Path(f"{path}.json")


def wording_differs(path: Path, codebook: Codebook) -> bool:
    """Whether a tagger was trained with other definitions, examples or cues than those of the codebook."""
    return [each.model_dump() for each in _read_manifest(Path(path)).wordings] != [
        each._asdict() for each in wordings_of(codebook)
    ]


def bundled_model(codebook: Codebook) -> Path | None:
    """Return the path of the bundled tagger for a codebook, or None if there is none."""
    path = data_path(f"models/{codebook.id}.npz")
    return path if path.is_file() and is_bundled(codebook) else None


def default_model(codebook: Codebook) -> Path:
    """Return the path of the bundled tagger for a codebook."""
    path = bundled_model(codebook)
    if path is None:
        msg = (
            f"codebook {codebook.id!r}: g7tag has no bundled tagger for it. Train one, with or without labels, with "
            "`g7tag train -o M.npz --codebook FILE`, and use it with --model M.npz."
        )
        raise ModelError(msg)
    return path

"""Save a tagger to a skops file, and load it after checking its manifest, size and types."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import sklearn
import skops.io
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from skops.io.exceptions import UntrustedTypesFoundException

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import is_bundled
from g7tag.errors import ModelError
from g7tag.store import data_path, file_sha256, write_atomic
from g7tag.tagger.encoder import Encoder, cause_of, require_harmless
from g7tag.tagger.features import make_words
from g7tag.tagger.likeness import SHA256
from g7tag.tagger.model import EXCLUSION, STRONG, Mix, Tagger, label_of
from g7tag.text import listed

MODEL_FORMAT = 3
"""Increase here and in `_Manifest` when older files can no longer be read."""
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
TYPES = {
    "words": "g7tag.tagger.features.Words", "flags": "g7tag.tagger.features.CueFlags",
    "scale": "sklearn.preprocessing._data.StandardScaler", "meaning": "g7tag.tagger.likeness.Meaning",
    "likeness": "g7tag.tagger.likeness.Likeness", "lent": "g7tag.tagger.borrowing.Borrowed",
}  # fmt: skip
"""The parts that features may have, and their types: others might search for patterns, too."""
TRUSTED = sorted(name for name in TYPES.values() if name.startswith("g7tag."))
"""The only types outside skops' own list that a model file may contain. Never taken from the file itself."""
MOST_BYTES = 200_000_000
"""Maximum unpacked size of a model. skops unpacks before it checks, so the archive is measured first."""
MOST_PARTS = 10_000
MOST_MANIFEST = 1_000_000
"""Maximum bytes of a manifest; typical manifests have 2,000."""
MOST_WILDCARDS, LONGEST_CUE = 3, 200
"""Limits for cues in a model file: matching time grows fast with the number of wildcards."""
_NO_TAGGER = (
    LookupError, TypeError, AttributeError, ValueError, OSError, EOFError, RecursionError, MemoryError, RuntimeError,
    NotImplementedError, zlib.error, zipfile.BadZipFile, UntrustedTypesFoundException,
)  # fmt: skip
"""Errors that skops, and the objects it builds, raise for a file that is not a tagger."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _About(_Part):
    """The codebook, corpus and versions behind a model; see `train_tagger`."""

    codebook: str
    codebook_version: str
    codebook_sha256: str
    dimensions: list[str]
    exclusions: list[str]
    corpus: str
    corpus_rows: int
    corpus_items: dict[str, Count]
    corpus_sha256: str
    encoder: str
    borrowed: list[str] | None = None
    wanted: dict[str, Count] | None = None
    wanted_sentences: Count | None = None
    vectors_sha256: str | None = None
    wording_sha256: str | None = None
    g7tag: str
    scikit_learn: Annotated[str, Field(alias="scikit-learn")]


class _Decision(_Part):
    """A tagger's id and what turns its probabilities into tags."""

    model_id: str
    sha256: str
    bytes: Count
    thresholds: dict[str, Share]
    review_below: Share
    right_scale: tuple[Real, Real] | None


class _EncoderPart(_Decision):
    """The encoder's files, how it is joined with the classifiers, and the thresholds that hold for both."""

    tokenizer_sha256: str
    tokenizer_bytes: Count
    labels: list[str]
    mix: dict[str, tuple[Real, Real, Real]]


class _Manifest(_Decision):
    """The manifest of a model file. `format` is its version."""

    format: Literal[3]
    unpacked_bytes: Count
    parts: Count
    trusted_types: list[str]
    about: _About
    encoder: _EncoderPart | None


def check_model_name(path: Path, *, force: bool) -> None:
    """Check the name of a model file before training."""
    if path.suffix != ".skops":
        msg = f"{path}: a model file must end in .skops. Use the name {path.with_suffix('.skops').name}."
        raise ModelError(msg)
    for file in (path, *_encoder_paths(path)):
        if file.exists() and not force:
            msg = f"{file}: already exists. Choose another name for the model, or replace it with --force."
            raise ModelError(msg)


def save_tagger(tagger: Tagger, path: Path | str) -> None:
    """Write a tagger to `path`, its manifest to `path`.json, and its encoder to the same name with .onnx."""
    path = Path(path)
    check_model_name(path, force=True)
    fast = tagger.fast or tagger
    content = skops.io.dumps({"features": fast.features, "heads": fast.heads}, compression=zipfile.ZIP_DEFLATED)
    write_atomic(path, content)
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    encoder_part = None
    if tagger.encoder is None:
        for file in _encoder_paths(path):
            file.unlink(missing_ok=True)
    else:
        model, tokenizer = _encoder_paths(path)
        write_atomic(model, tagger.encoder.model_content)
        write_atomic(tokenizer, tagger.encoder.tokenizer_content)
        encoder_part = {
            "model_id": tagger.model_id,
            "sha256": file_sha256(model),
            "bytes": len(tagger.encoder.model_content),
            "tokenizer_sha256": file_sha256(tokenizer),
            "tokenizer_bytes": len(tagger.encoder.tokenizer_content),
            "labels": tagger.encoder.labels,
            "mix": tagger.mix,
        } | _decision_of(tagger)
    manifest = {
        "format": MODEL_FORMAT,
        "model_id": fast.model_id,
        "sha256": file_sha256(path),
        "bytes": len(content),
        "unpacked_bytes": sum(part.file_size for part in parts),
        "parts": len(parts),
        "trusted_types": TRUSTED,
        **_decision_of(fast),
        "about": fast.about,
        "encoder": encoder_part,
    }
    write_atomic(_manifest_path(path), (json.dumps(manifest, indent=1) + "\n").encode("utf-8"))


def _decision_of(tagger: Tagger | _Decision) -> dict[str, Any]:
    return {name: getattr(tagger, name) for name in ("thresholds", "review_below", "right_scale")}


def load_tagger(path: Path | str, codebook: Codebook, *, fast: bool = False) -> Tagger:
    """Read a tagger for a codebook.

    Parameters
    ----------
    path
        A .skops file with its manifest next to it and, if the model has an encoder, its .onnx and .tokenizer.json.
    codebook
        The codebook to tag with. Its id, dimensions and exclusions must match the model's.
    fast
        Read the classifiers alone, without the encoder.

    Raises
    ------
    ModelError
        The file or its manifest is missing, was changed, is larger than declared, contains an untrusted type, was made
        with another minor release of scikit-learn or for another codebook, or does not match its manifest; or this is
        so of the encoder's files, or onnxruntime cannot run the encoder within limits of memory and time (which are not
        tried for a bundled one). All checks except the last happen before any object in the file is constructed.
    """
    path = Path(path)
    manifest = _read_manifest(path)
    _check_content(path, path, manifest.bytes, manifest.sha256, "")
    _check_versions(path, manifest.about, codebook)
    encoder = None if fast or manifest.encoder is None else _read_encoder(path, manifest.encoder)
    again = f"Train it again: `g7tag train -o {path.name}`."
    try:
        _check_size(path, manifest)
        unknown = {*manifest.trusted_types, *skops.io.get_untrusted_types(file=path)} - set(TRUSTED)
        if unknown:
            msg = f"{path}: contains types that g7tag does not trust: {listed(unknown)}. Do not use this file."
            raise ModelError(msg)
        parts = skops.io.load(path, trusted=TRUSTED)
        about = manifest.about.model_dump(by_alias=True, exclude_none=True)
        tagger = Tagger(parts["features"], parts["heads"], **_decision_of(manifest), about=about)
        ours, fits = _has_our_patterns(tagger), _fits(tagger)
    except _NO_TAGGER as error:
        msg = f"{path}: does not contain a tagger ({cause_of(error)}). {again}"
        raise ModelError(msg) from error
    if not ours:
        msg = (
            f"{path}: splits words or searches for cues differently from g7tag, which could take very long. "
            f"Do not use this file. Train a new tagger: `g7tag train -o {path.name}`."
        )
        raise ModelError(msg)
    if not fits:
        msg = f"{path}: its classifiers do not fit its features or labels. {again}"
        raise ModelError(msg)
    part = manifest.encoder
    if encoder is None or part is None:
        return tagger
    labels = {label_of(name) for name in tagger.heads}
    if set(part.labels) != labels or not set(part.mix) <= labels or set(part.thresholds) != set(about["dimensions"]):
        msg = f"{path}: its encoder does not fit its classifiers. {again.removesuffix('`.')} --encoder`."
        raise ModelError(msg)
    mix = {label: Mix(*values) for label, values in part.mix.items()}
    about = about | {"encoder": part.sha256}
    return replace(tagger, **_decision_of(part), about=about, encoder=encoder, mix=mix, fast=tagger)


def _read_manifest(path: Path) -> _Manifest:
    manifest = _manifest_path(path)
    for file in (path, manifest):
        if not file.is_file():
            msg = (
                f"{file}: no such file. "
                "Expected a model file M.skops with M.skops.json next to it, as written by `g7tag train`."
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


def _check_content(file: Path, path: Path, size: int, sha256: str, otherwise: str) -> None:
    """Raise an error if a file of a model is not the one that its manifest describes."""
    if file.stat().st_size != size or size > MOST_BYTES or file_sha256(file) != sha256:
        msg = (
            f"{file}: was changed since it was trained (its sha256 differs from {path.name}.json). "
            f"Train it or download it again{otherwise}."
        )
        raise ModelError(msg)


def _check_versions(path: Path, about: _About, codebook: Codebook) -> None:
    trained, installed, again = (
        about.scikit_learn,
        sklearn.__version__,
        f"Train it again: `g7tag train -o {path.name}`.",
    )
    if trained.split(".")[:2] != installed.split(".")[:2]:
        msg = f"{path}: was trained with scikit-learn {trained}, but {installed} is installed. {again}"
        raise ModelError(msg)
    if about.vectors_sha256 not in {None, SHA256}:
        msg = f"{path}: was trained with other sentence vectors than those of this g7tag. {again}"
        raise ModelError(msg)
    found = (about.codebook, about.dimensions, about.exclusions)
    if found != (codebook.id, codebook.dimension_keys, codebook.exclusion_keys):
        msg = (
            f"{path}: was trained for codebook {about.codebook!r} with dimensions {', '.join(about.dimensions)}. "
            f"Expected {codebook.id!r} with {', '.join(codebook.dimension_keys)}. Use its codebook, or train a new "
            "tagger."
        )
        raise ModelError(msg)


def _read_encoder(path: Path, part: _EncoderPart) -> Encoder:
    """Read the encoder's files after checking their sizes and hashes."""
    model, tokenizer = files = _encoder_paths(path)
    described = ((part.bytes, part.sha256), (part.tokenizer_bytes, part.tokenizer_sha256))
    for file, (size, sha256) in zip(files, described, strict=True):
        if not file.is_file():
            msg = f"{file}: no such file. The model has an encoder. Train it again, or use --tagger fast."
            raise ModelError(msg)
        _check_content(file, path, size, sha256, ", or use --tagger fast")
    contents = model.read_bytes(), tokenizer.read_bytes()
    if path.resolve().parent != data_path("models").resolve():
        require_harmless(*contents, part.labels, where=str(model))
    return Encoder(*contents, part.labels, where=str(model))


def _check_size(path: Path, manifest: _Manifest) -> None:
    """Raise an error if the archive does not have the size that its manifest tells, before unpacking it."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked != manifest.unpacked_bytes or unpacked > MOST_BYTES or not 0 < len(parts) <= MOST_PARTS:
        msg = (
            f"{path}: unpacks to {unpacked:,} bytes in {len(parts)} parts. "
            f"Expected {manifest.unpacked_bytes:,} and at most {MOST_BYTES:,}. Do not use this file."
        )
        raise ModelError(msg)


def _has_our_patterns(tagger: Tagger) -> bool:
    """Whether words are split as g7tag splits them, and cues are within the limits of a codebook."""
    named = _parts(tagger)
    parts = dict(named)
    types = {(name, f"{type(part).__module__}.{type(part).__qualname__}") for name, part in named}
    if len(parts) < len(named) or not types <= set(TYPES.items()):
        return False
    cues = [
        cue
        for name in ("flags", "likeness")
        if name in parts
        for members in parts[name].cues.values()
        for cue in members
    ]
    simple = all(isinstance(cue, str) and len(cue) <= LONGEST_CUE and cue.count("*") <= MOST_WILDCARDS for cue in cues)
    return simple and parts["words"].get_params() == make_words().get_params()


def _parts(tagger: Tagger) -> list[tuple[str, Any]]:
    """Return the names and parts of the features; a block of several steps has a part for each."""
    found: list[tuple[str, Any]] = []
    for name, block in tagger.features.named_transformers_.items():
        if (name, block) != ("remainder", "drop"):
            found += list(getattr(block, "named_steps", {name: block}).items())
    return found


def _fits(tagger: Tagger) -> bool:
    """Whether each label has a classifier with the right classes in order, and finite weights for all features."""
    width, keys = len(tagger.features.get_feature_names_out()), tagger.about["dimensions"]
    labels = {*keys, STRONG, EXCLUSION}
    if set(tagger.heads) not in (labels, labels | set(ACTS)) or set(tagger.thresholds) != set(keys):
        return False
    exclusions = {"", *tagger.about["exclusions"]}
    for name, head in tagger.heads.items():
        classes = head.classes_.tolist()
        if classes != sorted(classes) or not set(classes) <= (exclusions if name == EXCLUSION else {True, False}):
            return False
    weights = [np.c_[head.coef_, head.intercept_] for head in tagger.heads.values() if hasattr(head, "coef_")]
    return _knows_its_codebook(dict(_parts(tagger)), tagger.about) and all(
        array.shape[1] == width + 1 and np.isfinite(array).all() for array in weights
    )


def _knows_its_codebook(parts: Mapping[str, Any], about: Mapping[str, Any]) -> bool:
    """Whether a tagger for few labels has texts of each dimension, and borrows from what its manifest names."""
    if not {"likeness", "lent"} & set(parts):
        return True
    likeness, lent, borrowed = parts["likeness"], parts["lent"], about.get("borrowed", [])
    texts = [likeness.commitment]
    for definition, its_parts, examples in likeness.wordings.values():
        if not definition or not its_parts:
            return False
        texts += [*definition, *its_parts, *examples]
    return (
        list(likeness.wordings) == list(likeness.cues) == about["dimensions"]
        and all(isinstance(text, str) for text in texts)
        and all(np.isfinite(part.typical_).all() for part in (likeness, lent))
        and all(np.shape(part.typical_) == (len(part.get_feature_names_out()),) for part in (likeness, lent))
        and lent.codebook in borrowed[:-1]
        and lent.model == borrowed[-1]
    )


def wording_of_model(path: Path) -> str:
    """Return the hash of the definitions, examples and cues that a tagger for few labels knows."""
    return _read_manifest(Path(path)).about.wording_sha256 or ""


def bundled_model(codebook: Codebook) -> Path | None:
    """Return the path of the bundled tagger for a codebook, or None if there is none."""
    path = data_path(f"models/{codebook.id}.skops")
    return path if path.is_file() and is_bundled(codebook) else None


def default_model(codebook: Codebook) -> Path:
    """Return the path of the bundled tagger for a codebook."""
    path = bundled_model(codebook)
    if path is None:
        how, corpus = (" without labels", "") if codebook.borrows else ("", " --corpus FILE")
        msg = (
            f"codebook {codebook.id!r}: g7tag has no bundled tagger for it. Train one{how} with "
            f"`g7tag train -o M.skops --codebook FILE{corpus}`, and use it with --model M.skops."
        )
        raise ModelError(msg)
    return path


def _manifest_path(path: Path) -> Path:
    return Path(f"{path}.json")


def _encoder_paths(path: Path) -> tuple[Path, Path]:
    """Return the paths of the encoder and of its tokenizer."""
    return path.with_suffix(".onnx"), path.with_suffix(".tokenizer.json")

"""Keep a tagger in a skops file, and load it only after our manifest, its size and its types were checked."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import skops.io

from g7tag.codebook import Codebook
from g7tag.errors import ModelError, listed
from g7tag.store import data_path, file_sha256, write_atomic
from g7tag.tagging.model import EXCLUSION, STRONG, Tagger

MODEL_FORMAT = 1
"""Raise when `load_tagger` can no longer read a file of the older form; then name the change in its message."""
TRUSTED = ("g7tag.tagging.features.CueCounter",)
"""The only types outside skops' own list that a model file may hold: ours. Never filled from the file itself."""
MOST_BYTES = 200_000_000
"""What a model may unpack to. skops unpacks before it looks, so the archive is measured first."""
MOST_PARTS = 10_000


def check_model_name(path: Path, *, force: bool) -> None:
    """Refuse a name that no model file may have, or that one has already, before any work is done.

    Raises
    ------
    ModelError
        The name does not end in .skops, or the file is there and `force` is not set.
    """
    if path.suffix != ".skops":
        msg = f"{path}: a model file must end in .skops; name it {path.with_suffix('.skops').name}."
        raise ModelError(msg)
    if path.exists() and not force:
        msg = f"{path}: is there already. Name another file, or replace it with --force."
        raise ModelError(msg)


def save_tagger(tagger: Tagger, path: Path | str) -> None:
    """Write a tagger to `path`, and beside it its manifest, `path`.json.

    Raises
    ------
    ModelError
        The name does not end in .skops.
    InputError
        The folder cannot be written to; no file is left half written.
    """
    path = Path(path)
    check_model_name(path, force=True)
    content = skops.io.dumps({"features": tagger.features, "heads": tagger.heads}, compression=zipfile.ZIP_DEFLATED)
    write_atomic(path, content)
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    manifest = {
        "format": MODEL_FORMAT,
        "model_id": tagger.model_id,
        "sha256": file_sha256(path),
        "bytes": len(content),
        "unpacked_bytes": sum(part.file_size for part in parts),
        "parts": len(parts),
        "trusted_types": list(TRUSTED),
        "thresholds": tagger.thresholds,
        "review_margin": tagger.review_margin,
        "about": tagger.about,
    }
    write_atomic(_manifest_path(path), (json.dumps(manifest, indent=1) + "\n").encode("utf-8"))


def load_tagger(path: Path | str, codebook: Codebook) -> Tagger:
    """Read a tagger for a codebook.

    Parameters
    ----------
    path
        A .skops file with its manifest beside it.
    codebook
        The codebook to tag with; its id, dimensions and exclusions must be the model's.

    Raises
    ------
    ModelError
        The file or its manifest is missing, was altered, is larger than it says, holds a type that is not ours, was
        made by another minor release of scikit-learn or for another codebook, or does not fit its manifest. All but the
        last is found before anything of the file is constructed.
    """
    path = Path(path)
    manifest = _read_manifest(path)
    _check_file(path, manifest)
    _check_versions(path, manifest["about"], codebook)
    unknown = set(manifest["trusted_types"]) | set(skops.io.get_untrusted_types(file=path))
    if unknown - set(TRUSTED):
        msg = f"{path}: holds types that g7tag does not trust: {listed(unknown - set(TRUSTED))}. Do not use this file."
        raise ModelError(msg)
    parts = skops.io.load(path, trusted=list(TRUSTED))
    try:
        tagger = Tagger(
            parts["features"], parts["heads"], manifest["thresholds"], manifest["review_margin"], manifest["about"]
        )
        fits = _fits(tagger)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        msg = f"{path}: does not hold a tagger ({error!r}). Train it again: `g7tag train -o {path.name}`."
        raise ModelError(msg) from error
    if not fits:
        msg = (
            f"{path}: its classifiers do not fit its features or labels. Train it again: `g7tag train -o {path.name}`."
        )
        raise ModelError(msg)
    return tagger


def default_model(codebook: Codebook) -> Path:
    """Return the path of the model that comes with g7tag for a codebook.

    Raises
    ------
    ModelError
        None comes for this codebook.
    """
    path = data_path(f"models/{codebook.id}.skops")
    if not path.is_file():
        msg = (
            f"codebook {codebook.id!r}: no model comes with g7tag for it. Train one, "
            "`g7tag train -o M.skops --codebook FILE --corpus FILE`, and name it with --model M.skops."
        )
        raise ModelError(msg)
    return path


def _manifest_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _read_manifest(path: Path) -> dict[str, Any]:
    for file in (path, _manifest_path(path)):
        if not file.is_file():
            msg = (
                f"{file}: no such file. "
                "Expected a model M.skops with M.skops.json beside it, as `g7tag train` writes them."
            )
            raise ModelError(msg)
    try:
        manifest = json.loads(_manifest_path(path).read_text(encoding="utf-8"))
        if manifest["format"] != MODEL_FORMAT:
            msg = f"{path}: has format {manifest['format']!r}, expected {MODEL_FORMAT}. Train it again with this g7tag."
            raise ModelError(msg)
        wanted = {"sha256", "bytes", "unpacked_bytes", "parts", "trusted_types", "thresholds", "review_margin", "about"}
        missing = wanted - set(manifest)
        missing |= {"codebook", "dimensions", "exclusions", "scikit-learn"} - set(manifest["about"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{_manifest_path(path)}: cannot be read ({error!r}). Expected the manifest that `g7tag train` wrote."
        raise ModelError(msg) from error
    if missing:
        msg = f"{_manifest_path(path)}: lacks {listed(missing)}. Expected the manifest that `g7tag train` wrote."
        raise ModelError(msg)
    return dict(manifest)


def _check_file(path: Path, manifest: dict[str, Any]) -> None:
    """Refuse a file that is not the one the manifest describes, before anything unpacks it."""
    size = path.stat().st_size
    if size != manifest["bytes"] or size > MOST_BYTES or file_sha256(path) != manifest["sha256"]:
        msg = (
            f"{path}: was altered since it was trained (its sha256 is not that of {path.name}.json). "
            "Train it again, or get it again."
        )
        raise ModelError(msg)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        msg = f"{path}: not a skops file ({error}). Expected a model that `g7tag train` wrote."
        raise ModelError(msg) from error
    unpacked = sum(part.file_size for part in parts)
    strange = [part.filename for part in parts if part.filename.startswith("/") or ".." in Path(part.filename).parts]
    if unpacked != manifest["unpacked_bytes"] or unpacked > MOST_BYTES or not 0 < len(parts) <= MOST_PARTS or strange:
        msg = (
            f"{path}: unpacks to {unpacked:,} bytes in {len(parts)} parts, "
            f"expected {manifest['unpacked_bytes']:,} and at most {MOST_BYTES:,}. Do not use this file."
        )
        raise ModelError(msg)


def _check_versions(path: Path, about: dict[str, Any], codebook: Codebook) -> None:
    made, here = str(about["scikit-learn"]), sklearn.__version__
    if made.split(".")[:2] != here.split(".")[:2]:
        msg = (
            f"{path}: was trained with scikit-learn {made}, here is {here}. "
            f"Train it again: `g7tag train -o {path.name}`."
        )
        raise ModelError(msg)
    found = (about["codebook"], about["dimensions"], about["exclusions"])
    if found != (codebook.id, codebook.dimension_keys, codebook.exclusion_keys):
        msg = (
            f"{path}: was trained for codebook {about['codebook']!r} with dimensions {', '.join(about['dimensions'])}, "
            f"expected {codebook.id!r} with {', '.join(codebook.dimension_keys)}. Name its codebook, or train a model."
        )
        raise ModelError(msg)


def _fits(tagger: Tagger) -> bool:
    """Whether every label has a classifier of finite weights as wide as the features."""
    width = len(tagger.features.get_feature_names_out())
    keys = tagger.about["dimensions"]
    if set(tagger.heads) != {*keys, STRONG, EXCLUSION} or set(tagger.thresholds) != set(keys):
        return False
    weights = [head.coef_ for head in tagger.heads.values() if hasattr(head, "coef_")]
    return all(array.shape[1] == width and np.isfinite(array).all() for array in weights)

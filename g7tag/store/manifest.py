"""The manifest of a run directory: its steps, with their settings and frames."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from g7tag.errors import RunError
from g7tag.frames import FIXED
from g7tag.store.files import text_sha256, write_atomic
from g7tag.text import listed

MANIFEST = "manifest.json"
MANIFEST_FORMAT = 1
"""Increase it if older manifests can no longer be read; `read_manifest` must then say what to do."""
MOST_BYTES = 4_000_000
"""Maximum size of a manifest; that of a typical run has 4,000 bytes."""
FRAME_NAMES = frozenset({*FIXED, "tags"})
"""Frames that a manifest may list; each is the name of a file."""

Steps = dict[str, dict[str, Any]]
"""Settings and frames of each step, in the order in which the steps ran."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Frame(_Strict):
    """Number of rows and hash of a frame when it was written."""

    rows: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"\A[0-9a-f]{64}\z")]


class _Step(_Strict):
    """A step that has started (no frames yet) or is done."""

    settings: dict[str, JsonValue]
    frames: dict[str, _Frame]


class _Manifest(_Strict):
    """A manifest; `sha256` is the hash of the steps, None in a manifest of an older g7tag."""

    format: int
    steps: dict[str, _Step]
    sha256: str | None = None

    def steps_sha256(self) -> str:
        """Return the hash of the steps."""
        steps = {name: step.model_dump() for name, step in self.steps.items()}
        return text_sha256(json.dumps(steps, sort_keys=True))


class _Format(BaseModel):
    """The part of a manifest that is read before its format is known."""

    model_config = ConfigDict(strict=True)

    format: int


def read_manifest(file: Path) -> Steps:
    """Return the steps of a manifest."""
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            msg = f"{file}: has {size:,} bytes, expected at most {MOST_BYTES:,}. {_ADVICE}"
            raise RunError(msg)
        content = file.read_bytes()
        found = _Format.model_validate_json(content).format
        if found != MANIFEST_FORMAT:
            msg = f"{file}: has format {str(found)[:20]}, expected {MANIFEST_FORMAT}. Run into a new directory."
            raise RunError(msg)
        manifest = _Manifest.model_validate_json(content)
    except (OSError, ValidationError) as error:
        msg = f"{file}: cannot be read ({_cause(error)}). {_ADVICE}"
        raise RunError(msg) from error
    if manifest.sha256 is not None and manifest.sha256 != manifest.steps_sha256():
        advice = "Restore a copy of it, or move the directory away and run again."
        msg = f"{file}: was changed since g7tag wrote it. {advice}"
        raise RunError(msg)
    unknown = {name for step in manifest.steps.values() for name in step.frames} - FRAME_NAMES
    if unknown:
        msg = f"{file}: lists frames that g7tag does not have: {listed(unknown)}. {_ADVICE}"
        raise RunError(msg)
    return {name: step.model_dump() for name, step in manifest.steps.items()}


def write_manifest(file: Path, steps: Steps) -> None:
    """Write a manifest atomically."""
    manifest = _Manifest.model_validate({"format": MANIFEST_FORMAT, "steps": steps})
    manifest = manifest.model_copy(update={"sha256": manifest.steps_sha256()})
    content = f"{manifest.model_dump_json(indent=1)}\n".encode()
    if len(content) > MOST_BYTES:
        msg = f"{file}: would have {len(content):,} bytes, expected at most {MOST_BYTES:,}. Use fewer inputs at a time."
        raise RunError(msg)
    write_atomic(file, content)


_ADVICE = "Move the directory away and run again."


def _cause(error: OSError | ValidationError) -> str:
    """Return the first error in one line."""
    if isinstance(error, OSError):
        return str(error.strerror)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else str(first["msg"])

"""Run directories: a Parquet file for each frame, and a manifest of the steps with their settings."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pandas as pd
import pandera.pandas as pa
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from g7tag.errors import FrameError, RunError
from g7tag.frames import FIXED, validate
from g7tag.store.files import LOCK, file_sha256, inside, locked, package_version, text_sha256, write_atomic
from g7tag.store.tables import parquet_bytes, read_frame
from g7tag.text import counted, listed, shortened

Frames = dict[str, pd.DataFrame]
Models = Mapping[str, pa.DataFrameSchema]
Settings = Mapping[str, Any]
Steps = dict[str, dict[str, Any]]
"""Settings and frames of each step, in the order in which the steps ran."""
Value = TypeVar("Value")

MANIFEST = "manifest.json"
MOST_BYTES = 4_000_000
"""Maximum size of a manifest; that of a typical run has 4,000 bytes."""
CODEBOOK_FILE = "codebook.toml"
"""The codebook with which the reports were read."""
PAGES = ("report.html",)
"""Files made from all frames; removed when a frame is replaced."""
KEPT = {
    "reviews.sqlite", "reviews.sqlite-journal", "ledger.csv", "ledger.xlsx", "labels",
}  # fmt: skip
"""Work of people in a run directory; never replaced, not even with --force."""
RENEWED = ("reviews", "labels", "counted", "gaps", "codebook", "min_strong_items")
"""Settings that people's work or a better codebook may change; if they change, the step runs again without --force."""
COMMANDS = {
    "tag": ("tags", "marks"),
    "score": ("annotations", "labels", "evidence_matrix", "scores", "thresholds", "flips"),
    "audit": ("findings", "joint_actions", "equal_evidence"),
}
"""Commands that compute frames from those of earlier commands."""


class RunDirectory:
    """The directory of one run: a Parquet file for each frame, and a manifest with the steps and their settings."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self.path = path
        self.force = force
        self._steps = self._read_manifest()

    def step(self, name: str, settings: Settings, models: Models, compute: Callable[[], Frames]) -> Frames:
        """Return the frames of a step: read if it was done with these settings, otherwise computed and written."""
        given = {**settings, "g7tag": package_version()}
        wanted = json.loads(json.dumps(given, default=lambda number: number.item()))  # numbers of frames are of numpy
        done = self._steps.get(name)
        if done and not self.force:
            found = done["settings"]
            for key, value in wanted.items():
                if found.get(key) != value and key not in RENEWED:
                    msg = (
                        f"{self.path}: step {name!r} was run with a different setting {key!r}: found "
                        f"{_short(found.get(key))}, expected {_short(value)}. Choose another directory, "
                        "or replace its frames with --force."
                    )
                    raise RunError(msg)
            if set(models) <= set(done["frames"]) and found == wanted:
                return {frame: self._read_unchanged(frame, done, models[frame]) for frame in models}
        frames = {frame: validate(content, models[frame], source=name) for frame, content in compute().items()}
        self._write(name, wanted, frames)
        return frames

    def read(self, models: Models) -> Frames:
        """Return frames of earlier steps."""
        written = {frame: step for step in self._steps.values() for frame in step["frames"]}
        missing = next((frame for frame in models if frame not in written), None)
        if missing is not None:
            self._refuse_meanwhile()
            if not self.path.exists():
                msg = f"{self.path}: no such directory. Check the path, or make the run: `g7tag run REPORT -o DIR`."
                raise RunError(msg)
            found = f"it has {', '.join(written)}" if written else "it is not a run directory"
            known = next((name for name, frames in COMMANDS.items() if missing in frames and written), "")
            command = f"{known} {self.path}" if known else f"run REPORT -o {self.path}"
            msg = f"{self.path}: no {missing} frame; {found}. Run `g7tag {command}` first."
            raise RunError(msg)
        return {frame: self._read_unchanged(frame, written[frame], model) for frame, model in models.items()}

    def has(self, frame: str) -> bool:
        """Return True if a frame was written."""
        return any(frame in step["frames"] for step in self._steps.values())

    def setting(self, step: str, name: str, default: Value) -> Value:
        """Return a setting of a step, or the default if it is not set."""
        found = self._steps.get(step, {}).get("settings", {}).get(name, default)
        if type(found) is not type(default):
            msg = (
                f"{self.path / MANIFEST}: setting {name!r} of step {step!r} is {_short(found)}, expected "
                f"{type(default).__name__}. Restore the manifest that g7tag wrote, or run into a new directory."
            )
            raise RunError(msg)
        return found

    def replace_codebook(self, sha256: str, content: bytes) -> None:
        """Make a codebook the one of the directory, and remove the frames that follow from its rules."""
        with locked(self.path):
            self._refuse_overtaken()
            later = [frame for name in ("score", "audit") for frame in COMMANDS[name]]
            outdated = [*map(self._file, later), *self._made_from_scores()]
            for name, step in self._steps.items():
                kept = {frame: entry for frame, entry in step["frames"].items() if frame not in later}
                settings = step["settings"] | ({"codebook": sha256} if name == "ingest" else {})
                self._steps[name] = {"settings": settings, "frames": kept}
            write_manifest(self.path / MANIFEST, self._steps)
            _remove(outdated)
            write_atomic(self.inside(CODEBOOK_FILE), content)

    def write_file(self, name: str, content: bytes) -> Path:
        """Write a file that is not a frame, such as a page, atomically, and return its path."""
        file = self.inside(name)
        if not file.is_file() or file.read_bytes() != content:
            _make_folder(file.parent)
            write_atomic(file, content)
        return file

    def inside(self, name: str) -> Path:
        """Return the path of a file in the directory."""
        return inside(self.path, name)

    def _write(self, name: str, settings: dict[str, Any], frames: Frames) -> None:
        """Write a step: record its start, write its frames, record its end. Later steps are removed."""
        _make_folder(self.path)
        with locked(self.path):
            self._refuse_overtaken()
            steps = list(self._steps)
            later = steps[steps.index(name) :] if name in steps else []
            outdated = [self._file(frame) for step in later for frame in self._steps.pop(step)["frames"]]
            outdated += self._made_from_scores() if "score" in later else map(self.inside, PAGES)
            self._save(name, settings, {})  # before removing files, or the manifest could list missing ones
            _remove(outdated)
            entries = {}
            for frame, content in frames.items():
                written = parquet_bytes(content)
                write_atomic(self._file(frame), written)
                entries[frame] = {"rows": len(content), "sha256": hashlib.sha256(written).hexdigest()}
            self._save(name, settings, entries)

    def _made_from_scores(self) -> list[Path]:
        return [*sorted(self.inside("receipts").glob("*.json")), *map(self.inside, PAGES)]

    def _save(self, name: str, settings: dict[str, Any], entries: dict[str, Any]) -> None:
        self._steps[name] = {"settings": settings, "frames": entries}
        write_manifest(self.path / MANIFEST, self._steps)

    def _read_manifest(self) -> Steps:
        if self.path.exists() and not self.path.is_dir():
            msg = f"{self.path}: is a file. Expected a directory for the run. Choose another path."
            raise RunError(msg)
        manifest = self.inside(MANIFEST)
        if manifest.is_file():
            return read_manifest(manifest)
        found = sorted(file.name for file in self.path.iterdir()) if self.path.is_dir() else []
        strangers = [name for name in found if name not in KEPT and not name.startswith(".g7tag-")]
        if strangers:
            msg = (
                f"{self.path}: has {strangers[0]!r} and no manifest. Expected an empty directory or a run "
                "directory. Choose another directory."
            )
            raise RunError(msg)
        return {}

    def _read_unchanged(self, frame: str, step: dict[str, Any], model: pa.DataFrameSchema) -> pd.DataFrame:
        file, entry = self._file(frame), step["frames"][frame]
        if not file.is_file() or file_sha256(file) != entry["sha256"]:
            self._refuse_meanwhile()
            what = "was changed since g7tag wrote it" if file.is_file() else "is missing"
            msg = (
                f"{file}: {what}. Expected {counted(entry['rows'], 'row')} with sha256 {entry['sha256'][:12]}. "
                "Rerun the command that wrote it with --force."
            )
            raise RunError(msg)
        try:
            return read_frame(file, model)
        except FrameError as error:
            wrote, now = step["settings"].get("g7tag"), package_version()
            other = f"by g7tag {wrote}, and this is g7tag {now}"
            how = other if wrote != now else "with another codebook, or by another build of g7tag"
            msg = f"{error}\nIt was written {how}. Rerun the command that wrote it with --force."
            raise RunError(msg) from error

    def _refuse_meanwhile(self) -> None:
        """Raise an error if another g7tag is writing here, or has written since this one started."""
        if (self.path / LOCK).is_file():
            with locked(self.path):
                pass
        self._refuse_overtaken()

    def _refuse_overtaken(self) -> None:
        if self._read_manifest() != self._steps:
            msg = f"{self.path}: another g7tag wrote there in the meantime. Run again, or choose another directory."
            raise RunError(msg)

    def _file(self, frame: str) -> Path:
        return self.inside(f"{frame}.parquet")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder}: cannot create the folder ({error.strerror}). Choose a writable place, or move it away."
        raise RunError(msg) from error


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            msg = f"{file}: cannot be removed ({error.strerror}). Expected a file of g7tag. Move it away and run again."
            raise RunError(msg) from error


def _short(value: object) -> str:
    return shortened(json.dumps(value, ensure_ascii=False), most=160)


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
    """A manifest; a hash of the steps that is missing is not checked."""

    format: Literal[1]
    steps: dict[str, _Step]
    sha256: str | None = None


def read_manifest(file: Path) -> Steps:
    """Return the steps of a manifest, which anybody may have written."""
    try:
        if (size := file.stat().st_size) > MOST_BYTES:
            raise _unusable(file, f"has {size:,} bytes, expected at most {MOST_BYTES:,}")
        manifest = _Manifest.model_validate_json(file.read_bytes()).model_dump()
    except OSError as error:
        raise _unusable(file, f"cannot be read ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        cause = ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
        raise _unusable(file, f"cannot be read ({cause})") from error
    steps: Steps = manifest["steps"]
    if manifest["sha256"] not in {None, _sha256_of(steps)}:
        raise _unusable(file, "was changed since g7tag wrote it")
    unknown = {name for step in steps.values() for name in step["frames"]} - {*FIXED, "tags"}
    if unknown:  # each name is that of a file
        raise _unusable(file, f"lists frames that g7tag does not have: {listed(unknown)}")
    return steps


def write_manifest(file: Path, steps: Steps) -> None:
    """Write a manifest atomically."""
    manifest = {"format": 1, "steps": steps, "sha256": _sha256_of(steps)}
    content = f"{json.dumps(manifest, indent=1, ensure_ascii=False)}\n".encode()
    if len(content) > MOST_BYTES:
        msg = f"{file}: would have {len(content):,} bytes, expected at most {MOST_BYTES:,}. Use fewer inputs at a time."
        raise RunError(msg)
    write_atomic(file, content)


def _sha256_of(steps: Steps) -> str:
    return text_sha256(json.dumps(steps, sort_keys=True))


def _unusable(file: Path, problem: str) -> RunError:
    return RunError(f"{file}: {problem}. Restore a copy of it, or move the directory away and run again.")

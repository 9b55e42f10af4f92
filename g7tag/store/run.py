"""Run directories, with a Parquet file for each frame and a manifest."""

import hashlib
import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pandera.pandas as pa

from g7tag.errors import FrameError, RunError
from g7tag.frames import validate
from g7tag.store.files import file_sha256, inside, package_version, write_atomic
from g7tag.store.locks import is_locked, locked
from g7tag.store.manifest import MANIFEST, read_manifest, write_manifest
from g7tag.store.tables import parquet_bytes, read_frame
from g7tag.text import counted

Frames = dict[str, pd.DataFrame]
Models = Mapping[str, pa.DataFrameSchema]
Settings = Mapping[str, Any]
Value = TypeVar("Value")

CODEBOOK_FILE = "codebook.toml"
"""The codebook with which the reports were read."""
PAGES = ("report.html",)
"""Files made from all frames; removed when a frame is replaced."""
RECEIPTS = "receipts"
"""Folder of the files of the step `score`."""
KEPT = {
    "reviews.sqlite", "reviews.sqlite-wal", "reviews.sqlite-shm", "ledger.csv", "ledger.xlsx", "labels",
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
        wanted = json.loads(json.dumps({**settings, "g7tag": package_version()}))
        done = self._steps.get(name)
        if done and not self.force:
            self._refuse_other_settings(name, done["settings"], wanted)
            if set(models) <= set(done["frames"]) and done["settings"] == wanted:
                return {frame: self._read_unchanged(frame, done, models[frame]) for frame in models}
        frames = {frame: validate(content, models[frame], source=name) for frame, content in compute().items()}
        self._write(name, wanted, frames)
        return frames

    def read(self, models: Models) -> Frames:
        """Return frames of earlier steps."""
        written = {frame: step for step in self._steps.values() for frame in step["frames"]}
        missing = [frame for frame in models if frame not in written]
        if missing:
            self._refuse_meanwhile()
            if not self.path.exists():
                self._refuse_missing()
            found = f"it has {', '.join(written)}" if written else "it is not a run directory"
            known = [name for name, frames in COMMANDS.items() if not set(frames).isdisjoint(missing)]
            read = written and all(any(name in frames for frames in COMMANDS.values()) for name in missing)
            command = f"g7tag {known[0]} {self.path}" if read else f"g7tag run REPORT -o {self.path}"
            msg = f"{self.path}: no {missing[0]} frame; {found}. Run `{command}` first."
            raise RunError(msg)
        return {frame: self._read_unchanged(frame, written[frame], model) for frame, model in models.items()}

    def _refuse_missing(self) -> None:
        beside = [place.name for place in self.path.absolute().parent.glob("*/") if (place / MANIFEST).is_file()]
        near = get_close_matches(self.path.name, beside, n=1)
        hint = f" Did you mean {str(self.path.with_name(near[0]))!r}?" if near else ""
        msg = (
            f"{self.path}: no such directory.{hint} Check the path, or make the run: `g7tag run REPORT -o {self.path}`."
        )
        raise RunError(msg)

    def has(self, frame: str) -> bool:
        """Return True if a frame was written."""
        return any(frame in step["frames"] for step in self._steps.values())

    def setting(self, step: str, name: str, default: Value) -> Value:
        """Return a setting of a step, or the default if it is not set."""
        found = self._steps.get(step, {}).get("settings", {}).get(name, default)
        if type(found) is not type(default):
            expected = type(default).__name__
            msg = (
                f"{self.path / MANIFEST}: setting {name!r} of step {step!r} is {_short(found)}, expected {expected}. "
                "Restore the manifest that g7tag wrote, or run into a new directory."
            )
            raise RunError(msg)
        return found

    def replace_codebook(self, sha256: str, content: bytes) -> None:
        """Make a codebook the one of the directory, and remove the frames that follow from its rules."""
        with locked(self.path):
            self._refuse_meanwhile(locked_here=True)
            later = [frame for name in ("score", "audit") for frame in COMMANDS[name]]
            outdated = [self._file(frame) for frame in later] + self._made_from_scores()
            for name, step in self._steps.items():
                kept = {frame: entry for frame, entry in step["frames"].items() if frame not in later}
                settings = step["settings"] | ({"codebook": sha256} if name == "ingest" else {})
                self._steps[name] = {"settings": settings, "frames": kept}
            write_manifest(self.path / MANIFEST, self._steps)
            for file in outdated:
                file.unlink(missing_ok=True)
            write_atomic(self.inside(CODEBOOK_FILE), content)

    def write_file(self, name: str, content: bytes) -> Path:
        """Write a file that is not a frame, such as a page, atomically, and return its path."""
        file = self.inside(name)
        if not file.is_file() or file.read_bytes() != content:
            try:
                file.parent.mkdir(exist_ok=True)
            except OSError as error:
                msg = f"{file.parent}: cannot be created as a folder ({error.strerror}). Move it away and run again."
                raise RunError(msg) from error
            write_atomic(file, content)
        return file

    def inside(self, name: str) -> Path:
        """Return the path of a file in the directory."""
        return inside(self.path, name)

    def _write(self, name: str, settings: dict[str, Any], frames: Frames) -> None:
        """Write a step: record its start, write its frames, record its end. Later steps are removed."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"{self.path}: cannot create the directory ({error.strerror}). Choose a writable directory."
            raise RunError(msg) from error
        with locked(self.path):
            self._refuse_meanwhile(locked_here=True)
            outdated = self._forget(name)
            folders = [file for file in outdated if file.is_dir()]
            if folders:
                msg = f"{folders[0]}: is a folder. Expected a file of g7tag. Move it away and run again."
                raise RunError(msg)
            self._save_manifest(name, settings, {})  # before removing files, or the manifest could list missing ones
            for file in outdated:
                file.unlink(missing_ok=True)
            entries = {}
            for frame, content in frames.items():
                written = parquet_bytes(content)
                write_atomic(self._file(frame), written)
                entries[frame] = {"rows": len(content), "sha256": hashlib.sha256(written).hexdigest()}
            self._save_manifest(name, settings, entries)

    def _forget(self, name: str) -> list[Path]:
        """Remove a step and all later steps from the manifest; return their files and those made from them."""
        steps = list(self._steps)
        later = steps[steps.index(name) :] if name in steps else []
        removed = [self._steps.pop(step) for step in later]
        frames = [self._file(frame) for step in removed for frame in step["frames"]]
        return frames + (self._made_from_scores() if "score" in later else [self.inside(page) for page in PAGES])

    def _made_from_scores(self) -> list[Path]:
        """Return the receipts and pages."""
        return [*sorted(self.inside(RECEIPTS).glob("*.json")), *(self.inside(page) for page in PAGES)]

    def _save_manifest(self, name: str, settings: dict[str, Any], entries: dict[str, Any]) -> None:
        self._steps[name] = {"settings": settings, "frames": entries}
        write_manifest(self.path / MANIFEST, self._steps)

    def _read_manifest(self) -> dict[str, Any]:
        if self.path.exists() and not self.path.is_dir():
            msg = f"{self.path}: is a file. Expected a directory for the run. Choose another path."
            raise RunError(msg)
        manifest = self.inside(MANIFEST)
        if not manifest.is_file():
            strangers = [] if not self.path.is_dir() else [file.name for file in sorted(self.path.iterdir())]
            strangers = [name for name in strangers if name not in KEPT and not name.startswith(".g7tag-")]
            if strangers:
                msg = (
                    f"{self.path}: has {strangers[0]!r} and no manifest. Expected an empty directory or a run "
                    "directory. Choose another directory."
                )
                raise RunError(msg)
            return {}
        return read_manifest(manifest)

    def _refuse_other_settings(self, name: str, found: dict[str, Any], wanted: dict[str, Any]) -> None:
        for key, value in wanted.items():
            if found.get(key) != value and key not in RENEWED:
                msg = (
                    f"{self.path}: step {name!r} was run with a different setting {key!r}: found "
                    f"{_short(found.get(key))}, expected {_short(value)}. Choose another directory, "
                    "or replace its frames with --force."
                )
                raise RunError(msg)

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

    def _refuse_meanwhile(self, *, locked_here: bool = False) -> None:
        """Raise an error if another g7tag is writing here, or has written since this one started."""
        if not locked_here and is_locked(self.path):
            msg = f"{self.path}: another g7tag is writing there. Wait until it has finished, then run again."
            raise RunError(msg)
        if self._read_manifest() != self._steps:
            msg = f"{self.path}: another g7tag wrote there in the meantime. Run again, or choose another directory."
            raise RunError(msg)

    def _file(self, frame: str) -> Path:
        return self.inside(f"{frame}.parquet")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}..."

"""Paths of bundled data, hashes, and atomic writes."""

import hashlib
import os
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from g7tag.errors import InputError, RunError


def data_path(name: str) -> Path:
    """Return the path of a bundled data file: in the installed package or, in a checkout, next to it."""
    package = Path(__file__).parent.parent
    inside = package / "data"
    return (inside if inside.is_dir() else package.parent / "data") / name


def package_version() -> str:
    """Return the installed version of g7tag, or "0" if it is not installed."""
    try:
        return version("g7tag")
    except PackageNotFoundError:
        return "0"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def inside(directory: Path, name: str) -> Path:
    """Return the path of a file in a run directory."""
    path = directory / name
    try:
        is_link = path.resolve() != directory.resolve() / name
    except (OSError, RuntimeError):  # circular links, up to Python 3.12
        is_link = True
    if is_link:
        msg = f"{path}: is a link. Expected a file or folder of the run directory itself. Put a copy in its place."
        raise RunError(msg)
    return path


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file completely or not at all: an interrupted write leaves the old file or none, never a part."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".g7tag-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        msg = (
            f"{path}: cannot write ({error.strerror}). Expected a writable folder with enough space. "
            "Nothing was written."
        )
        raise InputError(msg) from error

"""Read and write named arrays without objects (.npz): what a tagger has learned."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from g7tag.errors import ModelError

MOST_BYTES, MOST_ARRAYS = 200_000_000, 100
"""Maximum unpacked size and number of arrays of a file; they are checked before anything is unpacked."""
Arrays = dict[str, npt.NDArray[Any]]
Floats: TypeAlias = npt.NDArray[np.float64]


def read_arrays(content: bytes, *, where: str) -> Arrays:
    """Return the arrays of a file by name; all numbers are finite."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_BYTES or len(parts) > MOST_ARRAYS:
                msg = f"{where}: larger than {MOST_BYTES:,} bytes or {MOST_ARRAYS} arrays. Do not use this file."
                raise ModelError(msg)
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (ValueError, OSError, LookupError, EOFError, RuntimeError, NotImplementedError, MemoryError, zlib.error,
            zipfile.BadZipFile) as error:  # fmt: skip
        msg = f"{where}: does not contain a tagger ({type(error).__name__}). Train it, or download it, again."
        raise ModelError(msg) from error
    wrong = [name for name, array in arrays.items() if not _is_finite(array)]
    if wrong:
        msg = f"{where}: array {wrong[0]!r} is not of finite numbers. Do not use this file."
        raise ModelError(msg)
    return arrays


def _is_finite(array: object) -> bool:
    return isinstance(array, np.ndarray) and array.dtype.kind in "fiu" and bool(np.isfinite(array).all())


def arrays_bytes(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Return the content of a file with these arrays; the same arrays give the same bytes."""
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()


def text_array(text: str) -> npt.NDArray[np.uint8]:
    """Return a text as an array of its bytes."""
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)

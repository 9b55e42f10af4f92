"""Vectors of sentences by their meaning, from a small language model that knows nothing of the labels."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from g7tag.errors import ModelError
from g7tag.store import data_path, file_sha256

MODEL, TOKENIZER = "models/sentence-vectors.onnx", "models/2024-apulia-19.tokenizer.json"
"""all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019; Apache-2.0), with weights of eight bits, and its word
pieces, which are also those of the bundled encoder."""
SHA256 = "caa2aa82e9d891b4f7c793d2066eee8cd17db9a1f9640b6ff0c0ad0222631124"
"""SHA-256 of the model. A tagger that was trained with other vectors would be wrong with these."""
SIZE = 384
MOST_PIECES = 128
MOST_KNOWN = 20_000
"""Sentences whose vectors are kept, 3 kB each."""
Floats = npt.NDArray[np.float64]


def sentence_vectors(texts: Sequence[str]) -> Floats:
    """Return a vector of length 1 for each text; similar meanings have a large product."""
    return np.array([_vector(text) for text in texts], dtype=np.float64).reshape(len(texts), SIZE)


@lru_cache(maxsize=MOST_KNOWN)
def _vector(text: str) -> Floats:
    session, tokenizer = _model()
    ids = np.asarray(tokenizer.encode(text).ids[:MOST_PIECES], dtype=np.int64)
    read = np.asarray(session.run(None, {"input_ids": ids[None]})[0][0], dtype=np.float64)
    vector: Floats = read / np.linalg.norm(read)
    vector.flags.writeable = False
    return vector


@lru_cache(maxsize=1)
def _model() -> tuple[Any, Any]:
    """Return the session and the tokenizer."""
    import onnxruntime  # noqa: PLC0415  # a third of a second
    from tokenizers import Tokenizer  # noqa: PLC0415

    path = data_path(MODEL)
    if not path.is_file() or file_sha256(path) != SHA256:
        msg = f"{path}: missing or changed. It comes with g7tag; install g7tag again."
        raise ModelError(msg)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(data_path(TOKENIZER)))
    except Exception as error:  # onnxruntime and tokenizers raise their own kinds, down to plain Exception
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        msg = f"{path}: cannot be used ({cause}). Install a current onnxruntime."
        raise ModelError(msg) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return session, tokenizer

"""The encoder: a small language model that reads a sentence after the earlier sentences of its item.

It gives each word piece of the sentence a number for every label. Their mean is the log-odds of the label, so the
pieces' shares add up exactly, and each tag can say which words carried it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.errors import ModelError
from g7tag.process import StoppedError, run_limited

MOST_PIECES = 96
"""Word pieces of a sentence that are read; a typical sentence has 30."""
MOST_LENGTH = 144
"""Word pieces of a sentence and its context together."""
MOST_THREADS = 4
MOST_KNOWN = 4_000
"""Sentences whose numbers are kept, 3 kB each."""
INPUTS, OUTPUT = ("input_ids", "token_type_ids"), "pieces"
"""Names of the inputs and the output of the model."""
MOST_SECONDS = 30.0
"""Processor time in which an encoder must load and read long sentences; the bundled one needs two seconds."""
Floats = npt.NDArray[np.float64]


class Piece(NamedTuple):
    """A word of a sentence: its position in the text, and its share of the log-odds of each label."""

    start: int
    end: int
    shares: Floats


class Pieces(NamedTuple):
    """Input of the model: pieces of words of a sentence and its context, and where those of the sentence are in it."""

    ids: npt.NDArray[np.int64]
    offsets: list[tuple[int, int]]

    @property
    def n_own(self) -> int:
        """Number of word pieces of the sentence."""
        return len(self.offsets)

    @property
    def kinds(self) -> npt.NDArray[np.int64]:
        """For each piece, 0 if it is of the sentence and 1 if it is of the context."""
        return (np.arange(len(self.ids)) >= self.n_own + 2).astype(np.int64)

    @property
    def key(self) -> tuple[bytes, int]:
        """What the numbers of the sentence depend on."""
        return self.ids.tobytes(), self.n_own


def open_model(model: bytes, tokenizer: bytes) -> tuple[Any, Any]:
    """Return the session of an ONNX model and its tokenizer; they raise their own errors, down to plain Exception."""
    import onnxruntime  # noqa: PLC0415  # a third of a second
    from tokenizers import Tokenizer  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # sentences are read side by side instead
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")  # its other format is not searched here
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    split = Tokenizer.from_str(tokenizer.decode("utf-8"))
    split.no_padding()
    split.no_truncation()
    return session, split


def cause_of(error: Exception) -> str:
    """Return what a library says is wrong, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


class Encoder:
    """A trained encoder."""

    def __init__(self, model: bytes, tokenizer: bytes, labels: Sequence[str], *, where: str) -> None:
        if b"location" in model:  # the key of data outside the model, which could be any file or memory
            msg = f"{where}: the encoder may refer to data in other files. Do not use it, or train it again."
            raise ModelError(msg)
        self.labels = list(labels)
        self.model_content, self.tokenizer_content = model, tokenizer
        self._known: dict[tuple[bytes, int], Floats] = {}  # sentences are read to tag them, and again to mark words
        try:
            self._session, self.tokenizer = open_model(model, tokenizer)
            shape = self._read(Pieces(np.zeros(2, dtype=np.int64), [])).shape
        except Exception as error:
            msg = (
                f"{where}: the encoder cannot be used ({cause_of(error)}). Install a current onnxruntime, or train it "
                "again."
            )
            raise ModelError(msg) from error
        if shape != (2, len(self.labels)):
            msg = f"{where}: the encoder gives {shape[-1]} numbers for each word. Expected {len(self.labels)}."
            raise ModelError(msg)

    def logits(self, sentences: pd.DataFrame) -> pd.DataFrame:
        """Return the log-odds of every label: one row per sentence, one column per label."""
        rows = self._of_all(list(inputs_of(sentences, self.tokenizer)), self._logits_of)
        values = np.asarray(rows, dtype=np.float64).reshape(len(rows), len(self.labels))
        return pd.DataFrame(values, columns=self.labels, index=sentences.index)

    def words(self, sentences: pd.DataFrame) -> Iterator[list[Piece]]:
        """Yield the words of each sentence with their shares of the log-odds; what they leave is the base."""
        inputs = list(inputs_of(sentences, self.tokenizer))
        for pieces, read, text in zip(inputs, self._of_all(inputs, self._read), sentences["text"], strict=True):
            found: list[Piece] = []
            for (start, end), values in zip(pieces.offsets, read[1 : 1 + pieces.n_own], strict=True):
                shares = values / pieces.n_own
                if found and found[-1].end == start and text[start - 1 : start + 1].isalnum():
                    found[-1] = Piece(found[-1].start, end, found[-1].shares + shares)
                else:
                    found.append(Piece(start, end, shares))
            yield found

    def _of_all(self, inputs: list[Pieces], made: Callable[[Pieces], Floats]) -> list[Floats]:
        """Return what is made of each sentence; threads would only slow down sentences that are known."""
        if all(pieces.key in self._known for pieces in inputs):
            return [made(pieces) for pieces in inputs]
        with ThreadPoolExecutor(max_workers=min(MOST_THREADS, os.cpu_count() or 1)) as pool:
            return list(pool.map(made, inputs))

    def _logits_of(self, pieces: Pieces) -> Floats:
        read = self._read(pieces)
        own = read[1 : 1 + pieces.n_own] if pieces.n_own else read[:1]
        return np.asarray(own.mean(axis=0))

    def _read(self, pieces: Pieces) -> Floats:
        """Return the numbers of the first piece and those of the sentence; known ones are not computed again."""
        known = self._known.get(pieces.key)
        if known is None:
            feed = dict(zip(INPUTS, (pieces.ids[None], pieces.kinds[None]), strict=True))
            read = np.asarray(self._session.run([OUTPUT], feed)[0][0], dtype=np.float64)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[pieces.key] = read[: max(pieces.n_own + 1, 2)]
        return known


def inputs_of(sentences: pd.DataFrame, tokenizer: Any) -> Iterator[Pieces]:
    """Yield the input for each sentence: its word pieces, then those of the earlier sentences of its item."""
    first, last = (tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
    context: list[int] = []
    before = None
    for item_id, text in zip(sentences["item_id"], sentences["text"], strict=True):
        if item_id != before:
            context = []
        before = item_id
        encoding = tokenizer.encode(text, add_special_tokens=False)
        own = encoding.ids[:MOST_PIECES]
        room = MOST_LENGTH - len(own) - 3
        kept = context if len(context) <= room else context[: room // 2] + context[-(room - room // 2) :]
        ids = [first, *own, last, *([*kept, last] if kept else [])]
        yield Pieces(np.asarray(ids, dtype=np.int64), encoding.offsets[: len(own)])
        context = context + own


def require_harmless(model: bytes, tokenizer: bytes, labels: Sequence[str], *, where: str) -> None:
    """Load an encoder in a process with limits, and let it read long sentences there; raise ModelError if it fails."""
    try:
        list(run_limited(try_encoder, model + tokenizer, len(model), list(labels), where, seconds=MOST_SECONDS))
    except StoppedError as error:
        msg = f"{where}: the encoder cannot be used (it {error}). Do not use it, or train it again."
        raise ModelError(msg) from error


def try_encoder(content: bytes, size: int, labels: Sequence[str], where: str) -> Iterator[None]:
    """Let an encoder read long sentences; `size` is that of its model, which precedes the tokenizer."""
    long = " ".join(map(str, range(MOST_LENGTH)))
    encoder = Encoder(content[:size], content[size:], labels, where=where)
    encoder.logits(pd.DataFrame({"item_id": "item", "text": ["", long, long]}))
    yield None

"""The encoder: a small language model that reads a whole item at once. It is the same for every codebook.

It gives each sentence a vector, and what the labelled sentences of many commitments taught it of acts and strength.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.errors import ModelError
from g7tag.store import data_path, file_sha256
from g7tag.tagger.arrays import Arrays, Floats, read_arrays

MODEL, TOKENIZER, SHARED = (f"models/encoder.{kind}" for kind in ("onnx", "tokenizer.json", "npz"))
"""The first layers of all-mpnet-base-v2 (Song et al. 2020; Reimers and Gurevych 2019; Apache-2.0), tuned on labelled
sentences of many commitments; its word pieces; and the weights that all codebooks share."""
MOST_PIECES, MOST_LENGTH = 100, 360
"""Word pieces of a sentence, and of an item, that are read at once; a longer item is read in parts."""
MOST_KNOWN = 20_000
"""Items whose vectors are kept, 3 kB for each sentence."""
MOST_THREADS = 4
FIRST, END = 0, 2
"""Ids of the marks before an item and after each sentence."""
T = TypeVar("T")


class Item(NamedTuple):
    """Word pieces of an item, where its sentences are in them, and where each piece is in its sentence's text."""

    ids: npt.NDArray[np.int64]
    spans: list[tuple[int, int]]
    offsets: list[list[tuple[int, int]]]


class Encoder:
    """The model that comes with g7tag, with the weights that all codebooks share."""

    def __init__(self) -> None:
        self.shared = shared_arrays()
        if file_sha256(data_path(MODEL)) != encoder_sha256():
            msg = f"{data_path(MODEL)}: was changed. It comes with g7tag; install g7tag again."
            raise ModelError(msg)
        import onnxruntime  # noqa: PLC0415  # a third of a second
        from tokenizers import Tokenizer  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # items are read side by side instead
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(str(data_path(MODEL)), options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(data_path(TOKENIZER)))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self._known: dict[tuple[bytes, bytes], Floats] = {}

    def vectors(self, sentences: pd.DataFrame) -> Floats:
        """Return the vector of each sentence, read in its item: shape (n_sentences, size)."""
        items = list(self.items(sentences["text"].tolist(), sentences["item_id"].tolist()))
        read = [vector for each in self.read_all(items) for vector in each]
        return np.array(read, dtype=np.float64).reshape(len(sentences), -1 if read else self.shared["project"].shape[0])

    def texts(self, texts: Sequence[str]) -> Floats:
        """Return the vector of each text, read by itself."""
        return self.vectors(pd.DataFrame({"item_id": range(len(texts)), "text": list(texts)}))

    def items(self, texts: Sequence[str], item_ids: Sequence[Any]) -> Iterator[Item]:
        """Yield the input for each item, or part of an item."""
        encodings = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        pieces = [(each.ids[:MOST_PIECES] or [END], each.offsets[:MOST_PIECES] or [(0, 0)]) for each in encodings]
        start = 0
        while start < len(pieces):
            ids, spans, end = [FIRST], list[tuple[int, int]](), start
            while end < len(pieces) and item_ids[end] == item_ids[start]:
                own = pieces[end][0]
                if spans and len(ids) + len(own) + 1 > MOST_LENGTH:
                    break
                spans.append((len(ids), len(ids) + len(own)))
                ids += [*own, END]
                end += 1
            yield Item(np.asarray(ids, dtype=np.int64), spans, [offsets for _, offsets in pieces[start:end]])
            start = end

    def read_all(self, items: Sequence[Item]) -> list[Floats]:
        """Return the vectors of the sentences of each item."""
        return self._side_by_side(self._read, items)

    def attend_all(self, items: Sequence[Item]) -> list[tuple[Floats, Floats]]:
        """Return how sentences attend to pieces, (n_sentences, n_pieces, n_heads), and what these say, for each item.

        What is read is known afterwards: its vectors are not computed again.
        """
        return self._side_by_side(self._attend, items)

    def _side_by_side(self, read: Callable[[Item], T], items: Sequence[Item]) -> list[T]:
        with ThreadPoolExecutor(max_workers=min(MOST_THREADS, os.cpu_count() or 1)) as pool:
            return list(pool.map(read, items))

    def _read(self, item: Item) -> Floats:
        """Return the vectors of an item; known ones are not computed again."""
        found = self._known.get(_key(item))
        return self._keep(item, self._session.run(["vectors"], _feed(item))[0]) if found is None else found

    def _attend(self, item: Item) -> tuple[Floats, Floats]:
        vectors, weights, values = self._session.run(["vectors", "attention", "values"], _feed(item))
        self._keep(item, vectors)
        return weights, values

    def _keep(self, item: Item, vectors: Any) -> Floats:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        kept = self._known[_key(item)] = np.asarray(vectors, dtype=np.float32)
        return kept


def _key(item: Item) -> tuple[bytes, bytes]:
    return item.ids.tobytes(), bytes(str(item.spans), "ascii")


def _feed(item: Item) -> dict[str, npt.NDArray[Any]]:
    own = np.zeros((len(item.spans), len(item.ids)), dtype=np.float32)
    for row, (start, end) in zip(own, item.spans, strict=True):
        row[start:end] = 1
    return {"ids": item.ids[None], "own": own}


@lru_cache(maxsize=1)
def shared_arrays() -> Arrays:
    """Return what all codebooks share, by name."""
    path = data_path(SHARED)
    if not path.is_file():
        msg = f"{path}: missing. It comes with g7tag; install g7tag again."
        raise ModelError(msg)
    return read_arrays(path.read_bytes(), where=str(path))


def encoder_sha256() -> str:
    """Return the hash of the encoder that these weights are for."""
    return bytes(shared_arrays()["encoder_sha256"]).decode()


@lru_cache(maxsize=1)
def known_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of the labelled sentences of all commitments, and those that are common in them."""
    known, common = (bytes(shared_arrays()[name]).decode("utf-8").split("\n") for name in ("words", "common_words"))
    return frozenset(known), frozenset(common)


@lru_cache(maxsize=1)
def open_encoder() -> Encoder:
    """Return the encoder that comes with g7tag."""
    try:
        return Encoder()
    except Exception as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        msg = f"{data_path(MODEL)}: cannot be used ({cause}). It comes with g7tag; install g7tag and onnxruntime again."
        raise ModelError(msg) from error

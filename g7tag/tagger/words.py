"""Words as features: TF-IDF of words and word pairs, and the codebook's cues in a sentence and earlier in its item.

They make the fast tagger, and find labelled sentences with similar words.
"""

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from g7tag.codebook import Codebook
from g7tag.tagger.arrays import Floats

SETTING = "setting"
"""Prefix of the names of groups without a category."""
KNOWN_WORDS = 50_000
"""Size of the cache of words and their cues."""
KNOWN_TEXTS = 2_000
"""Size of the cache of texts: a sentence is read for its tags, its reasons and its marks."""
ANY_LETTER = ""
ACT_CUES = {
    "planned": [
        "will", "would", "should", "is to", "are to", "intend*", "plans to", "planned to", "plan to", "aims to",
        "wants to", "hopes to", "promis*", "pledg*", "vow*", "propos*", "call* for", "call* on", "urg*", "recommend*",
        "demand*", "consider*", "draft", "bill", "discuss*", "negotiat*",
    ],
    "not_done": [
        "refus*", "reject*", "fail*", "declin* to", "did not", "does not", "do not", "has not", "have not", "was not",
        "were not", "never", "no", "nor", "unable", "cannot", "yet to", "still not", "voted down", "turned down",
        "vetoed", "block*", "dismissed", "lapsed", "expired", "withheld", "shelved", "stall*", "delay*", "postpon*",
        "collapsed", "without",
    ],
    "reversed": [
        "repeal*", "revok*", "rescind*", "scrap*", "abolish*", "annul*", "cancel*", "overturn*", "quash*", "revers*",
        "struck down", "withdr*", "suspend*", "halt*", "discontinu*", "terminat*", "ended", "lifted", "dissolv*",
        "disband*", "dropped", "no longer", "cut", "cuts", "slash*", "halv*", "pulled out", "scaled back", "closed",
    ],
}  # fmt: skip
"""Cues of acts that are not done, by act, for codebooks that have none."""
_ANY_WORD = re.compile(r"\w+")
_FIRST = re.compile(r"[\w*?]+")
MOST_CONTEXT = 20
"""Number of earlier sentences of an item to use; a typical evidence item has fewer."""
WORDS_WEIGHT = 1.4
"""Weight of the word features relative to the cue features, whose variances add up to 1."""
ABOUT = ("on the topic", "off the topic", "off the topic in this sentence")
"""Topic features: a topic cue so far in the item; an off-topic cue in the sentence with no topic cue so far in the
item; and the same with no topic cue in the sentence."""
FEW, SOME, LEAST_COMMON = 0.4, 0.6, 0.1
"""A text with a smaller share of known words than `FEW` is unknown; one below `SOME` also needs `LEAST_COMMON` of
common words."""
LEAST_TEXTS = 2
"""A word or word pair of fewer training sentences is not a feature."""
AT_ONCE = 500
"""Texts compared with the labelled sentences at a time."""
_STOP_WORDS = """
a about above after again against all also am among an and any are as at be because been before being between both but
by can could did do does during each either else for from further had has have he her here hers him his how i if in into
is it its itself many may me more most much must my of off on once one only onto or other others our out over own per
same she should since so some such than that the their them themselves then there these they this those through to too
toward towards under until up upon us very was we were what when where whether which while who whom whose why will with
within would yet you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing of what a sentence is about; negations do."""
_WORD = re.compile(r"\b\w\w+\b")
Cues = Mapping[str, Sequence[str]]


class Found(NamedTuple):
    """A cue found in a text: the index of its group, and its position in the lowercase text."""

    group: int
    start: int
    end: int


class _Cue(NamedTuple):
    """A lowercase cue: the index of its group, its first word ("" if it starts with none), and the whole cue."""

    group: int
    first: str
    whole: str


def codebook_cues(codebook: Codebook) -> dict[str, list[str]]:
    """Return the cues of each group of a codebook, by "category.group", in the codebook's order."""
    categories = (*codebook.dimensions, *codebook.strengths, *codebook.exclusions, *codebook.acts)
    named = [(category.key, category.cues) for category in categories]
    named += [(f"{SETTING}.{kind}", groups) for kind, groups in codebook.cues]
    return {f"{key}.{group}": list(cues) for key, groups in named for group, cues in groups.items() if cues}


def cue_pattern(cue: str) -> str:
    """Return the regular expression of a cue: whole words, `*` for any ending, `?` for any single letter."""
    body = re.escape(cue.lower()).replace(r"\*", r"\w*").replace(r"\?", r"\w").replace(r"\ ", r"\s+")
    return rf"(?<!\w){body}(?!\w)"


class CueFinder:
    """Finds cues in text."""

    def __init__(self, cues: Mapping[str, Sequence[str]]) -> None:
        self._cues: dict[str, list[_Cue]] = {}
        for group, cue in ((group, cue) for group, members in enumerate(cues.values()) for cue in members):
            first = _FIRST.match(cue.lower())
            found = _Cue(group, first.group() if first else "", cue.lower())
            self._cues.setdefault(_letter(cue), []).append(found)
        self._starting_with = lru_cache(maxsize=KNOWN_WORDS)(self._look_up)
        self._found_in = lru_cache(maxsize=KNOWN_TEXTS)(lambda text: tuple(self._search(text)))

    def find(self, text: str) -> tuple[Found, ...]:
        """Return every cue in a text, in order; cues of one group may overlap."""
        return self._found_in(text)

    def _search(self, text: str) -> Iterator[Found]:
        lowered = text.lower()
        for word in _ANY_WORD.finditer(lowered):
            whole, started = self._starting_with(word.group())
            for group in whole:
                yield Found(group, *word.span())
            for group, pattern in started:
                match = pattern.match(lowered, word.start())
                if match:
                    yield Found(group, *match.span())

    def groups(self, text: str) -> set[int]:
        """Return the indices of the groups with a cue in a text."""
        return {found.group for found in self.find(text)}

    def _look_up(self, word: str) -> tuple[frozenset[int], list[tuple[int, re.Pattern[str]]]]:
        """Return the groups of one-word cues that match, and groups and patterns of longer cues that may start here."""
        possible = (*self._cues.get(word[0], ()), *self._cues.get(ANY_LETTER, ()))
        matching = [cue for cue in possible if _matches(word, cue.first)]
        whole = frozenset(cue.group for cue in matching if cue.first == cue.whole)
        return whole, [(cue.group, _compiled(cue.whole)) for cue in matching if cue.first != cue.whole]


def _letter(cue: str) -> str:
    """Return the first letter of a cue, or `ANY_LETTER` if it starts with a wildcard."""
    return ANY_LETTER if cue[:1] in {"", "*", "?"} else cue.lower()[0]


def _matches(word: str, first: str) -> bool:
    """Whether a word matches the first word of a cue."""
    if "?" in first or "*" in first[:-1]:
        return _compiled(first).fullmatch(word) is not None
    return word.startswith(first[:-1]) if first.endswith("*") else word == first != ""


@lru_cache(maxsize=KNOWN_WORDS)
def _compiled(cue: str) -> re.Pattern[str]:
    return re.compile(cue_pattern(cue))


class Words:
    """Reads words and cues; it knows nothing of labels before it is trained."""

    def __init__(self, terms: Sequence[str], idf: Floats, cues: Cues, spread: Floats, n_labels: int) -> None:
        self.terms, self.idf, self.cues, self.spread, self.n_labels = list(terms), idf, dict(cues), spread, n_labels
        self._places = {term: place for place, term in enumerate(self.terms)}

    @classmethod
    def learned(cls, sentences: pd.DataFrame, cues: Cues, n_labels: int) -> "Words":
        """Return a reader of the words of some sentences."""
        terms, idf = vocabulary_of(sentences["text"], least=LEAST_TEXTS)
        flags = cue_matrix(sentences, cues)
        share = np.asarray(flags.mean(axis=0)).ravel()
        spread = np.sqrt(share * (1 - share))
        return cls(terms, idf, cues, np.where(spread > 0, spread, 1.0), n_labels)

    @property
    def n_features(self) -> int:
        """Words, word pairs and flags of cues."""
        return len(self.terms) + self.n_flags

    @property
    def n_flags(self) -> int:
        """Groups of cues in the sentence, earlier ones, and `ABOUT`."""
        return 2 * len(self.cues) + len(ABOUT)

    def read(self, sentences: pd.DataFrame) -> tuple[sparse.csr_matrix, Floats]:
        """Return the features of sentences, and log-odds of 0."""
        words = word_matrix(sentences["text"].tolist(), self._places, self.idf) * WORDS_WEIGHT
        flags = cue_matrix(sentences, self.cues) @ sparse.diags_array(len(self.spread) ** -0.5 / self.spread)
        return sparse.hstack([words, flags], "csr"), np.zeros((len(sentences), self.n_labels))


def words_of(text: str) -> list[str]:
    """Return the words of at least two letters, in lower case and without accents."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = "".join(each for each in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(each))
    return _WORD.findall(lowered)


def terms_of(text: str) -> list[str]:
    """Return the words and word pairs of a text."""
    words = words_of(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def vocabulary_of(texts: Iterable[str], *, least: int = 1) -> tuple[list[str], Floats]:
    """Return the words and word pairs of at least so many texts, in order, and their inverse document frequencies."""
    n, seen = 0, Counter[str]()
    for n, text in enumerate(texts, 1):  # noqa: B007 - the count is used after the loop
        seen.update(set(terms_of(text)))
    terms = sorted(term for term, count in seen.items() if count >= least)
    return terms, np.log((1 + n) / (1 + np.array([seen[term] for term in terms], dtype=np.float64))) + 1


def word_matrix(texts: Sequence[str], places: Mapping[str, int], idf: Floats) -> sparse.csr_matrix:
    """Return TF-IDF of shape (n_texts, n_terms): 1 + log of the count, times `idf`, each row of length 1."""
    starts, columns, values = [0], list[int](), list[float]()
    for text in texts:
        counts = Counter(terms_of(text))
        known = [(places[term], count) for term, count in counts.items() if term in places]
        columns += [place for place, _ in known]
        values += [count for _, count in known]
        starts.append(len(columns))
    data = (1 + np.log(np.asarray(values, dtype=np.float64))) * idf[columns]
    matrix = sparse.csr_matrix((data, np.asarray(columns, dtype=np.int64), starts), shape=(len(starts) - 1, len(idf)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(lengths, 1e-12)) @ matrix)


def cue_matrix(sentences: pd.DataFrame, cues: Cues) -> sparse.csr_matrix:
    """Return 0.0 and 1.0 of shape (n_sentences, 2 n_groups + 3): groups in the sentence, earlier ones, and `ABOUT`."""
    finder, width = finder_of(cues), len(cues)
    topic, off = (
        {place for place, group in enumerate(cues) if group.startswith(f"{SETTING}.{kind}.")}
        for kind in ("topic", "off_topic")
    )
    starts, columns, item = [0], list[int](), None
    context: deque[set[int]] = deque(maxlen=MOST_CONTEXT)
    for item_id, text in zip(sentences["item_id"], sentences["text"], strict=True):
        if item_id != item:
            context.clear()
        item, groups = item_id, finder.groups(text)
        earlier = set().union(*context)
        on_topic, off_topic = bool(topic & (groups | earlier)), bool(off & groups)
        about = (on_topic, off_topic and not on_topic, off_topic and not topic & groups)
        columns += [*sorted(groups), *(width + group for group in sorted(earlier))]
        columns += [2 * width + place for place, is_so in enumerate(about) if is_so]
        starts.append(len(columns))
        context.append(groups)
    shape = (len(sentences), 2 * width + len(ABOUT))
    return sparse.csr_matrix((np.ones(len(columns)), np.asarray(columns, dtype=np.int64), starts), shape=shape)


def finder_of(cues: Cues) -> CueFinder:
    """Return the cached finder of some cues."""
    return _finder(tuple((group, tuple(members)) for group, members in cues.items()))


@lru_cache(maxsize=8)
def _finder(cues: tuple[tuple[str, tuple[str, ...]], ...]) -> CueFinder:
    return CueFinder(dict(cues))


def hardly_known(texts: Iterable[str], known: frozenset[str], common: frozenset[str]) -> Iterator[bool]:
    """Yield whether too few words of a text are known to tag it, for example in another language."""
    for text in texts:
        distinct = set(words_of(text))
        n = max(len(distinct), 1)
        share = len(distinct & known) / n
        yield share < FEW or (share < SOME and len(distinct & common) / n < LEAST_COMMON)


class Neighbours:
    """Search the labelled sentences of a corpus by similarity (cosine of TF-IDF)."""

    def __init__(self, corpus: pd.DataFrame) -> None:
        self._corpus = corpus.reset_index(drop=True)
        terms, self._idf = vocabulary_of(self._corpus["text"])
        self._places = {term: place for place, term in enumerate(terms) if " " not in term}
        self._known = word_matrix(self._corpus["text"].tolist(), self._places, self._idf)

    def nearest(
        self, texts: Sequence[str], *, items: Sequence[str], clusters: Sequence[str], most: int
    ) -> list[pd.DataFrame]:
        """Return the rows most similar to each text, most similar first; equally similar rows keep their order."""
        found = []
        for start in range(0, len(texts), AT_ONCE):
            likeness = word_matrix(texts[start : start + AT_ONCE], self._places, self._idf) @ self._known.T
            for place, row in enumerate(likeness.toarray(), start=start):
                same = self._corpus["item_id"] == items[place]
                if clusters[place]:
                    same |= self._corpus["cluster"] == clusters[place]
                shares = np.where(same, 0.0, row)
                best = np.argsort(-shares, kind="stable")[:most]
                found.append(self._corpus.loc[best[shares[best] > 0]])
        return found

"""Split items into sentences that know their place in the document."""

from typing import NamedTuple

import sentencex

from g7tag.evidence.passage import Passage


class Sentence(NamedTuple):
    """A sentence, and the span of the document's text that it came from (in characters, `end` exclusive)."""

    text: str
    start: int
    end: int


def split_sentences(passage: Passage) -> list[Sentence]:
    """Return the sentences of a passage; the empty passage has none.

    Examples
    --------
    >>> passage = Passage("Mr. Miller met the U.S. envoy. They talked.", list(range(43)), [])
    >>> [sentence.text for sentence in split_sentences(passage)]
    ['Mr. Miller met the U.S. envoy.', 'They talked.']
    """
    sentences = []
    for found in sentencex.get_sentence_boundaries("en", passage.text):
        first, last = found["start_index"], found["end_index"]
        text = passage.text[first:last]
        if text.strip():
            first += len(text) - len(text.lstrip())
            last -= len(text) - len(text.rstrip())
            sentences.append(Sentence(passage.text[first:last], passage.places[first], passage.places[last - 1] + 1))
    return sentences

"""Find the scores at the ends of recognized lines (OCR), and those that may have been read wrongly."""

import re
from collections.abc import Collection, Sequence

from g7tag.sources.headings import SIGN
from g7tag.sources.ocr.words import Word

LOW_SCORE = 75
"""Confidence (0 to 100) below which a score or its sign is doubtful."""
_SIGN = re.compile(SIGN)
_SIGNS = re.compile(r"[^\w\s]|_")  # any sign that may be a misread plus or minus
_SMALL = re.compile(r"[.,`'’]+")  # signs that are never a misread plus or minus
_SCORE = re.compile(r"[^\w\s]{0,2}[01](?:[.,]0+)?[^\w\s]{0,2}")
_LETTERS = re.compile(r"[^\w\s]{0,2}[01OolI|][^\w\s]{0,2}")  # behind a colon, OCR may read letters for the digit
_MOST_WORDS = 6  # before the score


def is_sign_of_number(words: Sequence[Word], place: int) -> bool:
    """Whether a word of a line is the sign of the number after it."""
    after = words[place + 1].text if place + 1 < len(words) else ""
    return bool(_SIGN.fullmatch(words[place].text)) and (
        after[:1].isdecimal() or (0 < place == len(words) - 2 and words[place - 1].text.endswith(":"))
    )


def doubtful_score(words: Sequence[Word], marked: Collection[int] = ()) -> int | None:
    """Return the lowest confidence of the score at the end of a short line, or None if it has none or a sure one."""
    end = len(words)
    while end and not any(letter.isalnum() or letter == "|" for letter in words[end - 1].text):
        end -= 1  # dirt behind the score
    start = end
    while start and start - 1 not in marked and _is_of_score(words, start - 1):
        start -= 1
    head, score = words[:start], words[start:end]
    if not score or len(head) > _MOST_WORDS or not any(letter.isalpha() for word in head for letter in word.text):
        return None
    confidence = [int(word.confidence) for word in score if not _SMALL.fullmatch(word.text)]
    misread = any(_SIGNS.fullmatch(word.text) and not _is_kept(word) for word in score[:-1])
    return min(confidence) if misread or min(confidence) < LOW_SCORE else None


def _is_of_score(words: Sequence[Word], place: int) -> bool:
    text = words[place].text
    behind_colon = any(word.text.endswith(":") for word in words[max(0, place - 2) : place])
    form = _LETTERS if behind_colon else _SCORE
    return bool(form.fullmatch(text) or _SIGNS.fullmatch(text))


def _is_kept(word: Word) -> bool:
    return bool(_SIGN.fullmatch(word.text) or _SMALL.fullmatch(word.text))

"""Read scoring rules from the scoring table and from sentences of the guidelines; what fits no pattern is named."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from g7tag.codebook import Rule
from g7tag.evidence.claims import dimension_words
from g7tag.evidence.passage import Passage, split_sentences
from g7tag.sources.headings import CLOSING_LINE, SCORE

Score: TypeAlias = Literal[-1, 0, 1]


class Scored(NamedTuple):
    """A row of the table or a sentence of the guidelines, and its score; None if it gives none, or several."""

    score: Score | None
    text: str


_COMPLIANCE: Mapping[str, Score] = {"full": 1, "partial": 0, "non": -1, "no": -1}
_MARK = re.compile(
    rf"(?:(?P<word>full|partial|non|no)[- ]?compliance\b)?\s*(?:\(?(?P<score>{SCORE})(?:\.0)?\)?(?=[\s:.–—]|$))?"
    r"\s*[:.–—]?\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_MARK_BEHIND = re.compile(rf"(?P<rest>.+[.;])\s+(?P<score>{SCORE})")
_SAID = re.compile(
    rf"\b(?P<word>full|partial|non|no)(?:ly)?[- ]?compl(?:iance|y|ied)\b|\bscores? of (?P<score>{SCORE})(?!\.?\d|%)",
    re.IGNORECASE,
)
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_DIMENSION = (
    r"(?:dimensions?|components?|areas?|parts?|pillars?|aspects?|elements?|objectives?|goals?|fields?"
    r"|categor(?:y|ies)|priorit(?:y|ies))\b"
)
_TOTAL = re.compile(
    rf"\b(?:all|of the|of these|has|have|having|into) (?P<n>{'|'.join(_WORDS)}|\d{{1,2}}) (?:commitment )?{_DIMENSION}",
    re.IGNORECASE,
)
_SCOPE = r"(?:(?! (?:or|but|unless|except|if|and (?:has|have|is|are|it|they|strong|weak))\b)[^,;.:])*"
_ASIDE = (
    (r":\s*(?:- )?\(?(?:1|a|i)[.)] .*", ""),
    (rf"\b(?:full|partial|non|no)[- ]?compliance(?:,? (?:or|with) (?:an? )?score of {SCORE},?)?", ""),
    (rf"\bscore of {SCORE}", ""),
    (rf",? \b(?:as (?:they|it) relates? to|(?:specified|identified|listed|named) (?:in|by|above|below)"
     rf"|with actions? towards?)\b{_SCOPE}", ""),
    (r"\bact(?:ion|ed)?s?(?: in an? (?:way|manner))?(?: (?:that|which|is|are|was|were|runs?|directly|clearly)){0,4}"
     r" (?:contradict\w+|contrary|counter) to(?: (?:the|its|their|this))?(?: commitment| it\b)?", "contrary"),
)  # fmt: skip
"""What is said beside the numbers: the list behind a sentence, its score, and what the dimensions are about."""
_PLAIN = (
    (r",? (?:and|with|but) (?:weak or no|no or weak) action in the (?:others?|rest)", ""),
    (r"\b(?:strong (?:or|and/or) weak|weak or strong|some)\b", "any"),
    (r"\b(?:actions|measures?|steps?|efforts?|initiatives?)\b", "action"),
    (r"\b(?:fail(?:s|ed)? to|never)\b", "not"),
    (r"\b(?:another|single)\b", "1"),
    (r"\b(?:just|exactly)\b", "only"),
    (r"(\d) ?(?:to|through|–|—|-) ?(\d)", r"\1-\2"),
    (r"(?<!not )\b(?:be|for|assigned|awarded|given|granted|receives?|achieves?|needs|requires)\b", ""),
    (r"\bg\d+ ", ""),
    (r"(?<!\d )\b(?:members?|country|countries)\b", ""),
    (r"\b(?:an?|the|its|their|these|this|those|whose|it|they|that|which|who|has|have|had|been|taken?|takes"
     r"|taking|took|made?|makes?|demonstrat\w+|show\w*|exhibit\w*|exemplif\w+|undert\w+|will|shall|must|is|are|does|do|did"
     r"|in|to|on|commitment|identified|core|key|main|following|other)\b", ""),
    (r",? but not (?:both|all)\b", " less"),
    (r"\s+(?=[,;.:\s]|$)|[.:]$", ""),
    (r"^[\s,]+", ""),
)  # fmt: skip
"""Words of one meaning become one word, and words without a meaning for the rule go; in this order."""
_N = r"(\d{1,2})"
_COUNTS: tuple[tuple[str, Callable[[int, Sequence[int]], tuple[int, int]]], ...] = (
    (rf"between {_N} and {_N}", lambda _, found: (found[0], found[1])),
    (rf"{_N}(?:, \d){{0,8}}(?:-|,? or ){_N}", lambda _, found: (found[0], found[1])),
    (rf"(?:at least|minimum(?: of)?) {_N}", lambda n, found: (found[0], n)),
    (rf"{_N} or (?:more|all|both)", lambda n, found: (found[0], n)),
    (rf"more than {_N}", lambda n, found: (found[0] + 1, n)),
    (rf"(?:fewer|less) than {_N}", lambda _, found: (0, found[0] - 1)),
    (rf"(?:at most|up to) {_N}", lambda _, found: (0, found[0])),
    (rf"(?:all|each)(?: of)? {_N}", lambda n, found: (n, found[0])),
    (r"both", lambda n, _: (n, 2)),
    (r"all|each|every", lambda n, _: (n, n)),
    (r"none|neither", lambda *_: (0, 0)),
    (r"any(?! (?:strong |weak )?action)|either", lambda n, _: (1, n)),
    (rf"(?:only )?{_N}", lambda _, found: (found[0], found[0])),
)
"""Numbers of dimensions, of n in all. A bare number is exactly this number."""
_STRONG, _WEAK = r"strong action #(?P<strong>\d+-\d+)", r"weak(?: action)? #(?P<weak>\d+-\d+)"
_NOT = r"(?:not|no) (?:any )?"
_RULES = {
    rf"{_NOT}action(?: #any)?|action #0-0": "no action",
    rf"{_NOT}strong action(?: #any)?": "no strong action",
    _STRONG: "strong action in {strong} of {n}",
    rf"(?:only )?{_WEAK}": "only weak action, in {weak} of {n}",
    rf"{_STRONG} (?:and|with) {_WEAK}": "strong action in {strong} and weak action in {weak} of {n}",
    rf"{_NOT}strong action(?: #any)? (?:and|but) (?:only )?{_WEAK}": "only weak action, in {weak} of {n}",
    "contrary": "action contradictory to the commitment",
}
"""The rules that plain words give, by pattern. Without a number, there is no strong action."""


def table_rows(text: str) -> list[Scored]:
    """Return the rows of the scoring table; a score stands before, behind or beside the middle of its row."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not CLOSING_LINE.match(line)]
    marked = [_marked(line) for line in lines]
    middle = any(mark and rest[:1].islower() for mark, rest in marked)
    rows: list[tuple[list[str], str]] = []
    for mark, rest in marked:
        words = rows[-1][1] if rows else ""
        opens = words.endswith((".", ";")) or (mark and words and not middle)
        if not rows or (opens and not rest[:1].islower()):
            rows.append(([], ""))
        marks, words = rows[-1]
        rows[-1] = ([*marks, mark] if mark else marks, f"{words} {rest}".strip())
    signed = any(_score(mark) == -1 for marks, _ in rows for mark in marks)
    return [Scored(_row_score(marks, signed=signed), words) for marks, words in rows if words]


def guideline_sentences(text: str) -> list[Scored]:
    """Return the sentences of the guidelines that mention a score."""
    found = []
    for sentence in sentences_of(text):
        scores = {_score(match["score"] or match["word"]) for match in _SAID.finditer(sentence)}
        if scores:
            found.append(Scored(scores.pop() if len(scores) == 1 else None, sentence))
    return found


def sentences_of(text: str) -> list[str]:
    """Return the sentences of all paragraphs."""
    return [
        sentence.text
        for paragraph in text.split("\n\n")
        for sentence in split_sentences(Passage(paragraph, list(range(len(paragraph))), []))
    ]


def stated_total(text: str) -> int | None:
    """Return how many dimensions a text says there are; None if it does not say, or says different numbers."""
    totals = {_number(match["n"]) for match in _TOTAL.finditer(text)}
    return totals.pop() if len(totals) == 1 else None


def read_rules(rows: Sequence[Scored], labels: Mapping[str, str]) -> tuple[list[Rule], list[str]]:
    """Return the rules that rows give for dimensions (labels by key), and the rows that were not read, or not whole."""
    rules: list[Rule] = []
    unread = []
    for row in rows:
        parts = _alternatives(_plain(row.text, labels))
        found = [None if row.score is None else _rule(part, row.score, len(labels)) for part in parts]
        rules.extend(rule for rule in found if rule and rule not in rules)
        unread.extend([row.text] if None in found else [])
    return rules, unread


def _marked(line: str) -> tuple[str, str]:
    """Return the score of a line, or "", and the rest of the line."""
    match = _MARK_BEHIND.fullmatch(line) or _MARK.fullmatch(line)
    found = match.groupdict() if match else {"score": "", "rest": line}
    return found["score"] or found.get("word") or "", found["rest"]


def _score(mark: str) -> Score:
    if mark.lower() in _COMPLIANCE:
        return _COMPLIANCE[mark.lower()]
    return 0 if mark.endswith("0") else 1 if mark[0] in "+＋1" else -1


def _row_score(marks: Sequence[str], *, signed: bool) -> Score | None:
    """Return the score of a row. A bare 1 counts only in a table with a negative score, and alone."""
    scores = {_score(mark) for mark in marks if mark != "1"}
    if not scores and marks and signed:
        return 1
    return scores.pop() if len(scores) == 1 else None


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS.index(word.lower()) + 1


def _plain(text: str, labels: Mapping[str, str]) -> str:
    """Return a row in plain words, each number of dimensions as "#least-most"."""
    n = len(labels)
    words = re.sub(rf"\b(?:{'|'.join(_WORDS)})\b", lambda match: str(_number(match[0])), " ".join(text.lower().split()))
    for pattern, plain in _ASIDE:
        words = re.sub(pattern, plain, words)
    words = _without_names(words, labels)
    for pattern, plain in _PLAIN:
        words = re.sub(pattern, plain, words)
    for pattern, bounds in _COUNTS:
        number = rf"(?<![#@\d-])\b(?:{pattern})(?![\d-])(?: of)?(?: (?P<of>\d+))?(?: {_DIMENSION})?"
        words = re.sub(number, lambda match, bounds=bounds: _count(match, bounds, n), words)  # type: ignore[misc]
    words = re.sub(rf"({'only weak' if n > 1 else '(?:strong|weak)'} action)(?! #)", rf"\1 #1-{n}", words)
    return words.replace(f"#1-{n} less", f"#1-{n - 1}")


def _without_names(words: str, labels: Mapping[str, str]) -> str:
    """Replace a list of all dimensions by its number: "a, b or c" is one or more; behind a colon it adds nothing."""
    n = len(labels)
    for place, key in enumerate(sorted(labels, key=lambda key: -len(labels[key]))):
        words = re.sub(rf"\b{re.escape(labels[key].lower())}\b|{dimension_words(key).pattern}", f"@{place}", words)
    on = r"(?: (?:to|on|in|for|towards?|the)){0,3}"
    names = rf"(?P<colon>:)?{on} @\d+(?:(?:,? (?:and|or)|,){on} @\d+)+(?: \w+)?(?=[,;.:]|$| or )"

    def number(match: re.Match[str]) -> str:
        joins = set(re.findall(r"\b(?:and|or)\b", match[0]))
        if len(set(re.findall(r"@\d+", match[0]))) < n or len(joins) != 1:
            return match[0]
        return "" if match["colon"] else f" #{1 if joins == {'or'} else n}-{n}"

    return re.sub(names, number, words)


def _count(match: re.Match[str], bounds: Callable[[int, Sequence[int]], tuple[int, int]], n: int) -> str:
    """Return a number of dimensions as "#least-most", or the words as they are if it is not possible among n."""
    *numbers, total = match.groups()
    least, most = bounds(n, [int(each) for each in numbers])
    return f"#{least}-{most}" if least <= most <= n and total in {None, str(n)} else match[0]


def _alternatives(words: str) -> list[str]:
    """Return the parts of "a, b or c"; a comma without a later "or" stays, and fits no pattern."""
    *before, last = re.split(r",? or |; ", words)
    return [part.strip(" ,;.:") for group in before for part in group.split(", ")] + [last.strip(" ,;.:")]


def _rule(words: str, score: Score, n: int) -> Rule | None:
    """Return the rule of one alternative; None if it fits no pattern, or cannot be met."""
    for pattern, name in _RULES.items():
        match = re.fullmatch(pattern.replace("#any", f"#1-{n}"), words)
        if not match:
            continue
        if words == "contrary":
            return Rule(name=name, score=score, contradicted=True)
        bounds = {level: list(map(int, count.split("-"))) for level, count in match.groupdict().items()}
        strong, weak = bounds.get("strong", [0, 0]), bounds.get("weak", [0, 0] if name == "no action" else None)
        said = {level: str(low) if low == high else f"{low} to {high}" for level, (low, high) in bounds.items()}
        possible = strong[0] + (weak[0] if weak else 0) <= n
        return Rule(name=name.format(**said, n=n), score=score, strong=strong, weak=weak) if possible else None
    return None

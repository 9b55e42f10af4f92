"""Read scoring rules from the words of a chapter's guidelines and scoring table."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from g7tag.codebook import Rule
from g7tag.evidence.claims import dimension_words
from g7tag.evidence.passage import Passage, split_sentences
from g7tag.sources.headings import CLOSING_LINE, SCORE

Score: TypeAlias = Literal[-1, 0, 1]
FULL: Score = 1
PARTIAL: Score = 0
NO: Score = -1
Cells: TypeAlias = frozenset[tuple[int, int]]
"""Pairs of numbers: dimensions with strong action, and dimensions with weak action."""


class Scored(NamedTuple):
    """One sentence or row of the guidelines, and the score that it gives; None if the score cannot be read."""

    score: Score | None
    text: str


class Rules(NamedTuple):
    """Rules in the order of the text."""

    rules: list[Rule]
    sentences: list[Scored]
    unread: list[tuple[str, str]]


class _Phrase(NamedTuple):
    """What a text says about one level: "weak action in at least two dimensions"."""

    levels: frozenset[str]
    words: str
    only: bool
    negated: bool
    where: str
    start: int
    span: tuple[int, int]  # with the words before it that belong to it, such as "has not taken"
    joined: str  # the word between the phrase before and this one: "or", "and" or ""


class _Count(NamedTuple):
    """A number of dimensions, from `least` to `most`."""

    least: int
    most: int
    words: str
    rest: bool = False
    named: tuple[int, ...] = ()


class UnreadError(ValueError):
    """A phrase that cannot be read; the message says why, and names no place."""


_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)} | {"a single": 1}
_N = rf"(?:{'|'.join(_WORDS)}|a single|\d{{1,2}})"
_NOUN = r"(?:actions?|measures?|steps?|efforts?|initiatives?)"
_DIMENSION = (
    r"(?:dimensions?|components?|areas?|parts?|pillars?|aspects?|elements?|objectives?|goals?|commitments?|targets?|"
    r"categor(?:y|ies)|fields?|priorit(?:y|ies)|criteri(?:on|a)|themes?|strands?)\b"
)
_QUALIFIED = (
    r"(?:(?:commitment|identified|named|core|key|main|listed|different|specified|following|aforementioned|compliance|"
    r"other|additional|further)(?:['’]s)? )*"
)
_OF = rf"(?: of (?:the |these |those |its |their |all )?(?:(?P<of>{_N}) )?)?"
_PLACE = rf"(?:{_OF} ?{_QUALIFIED}{_DIMENSION}|(?= ?(?:$|[,;.:])))"
_LEVEL = rf"(?:(?:no |any |some )?(?:strong|weak)|none(?= in\b)|no(?= (?:or|{_NOUN}))|any(?= {_NOUN})|some(?= {_NOUN}))"
_CONTRARY = r"(?:contradict\w*|contrary to|counter to|antithetical|undermin\w*|at odds with|in violation of)"
_PHRASE = re.compile(
    rf"\b(?P<contrary>(?:{_NOUN} |act(?:s|ed)? (?:in (?:a|any) (?:way|manner) )?)?"
    rf"(?:(?:that|which|is|are|was|were|has|have|been|runs?|directly|clearly) ){{0,8}}{_CONTRARY}"
    r"(?: (?:to|with|the|its|their|this|aims? of|spirit of|goals? of)){0,8}(?: commitment)?)"
    rf"|\b(?P<only>(?:only|just|merely) )?(?P<levels>{_LEVEL}(?:(?: {_NOUN} or (?=no )| or | and/or | nor |, or )"
    rf"(?:only )?{_LEVEL})*)"
    rf"(?:(?: [a-z]+)? {_NOUN}\b|(?= in\b|\s*(?:$|[.,;])))"
    rf"|\b(?P<loose>(?<=take )|(?<=takes )|(?<=taken )|(?<=taking )|(?<=took ))(?:further )?{_NOUN}\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?P<mark>[,;:—–-]?)\s*\b(?P<word>and/or|or|and|but|while|whereas|with|plus|nor|as well as|yet)?"
    r"(?P<lead>(?:\s*\b(?:the|an?|whose|their|its|those|members?'s|g7|g8|g20|members?|country|countries|it|they|that|which|who|has|have|had|take|takes|"
    r"taken|taking|took|demonstrat\w+|shows?|shown|exemplif\w+|undertak\w+|undertook|made|makes?|is|are|either|if|when|"
    r"did|does|do|not|fails?|failed|failing|to|without|never|also|in|there|exhibits?|exhibited|been|has|only|neither)\b,?)*)"
    r"\s*$",
    re.IGNORECASE,
)
_NO_LEVEL = re.compile(r"no (?:strong|weak)\b")
_NEGATED = re.compile(r"\b(?:not|fails?|failed|failing|without|never|neither|nor)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:unless|except|provided|as long as|of which|including|subject to|in addition)\b", re.I)
_AUXILIARY = r"(?:has|have|had|is|are|was|were|do|does|did|will|would|shall|should|must|can|could|may|might)\b"
_GIVES_SCORE = r"(?![^.;,]{0,40}\b(?:scores?|complian\w*|complied|an?\s*(?:$|[.;,])))"  # "are in partial compliance"
_CLAUSE = re.compile(
    rf"(?:\b(?:and|but|or|yet|then|it|they|that|which|who) )?\b{_AUXILIARY}{_GIVES_SCORE}"
    r"|\b(?:and|but|or|yet|then|it|they|also) (?:(?:it|they|also|then) ){0,3}"
    r"(?:[a-z]{2,}ed|gave|held|kept|made|met|paid|put|set|spent"
    r"|[a-z]{3,}s (?=(?:an?|the|its|their|to|at|each|every)\b))"
    r"|\b(?:if|when|whenever|once|until|after|before)\b",
    re.IGNORECASE,
)
"""A clause with a verb of its own, or a condition: no rule holds it."""
_BOTH_NOT = re.compile(r"\bbut not (?:in )?(?:both|all)\b", re.IGNORECASE)
_ANY = re.compile(r"\b(?:any|either)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|cannot|never|without|neither|nor|rather than|instead of)\b|n['’]t\b", re.IGNORECASE)
_ACTIONS = re.compile(rf"\b(?:{_N}|several|multiple|many|more)(?: or more)? $", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:(?<!at )most|a majority|the majority|several|multiple|half|many|a few|various)\b", re.IGNORECASE
)


def read_rules(scored: Sequence[Scored], keys: Sequence[str], *, alone: bool = True) -> Rules:
    """Return the rules that sentences of the guidelines state, and what could not be read."""
    rules: list[Rule] = []
    sentences: list[Scored] = []
    unread: list[tuple[str, str]] = []
    for score, text in scored:
        found: list[Rule] = []
        if score is None:
            unread.append((text, "its score cannot be read"))
        elif not keys:
            unread.append((text, "there are no dimensions to count"))
        else:
            found, problems = _rules_in(text, score, keys, alone=alone)
            unread += [(text, problem) for problem in problems]
        rules += [rule for rule in found if rule not in rules]
        sentences += [Scored(score, text)] if found else []
    return Rules(rules, sentences, unread)


def _rules_in(text: str, score: Score, keys: Sequence[str], *, alone: bool) -> tuple[list[Rule], list[str]]:
    """Return the rules of one sentence, and why others are missing."""
    plain = _PRINTED.sub("", " ".join(text.split()))
    phrases = _phrases(plain)
    if not phrases:
        return [], ["it does not say how many dimensions need strong or weak action"]
    rules: list[Rule] = []
    problems: list[str] = []
    for group in _alternatives(phrases):
        try:
            rules += _rules_of(group, score, keys, alone=alone)
        except UnreadError as error:
            problems.append(str(error))
    return rules, list(dict.fromkeys([*problems, *_left_over(plain, phrases)]))


def _left_over(text: str, phrases: Sequence[_Phrase]) -> list[str]:
    """Return why a sentence says more than its phrases: a condition, a clause, a negation, or a number of actions."""
    condition = _CONDITION.search(text)
    clauses = _clauses(text, phrases)
    problems = [f"{clause!r} is in no rule" for clause in clauses]
    if condition and not any(condition[0] in clause for clause in clauses):
        problems.append(f"what follows {condition[0]!r} is in no rule")
    used = [*(phrase.span for phrase in phrases), *(match.span() for match in _BOTH_NOT.finditer(text))]
    for negation in _NEGATION.finditer(text):
        if not any(start <= negation.start() and negation.end() <= end for start, end in used):
            problems.append(f"the negation {negation[0]!r} is in no rule")
    counted = [_ACTIONS.search(text[max(phrase.start - 30, 0) : phrase.start]) for phrase in phrases]
    problems += [f"it also counts actions ({match[0].strip()!r}), which no rule does" for match in counted if match]
    return problems


def _clauses(text: str, phrases: Sequence[_Phrase]) -> list[str]:
    """Return the clauses that no phrase holds, such as "and has spent money" after "strong action in two areas"."""
    opening, first = text[: phrases[0].span[0]], _LEAD.search(text[: phrases[0].start])
    joined = first and (first["word"] or "with").lower() != "with"
    found = [opening] if joined and opening.strip() else []
    found += [phrase.where[match.start() :] for phrase in phrases for match in [_CLAUSE.search(phrase.where)] if match]
    return [" ".join(clause.strip(" ,;:.").split()) for clause in found]


def _phrases(text: str) -> list[_Phrase]:
    """Return the phrases of a sentence on strong, weak, no or contrary action."""
    found = list(_PHRASE.finditer(text))
    if any(match["levels"] for match in found):  # "strong action in two areas, by taking action on ports"
        found = [match for match in found if match["loose"] is None or _is_counted(text, match, found)]
    phrases = []
    for place, match in enumerate(found):
        begin = found[place - 1].end() if place else 0
        before = text[begin : match.start()]
        lead = _LEAD.search(before)
        end = found[place + 1].start() if place + 1 < len(found) else len(text)
        where = text[match.end() : end]
        after = _LEAD.search(where) if place + 1 < len(found) else None
        words = (match["levels"] or "").lower()
        levels = frozenset() if match["contrary"] else _levels(words)
        said = f"{(lead['word'] or '') if lead else ''} {lead['lead'] if lead else ''}"
        negated = bool(_NEGATED.search(said)) is not bool(_NO_LEVEL.match(words))
        phrases.append(
            _Phrase(
                levels, words, bool(match["only"]) or bool(re.search(r"\bonly\s*$", before)), negated,
                where[: after.start()] if after else where, match.start(),
                (begin + lead.start() if lead else match.start(), match.end()),
                _joined(lead) if place else "",
            )
        )  # fmt: skip
    return phrases


def _is_counted(text: str, match: re.Match[str], found: Sequence[re.Match[str]]) -> bool:
    """Whether "taken action" without a level counts dimensions, or was not taken."""
    later = next((other.start() for other in found if other.start() > match.start()), len(text))
    lead = _LEAD.search(text[: match.start()])
    return bool(lead and _NEGATED.search(lead["lead"])) or _number_in(text[match.end() : later], 10) is not None


def _levels(words: str) -> frozenset[str]:
    named = {level for level in ("strong", "weak") if re.search(rf"\b{level}\b", words)}
    none = {"none"} if re.search(r"\bno(?:ne)?\b(?! (?:strong|weak))", words) else set()
    return frozenset(named | none) or frozenset({"strong", "weak"})


def _joined(lead: re.Match[str] | None) -> str:
    """Return how a phrase is joined to the one before: "or", "and", "," (as the next one), or "?" if unclear."""
    if lead is None:
        return "?"
    word = (lead["word"] or "").lower()
    if word in {"or", "and/or"}:
        return "or"
    return "and" if word else "," if lead["mark"] in {",", ";"} else "?"


def _alternatives(phrases: Sequence[_Phrase]) -> list[list[_Phrase]]:
    """Return the alternatives of a sentence, each a list of phrases that hold together."""
    joins = [phrase.joined for phrase in phrases]
    for place in range(len(joins) - 2, 0, -1):  # a comma in a list stands for the word before its last entry
        if joins[place] == ",":
            joins[place] = joins[place + 1]
    groups: list[list[_Phrase]] = []
    for phrase, join in zip(phrases, joins, strict=True):
        if not groups or join == "or":
            groups.append([])
        groups[-1].append(phrase._replace(joined=join))
    return groups


def _rules_of(group: Sequence[_Phrase], score: Score, keys: Sequence[str], *, alone: bool) -> list[Rule]:
    """Return the rules of one alternative."""
    if any(phrase.joined in {"?", ","} for phrase in group[1:]):
        msg = "it is unclear whether its parts are joined by 'and' or by 'or'"
        raise UnreadError(msg)
    contrary = [phrase for phrase in group if not phrase.levels]
    if contrary:
        if len(group) > 1 or contrary[0].negated:
            msg = "contradictory action is joined with other conditions"
            raise UnreadError(msg)
        return [Rule(name="action contradictory to the commitment", score=score, contradicted=True)]
    counts = [_count(phrase, keys) for phrase in group]
    if any(not count.words for count in counts) and any(count.words for count in counts):
        some = any(phrase.levels == {"strong", "weak"} and not phrase.negated for phrase in group)
        if some or any(count.words.startswith(",") for count in counts):  # "some action, but not strong, in two areas"
            msg = "it is unclear which of its parts the number counts"
            raise UnreadError(msg)
    if len(group) > 1 and len({phrase.levels for phrase in group}) == 1 and all(count.named for count in counts):
        group, counts = group[:1], _joined_names(group, counts)
    named = {count.named for count in counts}
    if len(named) > 1:
        msg = "its parts name different dimensions, which one rule cannot hold"
        raise UnreadError(msg)
    places = named.pop()
    places = () if len(places) == len(keys) else places
    n = len(places) or len(keys)
    cells = _cells(group, counts, n, alone=alone)
    if not cells:
        msg = f"it cannot be met by {n} dimension{'s' if n > 1 else ''}"
        raise UnreadError(msg)
    name = " and ".join(_name(phrase, count) for phrase, count in zip(group, counts, strict=True))
    return _boxes(cells, n, Rule(name=name, score=score, dimensions=[keys[at] for at in places], contradicted=True))


def _joined_names(group: Sequence[_Phrase], counts: Sequence[_Count]) -> list[_Count]:
    """Return the one count of "strong action to plant and strong action to water"."""
    named = tuple(sorted({place for count in counts for place in count.named}))
    if len(named) < len(counts) or any(len(count.named) > 1 for count in counts) or any(each.negated for each in group):
        msg = "its parts name different dimensions, which one rule cannot hold"
        raise UnreadError(msg)
    words = " and".join(count.words for count in counts)
    return [_Count(len(named), len(named), words, named=named)]


def _cells(group: Sequence[_Phrase], counts: Sequence[_Count], n: int, *, alone: bool) -> Cells:
    """Return the numbers of strong and weak dimensions for which all phrases hold."""
    tests: list[Callable[[int, int], bool]] = []
    for place, (phrase, count) in enumerate(zip(group, counts, strict=True)):
        if count.rest and not place:
            msg = "'the other' follows no number"
            raise UnreadError(msg)
        if count.rest and phrase.negated and any(each.levels & phrase.levels for each in group[:place]):
            msg = f"it is unclear what '{phrase.words} action' leaves out in the other dimensions"
            raise UnreadError(msg)
        tests.append(_test(phrase, count, group[:place], n))
    says_strong = any("strong" in phrase.levels for phrase in group)
    weak_alone = not says_strong and any(phrase.only or alone for phrase in group if "weak" in phrase.levels)
    return frozenset(
        (strong, weak)
        for strong in range(n + 1)
        for weak in range(n + 1 - strong)
        if all(test(strong, weak) for test in tests) and not (weak_alone and strong)
    )


def _test(phrase: _Phrase, count: _Count, before: Sequence[_Phrase], n: int) -> Callable[[int, int], bool]:
    def number(levels: frozenset[str], strong: int, weak: int) -> int:
        of = {"strong": strong, "weak": weak, "none": n - strong - weak}
        return sum(of[level] for level in levels)

    def holds(strong: int, weak: int) -> bool:
        counted = number(phrase.levels, strong, weak)
        if count.rest and phrase.negated:
            return counted == 0
        if count.rest:
            return counted + sum(number(each.levels - phrase.levels, strong, weak) for each in before) == n
        return (count.least <= counted <= count.most) is not phrase.negated

    return holds


def _count(phrase: _Phrase, keys: Sequence[str]) -> _Count:
    """Return the number of dimensions of a phrase."""
    n = len(keys)
    if _NO_LEVEL.search(phrase.words, 1):
        msg = f"it is unclear what '{phrase.words} action' leaves out"
        raise UnreadError(msg)
    if vague := _VAGUE.search(phrase.where):
        msg = f"{vague[0].lower()!r} is not a number"
        raise UnreadError(msg)
    found = _number_in(phrase.where, n)
    if found is not None:
        later = _number_in(phrase.where[len(found.words) :], n)
        if later is not None and not _BOTH_NOT.search(phrase.where):
            msg = f"it has a second number: {later.words.strip(' ,')!r}"
            raise UnreadError(msg)
        if phrase.negated and found.least == found.most and found.least not in {0, n}:
            msg = f"it is unclear whether 'not{found.words}' means fewer"
            raise UnreadError(msg)
        every = "none" in phrase.levels and not phrase.negated and _ANY.search(found.words)  # "no action in any area"
        return found._replace(least=n, most=n) if every else found
    named = _named(phrase, keys)
    if named is not None:
        return named
    if "none" in phrase.levels:
        return _Count(n, n, "")
    if phrase.levels == {"strong", "weak"} or phrase.only or phrase.negated or "any " in phrase.words or n == 1:
        return _Count(1, n, "")
    msg = f"it does not say in how many dimensions {' or '.join(sorted(phrase.levels))} action is needed"
    raise UnreadError(msg)


def _named(phrase: _Phrase, keys: Sequence[str]) -> _Count | None:
    """Return the dimensions that a phrase names; None if it names none."""
    at = {place: dimension_words(key).search(phrase.where) for place, key in enumerate(keys)}
    found = {place: match for place, match in at.items() if match}
    if not found:
        return None
    end, last = max(match.end() for match in found.values()), max(match.start() for match in found.values())
    first = min(match.end() for match in found.values())
    between = phrase.where[first:last]
    words = set(re.findall(r"\b(?:or|and/or|and)\b", between.lower()))
    if "and" in words and ("or" in words or phrase.negated):
        msg = "it is unclear whether all of the dimensions that it names are meant, or one of them"
        raise UnreadError(msg)
    if len(found) > 1 and not words:
        msg = "the dimensions that it names are joined neither by 'and' nor by 'or'"
        raise UnreadError(msg)
    n = len(found)
    most = n - 1 if _BOTH_NOT.search(phrase.where) else n
    named = () if n == len(keys) else tuple(found)
    least = n if "none" in phrase.levels or "and" in words else 1
    return _Count(least, most, phrase.where[:end], named=named)


_COUNTS: tuple[tuple[str, Callable[[list[int], int], tuple[int, int]]], ...] = (
    (rf"between (?P<a>{_N}) and (?P<b>{_N}){_PLACE}", lambda found, _: (found[0], found[1])),
    (rf"(?:from )?(?P<a>{_N}) ?(?:to|through|[-–—]) ?(?P<b>{_N}){_PLACE}", lambda found, _: (found[0], found[1])),
    (rf"(?P<a>{_N}) or more{_PLACE}", lambda found, n: (found[0], n)),
    (rf"(?P<a>{_N}) or (?:fewer|less){_PLACE}", lambda found, _: (0, found[0])),
    (rf"(?P<a>{_N})(?:, {_N})*,? or (?P<b>{_N}){_PLACE}", lambda found, _: (found[0], found[1])),
    (rf"(?P<a>{_N})(?:, {_N})*,? or (?:both|all)(?: {_N})?{_PLACE}", lambda found, n: (found[0], n)),
    (rf"(?:at least|a minimum of|no fewer than|no less than) (?P<a>{_N}){_PLACE}", lambda found, n: (found[0], n)),
    (rf"(?:at most|up to|no more than|a maximum of|not more than) (?P<a>{_N}){_PLACE}", lambda found, _: (0, found[0])),
    (rf"more than (?P<a>{_N}){_PLACE}", lambda found, n: (found[0] + 1, n)),
    (rf"(?:fewer|less) than (?P<a>{_N}){_PLACE}", lambda found, _: (0, found[0] - 1)),
    (rf"all(?: of)?(?: the| these| its| those)? (?P<all>{_N})\b(?:{_PLACE})?", lambda _, n: (n, n)),
    (rf"(?:all|each|every)(?: one)?{_PLACE}", lambda _, n: (n, n)),
    (rf"(?:all|each)(?: of)? (?:the|these|its|those) {_QUALIFIED}{_DIMENSION}", lambda _, n: (n, n)),
    (rf"(?P<both>(?<!not )both)(?: of)?(?: the| these| its)? ?{_QUALIFIED}(?:{_DIMENSION})?", lambda _, n: (n, n)),
    (rf"(?:neither|none)(?: of)?(?: the| these| its)? ?{_QUALIFIED}(?:{_DIMENSION}|$)|no {_QUALIFIED}{_DIMENSION}",
     lambda *_: (0, 0)),
    (rf"(?:any|either)(?: one)?{_PLACE}", lambda _, n: (1, n)),
    (rf"(?:any |only |just |exactly )?(?P<a>{_N}){_PLACE}", lambda found, _: (found[0], found[0])),
    (r"another(?! \w+ (?:state|country))", lambda *_: (1, 1)),
)  # fmt: skip
_REST = re.compile(rf"\b(?:the )(?:others?|rest|remaining(?: {_N})?|remainder)\b(?: {_DIMENSION})?", re.IGNORECASE)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Callable[[list[int], int], tuple[int, int]]], ...]:
    return tuple((re.compile(rf"(?<![+−–—‑.\d-])\b(?:{words})", re.IGNORECASE), bounds) for words, bounds in _COUNTS)


def _number_in(where: str, n: int) -> _Count | None:
    """Return the first number of dimensions in a text; None if there is none."""
    found = [(match, bounds) for pattern, bounds in _patterns() for match in [pattern.search(where)] if match]
    rest = _REST.search(where)
    if rest and all(rest.start() <= match.start() for match, _ in found):
        return _Count(0, n, where[: rest.end()], rest=True)
    if not found:
        return None
    match, bounds = min(found, key=lambda pair: pair[0].start())  # of those that start together, the first listed
    if earlier := re.search(rf"\b(?:{_N}|both)\b", where[: match.start()], re.IGNORECASE):
        msg = f"it has another number: {earlier[0]!r}"
        raise UnreadError(msg)
    groups = match.groupdict()
    total = groups.get("of") or groups.get("all") or ("two" if groups.get("both") else None)
    if total and _number(total) != n:
        msg = f"it counts {total.lower()} dimensions, but {n} {'was' if n == 1 else 'were'} found"
        raise UnreadError(msg)
    least, most = bounds([_number(groups[name]) for name in ("a", "b") if groups.get(name)], n)
    if _BOTH_NOT.search(where):
        most = min(most, n - 1)
    return _Count(least, min(most, n) if least <= n else most, where[: match.end()])


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.lower()]


def _name(phrase: _Phrase, count: _Count) -> str:
    """Return the words of a phrase as the name of a rule."""
    said = {"strong": "strong", "weak": "weak", "none": "no"}
    words = " or ".join(word for level, word in said.items() if level in phrase.levels)
    any_level = phrase.levels == {"strong", "weak"}
    if phrase.negated and count.least == 1:  # not in any: none
        return f"no {'' if any_level else f'{words} '}action{count.words.rstrip(' ,;:.')}"
    words = "any" if any_level else words
    limit = _BOTH_NOT.search(phrase.where)
    ending = f", {limit[0]}" if limit and limit[0] not in count.words else ""
    prefix = "not " if phrase.negated else "only " if phrase.only else ""
    return f"{prefix}{words} action{count.words.rstrip(' ,;:.')}{ending}"


def _boxes(cells: Cells, n: int, base: Rule) -> list[Rule]:
    """Return rules that together hold for exactly these numbers of strong and weak dimensions."""
    whole = _box(cells, n, base)
    if whole is not None:
        return [whole]
    rules: list[Rule] = []
    for strong in sorted({cell[0] for cell in cells}):
        weaks = sorted(weak for at, weak in cells if at == strong)
        runs: list[list[int]] = []
        for weak in weaks:
            if runs and weak == runs[-1][-1] + 1:
                runs[-1].append(weak)
            else:
                runs.append([weak])
        rules += [
            base.model_copy(
                update={
                    "name": f"{base.name} ({strong} strong, {_range(run)} weak)", "strong": [strong, strong],
                    "weak": [run[0], run[-1]], "contradicted": False,
                }
            )
            for run in runs
        ]  # fmt: skip
    return rules


def _box(cells: Cells, n: int, base: Rule) -> Rule | None:
    """Return the one rule that holds for exactly these numbers; None if one rule cannot."""
    strongs, weaks = sorted({cell[0] for cell in cells}), sorted({cell[1] for cell in cells})
    every = [0, n]
    for strong in (None, [strongs[0], strongs[-1]]):
        for weak in (None, [weaks[0], weaks[-1]]):
            if strong is None and weak is None:
                continue
            low, high = (strong or every), (weak or every)
            held = {
                (one, other)
                for one in range(low[0], low[1] + 1)
                for other in range(high[0], high[1] + 1)
                if one + other <= n
            }
            if held == cells:
                return base.model_copy(update={"strong": strong, "weak": weak, "contradicted": False})
    return None


def _range(run: Sequence[int]) -> str:
    return str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}"


_COMPLIANCE: tuple[tuple[re.Pattern[str], Score], ...] = (
    (re.compile(r"\bnon[- ]?compliance\b|\bno compliance\b|\bnot compl(?:y|ied)\b", re.IGNORECASE), NO),
    (re.compile(r"\bpartial(?:ly)? compl(?:iance|y|ied)\b", re.IGNORECASE), PARTIAL),
    (re.compile(r"\bfull(?:y)? compl(?:iance|y|ied)\b", re.IGNORECASE), FULL),
)
_NO_MORE = r"(?!\d|\.\d|%)"
_PRINTED = re.compile(
    rf"\bscores? (?:of )?({SCORE}){_NO_MORE}|\(({SCORE})\)|\breceives? (?:an? )?({SCORE}){_NO_MORE}", re.IGNORECASE
)
_OPENS = 60
"""Characters at the start of a sentence within which its score must stand, or at its end."""
_NOT_GIVEN = re.compile(
    r"\bnot (?:be )?(?:assigned|given|awarded|granted|enough|sufficient|suffice|require|required|necessary|need)\b"
    r"|\bneed not\b",
    re.IGNORECASE,
)


def guideline_sentences(text: str) -> list[Scored]:
    """Return the sentences of the interpretive guidelines that give a score; None where it cannot be read."""
    found = []
    for paragraph in text.split("\n\n"):
        for sentence in sentences_of(paragraph):
            scores = _scores_in(sentence)
            if not scores:
                continue
            places = [place for _, place in scores]
            at_start, at_end = min(places) <= _OPENS, max(places) >= len(sentence) - _OPENS
            values = {score for score, _ in scores}
            clear = len(values) == 1 and (at_start or at_end) and not _NOT_GIVEN.search(sentence)
            if clear or _PHRASE.search(sentence):
                found.append(Scored(values.pop() if clear else None, sentence))
    return found


def stated_total(text: str) -> int | None:
    """Return how many dimensions a text says there are; None if it does not say, or says different numbers."""
    words = {
        match[1] for match in re.finditer(rf"\b(?:all|of the|of these) ({_N}) {_QUALIFIED}{_DIMENSION}", text, re.I)
    }
    totals = {_number(word) for word in words}
    return totals.pop() if len(totals) == 1 else None


def table_rows(text: str) -> list[Scored]:
    """Return the rows of the scoring table; the score is None where it cannot be read."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not CLOSING_LINE.match(line)]
    marked = [_marked(line) for line in lines]
    within = bool(marked) and (not marked[0][0] or any(_is_within(line, before) for before, line in pairwise(marked)))
    rows: list[tuple[list[str], list[str]]] = []
    for mark, rest in marked:
        ended = not rows or not rows[-1][1] or rows[-1][1][-1].endswith((".", ";"))
        opens = bool(mark) if not within else ended and bool(rest[:1].isupper())
        if opens or not rows:
            rows.append(([], []))
        rows[-1][0].extend([mark] if mark else [])
        rows[-1][1].extend([rest] if rest else [])
    negative = any(mark[:1] not in {"+", "1", "0"} for marks, _ in rows for mark in marks)
    return [Scored(_score_of(marks, negative=negative), " ".join(words)) for marks, words in rows if words]


def _is_within(line: tuple[str, str], before: tuple[str, str]) -> bool:
    """Whether the score at the start of a line stands within a sentence."""
    return bool(line[0]) and line[1][:1].islower() and not before[1].endswith((".", ";", ":")) and bool(before[1])


def _marked(line: str) -> tuple[str, str]:
    """Return the score at the start of a line, or "", and the rest of the line."""
    match = re.match(rf"(?P<score>{SCORE})(?:\.0)?(?:\s*[:.)–—]?\s+|\s*$)(?P<rest>.*)", line)
    if match:
        return match["score"], match["rest"].strip()
    worded = re.match(r"(?:full|partial|non|no)[- ]?compliance\s*(?:[:–—-]\s*)", line, re.IGNORECASE)
    if worded:
        score = next(score for pattern, score in _COMPLIANCE if pattern.search(line))
        return f"{score:+d}" if score else "0", line[worded.end() :].strip()
    ending = re.match(rf"(?P<rest>.+[.;])\s+(?P<score>{SCORE})$", line)
    if ending:
        return ending["score"], ending["rest"]
    bracketed = re.match(rf".{{0,30}}?\(({SCORE})\)\s*:?\s*(?P<rest>.*)", line)
    return (bracketed[1], bracketed["rest"]) if bracketed else ("", line)


def _score_of(marks: Sequence[str], *, negative: bool) -> Score | None:
    signed = {mark for mark in marks if mark != "1"}
    if not signed and marks:
        return FULL if negative else None
    values = {_printed_score(mark) for mark in signed}
    return values.pop() if len(values) == 1 else None


def _scores_in(sentence: str) -> list[tuple[Score, int]]:
    """Return the scores that a sentence mentions, with their places."""
    printed = [
        (_printed_score(next(filter(None, match.groups()))), match.start()) for match in _PRINTED.finditer(sentence)
    ]
    worded = [(score, match.start()) for pattern, score in _COMPLIANCE for match in pattern.finditer(sentence)]
    return printed + worded


def _printed_score(mark: str) -> Score:
    return PARTIAL if mark.endswith("0") else FULL if mark[0] in "+1" else NO


def sentences_of(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph; an empty one has none."""
    return [each.text for each in split_sentences(Passage(paragraph, list(range(len(paragraph))), []))]

"""Propose the dimensions of a commitment from its guidelines, its scoring table or its own words."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from g7tag.codebook import RESERVED
from g7tag.evidence.guidelines import sentences_of, stated_total, table_rows
from g7tag.text import sentence_case

LISTED, NAMED, WORDED, WHOLE = "list", "sentence", "text", "whole"
"""Where dimensions come from: a list in the guidelines, a sentence that names them, the commitment, or all of it."""


class Dimension(NamedTuple):
    """A proposed dimension. If the chapter does not describe it, the definition repeats its name."""

    key: str
    label: str
    definition: str
    taken_from: str
    described: bool


class Dimensions(NamedTuple):
    """Proposed dimensions in the order of the chapter, and where they come from."""

    found: list[Dimension]
    source: str


class _Entry(NamedTuple):
    head: str
    body: str
    sentence: str
    is_verb: bool = False  # the first word of the head


_MARKER = re.compile(
    r"(?:(?<=\s)|^)(?:[-–•*·] )?\(?(?:(?P<number>\d{1,2})|(?P<letter>[a-h])|(?P<roman>i{1,3}|iv|vi{0,3}))[.)] "
)
_BULLET = re.compile(r"^(?:[-–•*·]\s*)?")
_HEAD = re.compile(r"^(?P<head>[A-Z][^:.;]{1,60}): (?P<body>\S.*)$", re.DOTALL)
_NO_HEAD = re.compile(
    r"^(?:note|examples?|strong|weak|full|partial|non|no|score|compliance|source|definitions?)\b", re.I
)
_SUCH = re.compile(
    r"^(?:(?:such|these|this|those|strong|the) )?(?:measures?|actions?|steps?|efforts?|initiatives?|policies|it) "
    r"(?:(?:may|can|could|might|will|should|would|also|typically|usually) )*"
    r"(?:involves?|includes?|comprises?|consists? of|covers?|entails?|refers? to|means?|encompass(?:es)?)"
    r"(?: but (?:is|are) not limited to)? ",
    re.IGNORECASE,
)
_NEXT = re.compile(r"(?<=[.;]) (?=(?:Some )?[Ee]xamples? of |(?:Full|Partial|Non|No)[- ]?compliance\b|In order to )")
"""Where the text after a list begins, if no blank line ends the list."""
_SCORES = re.compile(r"\b(?:strong|weak|no) actions?\b|\bscores?\b|\bcompliance\b", re.IGNORECASE)
_COLON_LIST = re.compile(
    r"\b(?:dimensions?|components?|areas?|parts?|pillars?|aspects?|elements?|objectives?|goals?|categories|fields|priorities)"
    r"(?: [^.:]{0,40})?: (?P<list>[^.:]{3,400})",
    re.IGNORECASE,
)
_PARTS = re.compile(r";\s*(?:and |or )?|,\s*(?:and |or )?|\s+(?:and|or)\s+", re.IGNORECASE)
_AFTER_LIST = re.compile(r",? (?:as (?:they|it)|which|that|where|who|in order)\b.*", re.IGNORECASE | re.DOTALL)
_LABEL_END = re.compile(r",| (?:that|which|who|from|through|by|as)\b")
_LONGEST = 3_000  # characters of a commitment, and of the last entry of a list
_MOST_WORDS = 6  # of an entry in a sentence
_ANCHOR = re.compile(
    r"\b(?:will|shall|must|to|by)\s+(?:(?:also|further|continue to|work to|commit to|\w+ly)\s+)*", re.I
)
_OBJECT = re.compile(r"^[a-z]+ (?:their|its|our|the|these|those|them|all|more|new|better)\b")
_VERBS = re.compile(
    r"accelerate|achieve|act|adapt|address|adopt|advance|align|allocate|assist|boost|build|champion|close|"
    r"collaborate|combat|complete|conserve|continue|contribute|cooperate|coordinate|create|cut|decarboni[sz]e|"
    r"deepen|defend|deliver|deploy|design|develop|diversify|double|eliminate|empower|enable|encourage|end|endorse|"
    r"enforce|engage|enhance|ensure|establish|expand|facilitate|finance|foster|fund|halt|help|identify|implement|"
    r"improve|increase|integrate|intensify|invest|launch|lead|leverage|limit|maintain|make|manage|mobili[sz]e|"
    r"monitor|operationali[sz]e|phase|plan|preserve|promote|protect|provide|pursue|raise|reach|recogni[sz]e|reduce|"
    r"reform|reinforce|remove|replenish|respond|restore|reverse|safeguard|scale|secure|share|simplify|stop|"
    r"strengthen|support|sustain|tackle|take|track|train|transform|transition|unlock|uphold|use|work"
)
"""Verbs that often open a part of a commitment. They only split it; other verbs are found where they stand together."""
_SMALL = re.compile(
    r"an?|and|or|of|the|to|in|on|for|by|with|from|at|as|their|its|our|this|that|these|those|into|across|through"
)


def propose_dimensions(
    text: str, guidelines: str, scoring_table: str, concepts: Mapping[str, str], *, title: str = ""
) -> Dimensions:
    """Return proposed dimensions: from the guidelines' list, else from the commitment's words, else a single one."""
    lists = _numbered(text[:_LONGEST])
    worded = [entry._replace(sentence=text, is_verb=True) for entry in (lists[0] if lists else [])]
    worded = worded or [_Entry(part, "", text, is_verb=True) for part in _verb_parts(text)]
    rows = "\n\n".join(row.text for row in table_rows(scoring_table))
    verbs = {entry.head.split()[0].lower() for entry in worded if entry.head.split()}
    found = [
        *((LISTED, entries) for entries in [*_numbered(guidelines), _headed(guidelines)]),
        (NAMED, _after_colon(guidelines) or _after_colon(rows)),
        (WORDED, worded),
    ]
    total = stated_total(f"{guidelines}\n{rows}")
    several = [
        (source, entries)
        for source, entries in found
        if len(entries) > 1 and all(each.head.strip() for each in entries)
    ]
    of_total = [(source, entries) for source, entries in several if len(entries) == total]
    for source, entries in of_total or several:
        return Dimensions(_dimensions(entries, verbs, concepts), source)
    whole = _Entry(title.rpartition(":")[2].strip() or "Commitment", text, text)
    return Dimensions(_dimensions([whole], verbs, concepts), WHOLE)


def slug(words: str, taken: Collection[str] = (), *, fallback: str = "dimension") -> str:
    """Return a key that no part has yet, from the first words of a heading."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    content = [word for word in re.findall(r"[a-z][a-z0-9]*", plain) if not _SMALL.fullmatch(word)][:3]
    key = "-".join(content) or fallback
    key = f"{key}-action" if key in RESERVED else key
    used = {*taken, *RESERVED}
    number = 2
    while key in used:
        key = f"{key.rstrip('0123456789').rstrip('-')}-{number}"
        number += 1
    return key


def plain_definition(text: str) -> str:
    """Return a description without its opening words, as in "Such measures may involve"."""
    return sentence_case(_SUCH.sub("", text.strip(), count=1))


def defined_concepts(text: str) -> dict[str, str]:
    """Return the terms that a chapter defines, in lower case, and their definitions; note marks are left out."""
    found = re.findall(
        r"[\"“]([^\"”\n]{2,80})[\"”] (?:is|are) (?:understood|taken|defined) (?:to (?:mean|refer to|be|include)|as) "
        r"([^\n]{3,600})",
        text,
    )
    meanings = {}
    for term, words in found:
        clean = re.sub(r"[⁰¹²³⁴-⁹]+|(?<=[.”\"])\d{1,5}$", "", words).strip()
        first = (sentences_of(clean) or [clean])[0]
        meanings[term.lower()] = sentence_case(re.sub(r"[\"“”]", "", first).strip())
    return meanings


def _dimensions(entries: Sequence[_Entry], verbs: Collection[str], concepts: Mapping[str, str]) -> list[Dimension]:
    found: list[Dimension] = []
    for head, body, sentence, verb in entries:
        words = head.split()
        first = words[0].lower() if words else ""
        is_verb = verb or first in verbs or bool(_VERBS.fullmatch(first))
        taken = [each.key for each in found]
        short = slug(first, taken) if is_verb and first not in taken else ""
        key = short if short and short == slug(first) else slug(head, taken)
        defined = next((concepts[term] for term in (head.lower(), first, f"to {first}") if term in concepts), "")
        short_head = " ".join(_LABEL_END.split(head)[0].split()[:_MOST_WORDS])
        label = sentence_case(short_head.lower() if head.istitle() else short_head)
        definition = plain_definition(body) if body else defined
        found.append(Dimension(key, label, definition or sentence_case(head), sentence, bool(definition)))
    return found


def _numbered(text: str) -> list[list[_Entry]]:
    """Return the numbered lists of a text (1. to n., a) to n) or i) to n)), without those that list scores."""
    lists: list[list[_Entry]] = []
    markers = list(_MARKER.finditer(text))
    for kind, order in (("number", [str(n) for n in range(1, 13)]), ("letter", list("abcdefgh")), ("roman", _ROMAN)):
        run: list[re.Match[str]] = []
        for marker in markers:
            if len(run) < len(order) and _value(marker, kind) == order[len(run)]:
                run.append(marker)
            elif _value(marker, kind) == order[0]:
                lists.append(_entries(text, run))
                run = [marker]
        lists.append(_entries(text, run))
    return [each for each in lists if len(each) > 1 and not any(_SCORES.search(entry.head) for entry in each)]


_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii"]


def _value(marker: re.Match[str], kind: str) -> str | None:
    return marker["roman"] or marker["letter"] if kind == "roman" else marker[kind]


def _entries(text: str, run: Sequence[re.Match[str]]) -> list[_Entry]:
    if len(run) < 2:
        return []
    ends = [*(marker.start() for marker in run[1:]), run[-1].end() + _LONGEST]
    bodies = [text[marker.end() : end] for marker, end in zip(run, ends, strict=True)]
    return [_entry(body.split("\n\n")[0]) for body in bodies]


def _entry(item: str) -> _Entry:
    item = _NEXT.split(" ".join(item.split()), maxsplit=1)[0].strip(" -–•*·;,")
    item = re.sub(r"[,;]? (?:and|or)$", "", item)
    headed = _HEAD.match(sentence_case(item))
    if headed:
        return _Entry(headed["head"], headed["body"], item)
    head = re.split(r"[,;:.(]| [–—-] ", item, maxsplit=1)[0]
    words = head.split()
    body = item if len(words) > _MOST_WORDS or len(item) > len(head) + 3 else ""
    return _Entry(" ".join(words[:_MOST_WORDS]), body, item)


def _headed(text: str) -> list[_Entry]:
    """Return adjacent paragraphs of the form "Heading: description"."""
    best: list[_Entry] = []
    run: list[_Entry] = []
    for paragraph in [*text.split("\n\n"), ""]:
        match = _HEAD.match(_BULLET.sub("", paragraph))
        if match and not _NO_HEAD.match(match["head"]) and len(match["head"].split()) <= _MOST_WORDS:
            run.append(_Entry(match["head"], " ".join(match["body"].split()), paragraph))
        else:
            best, run = max(best, run, key=len), []
    return best if len(best) > 1 else []


def _after_colon(text: str) -> list[_Entry]:
    """Return the entries of the longest list after a word such as "dimensions" and a colon."""
    best: list[_Entry] = []
    sentences = [sentence for paragraph in text.split("\n\n") for sentence in sentences_of(paragraph)]
    for sentence, match in ((each, found) for each in sentences for found in _COLON_LIST.finditer(each)):
        words = _AFTER_LIST.sub("", match["list"]).strip(" ,;")
        parts = [re.sub(r"^\(?(?:\d{1,2}|[a-h])[.)]\s*", "", part.strip()) for part in _PARTS.split(words)]
        verbs = any(part.startswith("to ") for part in parts)
        if verbs:
            parts = [part for part in parts if part.startswith("to ")]
        parts = [re.sub(r"^(?:to|the) ", "", part) for part in parts if part]
        entries = [_Entry(part, "", sentence, is_verb=verbs) for part in parts if len(part.split()) <= _MOST_WORDS]
        if len(entries) == len(parts):
            best = max(best, entries, key=len)
    return best


def _verb_parts(text: str) -> list[str]:
    """Return the parts of a commitment that begin with its verbs; fewer than two if they cannot be separated."""
    best: list[str] = []
    for sentence in sentences_of(text[:_LONGEST]):
        for anchor in _ANCHOR.finditer(sentence):
            best = max(best, _split_verbs(sentence[anchor.end() :].rstrip(" .")), key=len)
    return best


def _split_verbs(words: str) -> list[str]:
    pieces = [piece.strip() for piece in _PARTS.split(words) if piece.strip()]
    if not pieces:
        return []
    parts = [pieces[0]]
    gerunds = pieces[0].split()[0].endswith("ing")  # "by building ports and training crews"
    bare = " " not in pieces[0]  # "dredge, light and insure harbours": verbs stand together up to their object
    for piece in pieces[1:]:
        first = piece.split()[0].lower()
        opens = (
            first.endswith("ing") and piece.count(" ") > 0
            if gerunds
            else bool(_VERBS.fullmatch(first)) or _OBJECT.match(piece)
        )
        if bare or opens:
            parts.append(piece)
        else:
            parts[-1] += f", {piece}"
        bare = bare and " " not in piece
    if gerunds and not all(part.split()[0].endswith("ing") for part in parts):
        return []
    return parts

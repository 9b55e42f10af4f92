"""Read the fields of printed notes: title, publisher, place, dates, translation and URL."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from g7tag.evidence.passage import plain_letters
from g7tag.evidence.urls import KnownUrls, repair_url, restore_hyphens
from g7tag.sources import NOTE, Block
from g7tag.sources.dates import ACCESSED, DAY, MONTH, read_date

_DATE = rf"(?:{DAY}|(?:{MONTH}) \d{{4}}|n\.d)"
_PUBLISHED = re.compile(rf"{_DATE}$")
_SOURCE = re.compile(r"(?P<named>.*\S)\s*\((?P<place>[^()]*)\)$")
_TRANSLATION = re.compile(r"Translation [Pp]rovided by (?P<who>[^.]{1,200})\.")
_ACCESSED = re.compile(rf"[\[(]?{ACCESSED}[:,]?\s*(?P<accessed>{_DATE})?[\])]?\.?")
_URL = re.compile(r"\$?(?:h?ttps?://|www\.).*", re.DOTALL)
_SOURCE_URL = re.compile(
    r"(?:^|(?<=[\s;,(\[$]))h?ttps?://\S+"
    r"(?:(?<=[-_=&?%])\s+\S+|(?<![;,])\s+(?!(?:and|or|see|also|accessed|archived)\b|https?:)[a-z/]\S*)*"
)
"""The URL of one source, perhaps with breaks; after a break it continues in lower case."""
_BACK_LINK = re.compile(r"[↩↑][\ufe0e\ufe0f]?$")  # to the mark, on web pages
COMMA_PUBLISHERS = (
    "Department for Environment, Food and Rural Affairs",
    "Federal Ministry for Education, Family Affairs, Senior Citizens, Women and Youth",
    "Federal Ministry for Family Affairs, Senior Citizens, Women and Youth",
    "Foreign, Commonwealth & Development Office",
    "Foreign, Commonwealth and Development Office",
    "Immigration, Refugees and Citizenship Canada",
    "Innovation, Science and Economic Development Canada",
    "Ministry of Economy, Trade and Industry",
    "Ministry of Land, Infrastructure, Transport and Tourism",
)
"""Publishers with a comma in their name. For others, the last comma separates title and publisher."""


class Fields(NamedTuple):
    """The fields of a note. `named` holds both title and publisher, not yet separated."""

    named: str
    place: str
    published: date | None
    accessed: date | None
    translation: str
    url: str


def read_citations(text: str, blocks: Sequence[Block], *, document_id: str) -> list[dict[str, object]]:
    """Return one row of the citations frame for each note, sorted by number."""
    notes = [block for block in blocks if block.kind == NOTE]
    fields = [split_note(_text_of(note)) for note in notes]
    known = KnownUrls.of([field.url for field in fields], [field.named for field in fields])
    publishers = _known_publishers([field.named for field in fields])
    rows = []
    for note, field in zip(notes, fields, strict=True):
        title, publisher = split_title(field.named, publishers)
        related = note.sure or _share_word(field.url, field.named, field.published)
        url = restore_hyphens(repair_url(field.url, known.words, placed=related), title, known)
        status = "repaired" if url.status == "ok" and _is_detached(text, note) else url.status
        rows.append(
            {
                "document_id": document_id, "note": note.note, "title": title, "publisher": publisher,
                "place": field.place, "published": field.published, "accessed": field.accessed, "url": url.url,
                "url_status": status, "translation": field.translation,
            }
        )  # fmt: skip
    return rows


def notes_of_several_sources(blocks: Sequence[Block]) -> list[int]:
    """Return the numbers of the notes with several URLs, of which `read_citations` reads the first source."""
    return [each.note for each in blocks if each.kind == NOTE and len(_SOURCE_URL.findall(_text_of(each))) > 1]


def split_note(content: str) -> Fields:
    """Parse a note without its number; missing fields are empty or None. Of several sources, the first counts."""
    content = _first_source(content)
    accessed = _ACCESSED.search(content)
    link = _URL.search(content, accessed.end() if accessed else 0)
    head = content[: accessed.start() if accessed else (link.start() if link else len(content))]
    url = link[0] if link else ""
    if accessed and not link and (link := _URL.search(content, 0, accessed.start())):  # the date follows the URL
        head, url = content[: link.start()], link[0].rstrip(" ,.([")
    translation = _TRANSLATION.search(head)
    if translation:
        head = head[: translation.start()] + head[translation.end() :]
    head = " ".join(head.split()).rstrip(" ,.")
    match = _PUBLISHED.search(head)
    source = (head[: match.start()] if match else head).strip(" ,.")
    placed = _SOURCE.fullmatch(source)
    return Fields(
        named=(placed["named"] if placed else source).strip(" ,."),
        place=placed["place"].strip() if placed else "",
        published=read_date(match[0]) if match else None,
        accessed=read_date(accessed["accessed"] or "") if accessed else None,
        translation=" ".join(translation["who"].split()) if translation else "",
        url=url.strip(),
    )


def _first_source(content: str) -> str:
    """Return a note up to its first URL and the access date behind it, if it has another URL."""
    first, second = [*_SOURCE_URL.finditer(content), None, None][:2]
    if first is None or second is None:
        return content
    end = first.start() + len(first[0].rstrip(" .,;"))
    dated = _ACCESSED.match(content, len(content) - len(content[end:].lstrip(" \t\n.,;")))
    return content[: dated.end() if dated else end]


def split_title(named: str, publishers: Sequence[str] = ()) -> tuple[str, str]:
    """Split a note's title from its publisher."""
    title, comma, last = named.rpartition(", ")
    listed = COMMA_PUBLISHERS if comma and last[0].isupper() else (*COMMA_PUBLISHERS, *publishers)
    for publisher in listed:
        if named.endswith(f" {publisher}"):
            return named[: -len(publisher)].strip(" ,."), publisher
    quoted = re.fullmatch(r"(.*),(['\"”’]) ([^,]+)", named)
    if quoted:
        return quoted[1] + quoted[2], quoted[3]
    stopped = re.fullmatch(r"(.*\w{4})\. ([^.,]+)", named)  # a full stop that does not end an abbreviation
    if stopped:
        return stopped[1], stopped[2]
    return (title, last) if comma else (named, "")


def _text_of(note: Block) -> str:
    content = plain_letters(" ".join(map(str.strip, note.pieces()))).strip()
    return _BACK_LINK.sub("", content).removeprefix("Adapted from ").replace("\\$", "$")


def _known_publishers(named: Sequence[str]) -> list[str]:
    """Publishers that follow the last comma of at least two notes, longest first."""
    counts = Counter(split_title(name)[1] for name in named)
    return sorted((name for name, count in counts.items() if name and count > 1), key=lambda name: (-len(name), name))


def _is_detached(text: str, note: Block) -> bool:
    """Whether the note's URL was found elsewhere: before the note or after other notes."""
    return any(
        later.start < earlier.start or text[earlier.end : later.start].strip() for earlier, later in pairwise(note.runs)
    )


def _share_word(url: str, named: str, published: date | None) -> bool:
    """Whether a URL contains a word of the note or its year."""
    words = {word.lower() for word in re.findall(r"[A-Za-z]{4,}", named)}
    return any(word in url.lower() for word in words) or (published is not None and str(published.year) in url)

"""Any text gives evidence or a message; text that notes interrupt between any two words is joined again."""

import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_texts import raised

from g7tag.errors import SourceError
from g7tag.frames import FIXED, validate
from g7tag.sources.documents import read_text

pytestmark = pytest.mark.nightly

FRONT = (
    '19. Safety: Lighthouses\n\n"We will act."\n\nAssessment\n\nJapan\t\t0\n\nJapan: 0\n\n'
    "Japan has partially complied with its commitment to act.\n\n"
)
BACK = (
    "\n\nJapan has partially complied with its commitment to act. It has taken strong action.\n\n"
    "Thus, Japan receives a score of 0.\n\nAnalyst: Nobody Real\n\n"
)
DAYS = ("9 July 2024", "30 September 2024", "1 March 2025")
FIRST_WORDS = ("the Harbour Police", "Minister of Tides Ada Brandeis", "officials")
OPENERS = (
    "They",
    "The ministers",
    "Eleven masons",
    '"Nobody',
    "Zélandre",
    "Under the treaty, each side",
    "In all, they",
)
PHRASES = (
    "met on 5 July 2024 in Port Aurel", "seized 15,200 boats", "paid USD3.2 million", "searched 40 km² of land",
    'said "not before dusk" and', "left by land and/or sea", "at 10:30", "with Mr. Halloway of the U.S. embassy",
    "cross-border ferries,", "in May 2025", "the Court of Audit (CoA)", "17 lanterns", "for the 2024 season",
    "night-time/day-time work", "Lyonesse, Ysmere and Redwater", "which nobody wanted; others", "by 2030",
    "found 10 boats", "98 tons of salt",
)  # fmt: skip
ENDS = (".", '."', "?", " in 2025.", " of 12.")
TITLES = ("Lanterns lit", "Ministers meet, again", "A plan for {next} parishes", "{next} boats seized on 5 July 2024")
FIRST_NOTES = (1, 8, 97, 4414)
PLAIN_FROM = 4414
"""Notes may start with plain digits if no other number in the text is similar."""
BETWEEN = ("\n\n", "\n")
BEHIND_URL = ("\n\n", "\n", " ")
HEAD = "\n\n\f2024 G7 Apulia Summit Final Compliance Report\n\n"
FURNITURE = ("", "", "\n\n744\n\n\f", "\f", f"\n\n744{HEAD}", "\n\nPage 744\n\n")
OPENS_ITEM = re.compile(r"(?:On|In|From|Between|Since|During|By|As of)\b")
"""Words that start an item if a date follows. No cut is made before them, as it would look like a new item."""
FEWEST_FIRST, FEWEST_MIDDLE = 2, 5
"""Minimum words before the first cut and between two cuts: fewer may be a page number, a running head or a URL."""


class Note(NamedTuple):
    """A note as printed, and its URL ("" if it has none)."""

    number: int
    printed: str
    url: str


class Report(NamedTuple):
    """A text, its items as written, without marks, and its notes."""

    content: bytes
    items: list[str]
    notes: list[Note]


@st.composite
def notes(draw, number: int) -> Note:
    """A note whose line may be broken, and whose URL may be missing or detached."""
    plain = number > PLAIN_FROM and draw(st.booleans())
    opening = str(number) if plain else raised(number)
    title = draw(st.sampled_from(TITLES[:2] if plain else TITLES)).format(next=number + 1)
    words = f"{title}, Aurel Herald (Port Aurel) 9 July 2024. Access Date: 20 May 2025.".split()
    place = draw(st.sampled_from([0, 0, 0, 3]))
    broken = f"{' '.join(words[:place])}\n{' '.join(words[place:])}".strip()
    gap = draw(st.sampled_from([" ", " ", "\n", ""]))
    url = f"https://www.paper{number}.example/news/{number}" if gap else ""
    return Note(number, f"{opening} {broken}{gap}{url}", url)


@st.composite
def sentences(draw) -> list[str]:
    """Words of one to four sentences, with "#" for note marks; the first is the rest of an item's opening."""
    written: list[str] = []
    for place in range(draw(st.integers(1, 4))):
        opener = [draw(st.sampled_from(OPENERS))] if place else []
        *phrases, last = draw(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4))
        inner = [phrase + draw(st.sampled_from(["", "", "", "#"])) for phrase in phrases]
        end = draw(st.sampled_from(ENDS)) + ("#" if place == 0 else draw(st.sampled_from(["", "#"])))
        written += " ".join([*opener, *inner, last + end]).split()
    return written


@st.composite
def paragraphs(draw, words: list[str], waiting: list[Note]) -> str:
    """A paragraph of these words, with blocks of the waiting notes between some of them."""
    pieces, start = [], 0
    for place in sorted(draw(st.sets(st.integers(1, len(words) - 1), max_size=3))):
        short = place - start < (FEWEST_MIDDLE if start else FEWEST_FIRST)
        if waiting and not short and not OPENS_ITEM.match(words[place]):
            pieces += [" ".join(words[start:place]), draw(blocks(waiting))]
            start = place
    return "".join([*pieces, " ".join(words[start:])])


@st.composite
def blocks(draw, waiting: list[Note]) -> str:
    """A block of one to four of the waiting notes, and the text around it."""
    count = draw(st.integers(1, min(4, len(waiting))))
    its, waiting[:count] = waiting[:count], []
    above, below = draw(st.sampled_from(FURNITURE)), draw(st.sampled_from(FURNITURE))
    parted = "".join(note.printed + (draw(st.sampled_from(BEHIND_URL)) if note.url else "\n\n") for note in its[:-1])
    last = its[-1].printed + (draw(st.sampled_from(BETWEEN)) if its[-1].url else "\n\n")
    return f"{above}{draw(st.sampled_from(BETWEEN))}{parted}{last}{below}"


@st.composite
def reports(draw) -> Report:
    """A member's section of some items, and two pages after it."""
    number = draw(st.sampled_from(FIRST_NOTES))
    its: list[Note] = []
    waiting: list[Note] = []
    texts, items = [], []
    for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True)):
        rest = draw(sentences())
        words = f"On {day}, {draw(st.sampled_from(FIRST_WORDS))}".split() + rest
        items.append(" ".join(words).replace("#", ""))
        for place, word in enumerate(words):
            if word.endswith("#"):
                note = draw(notes(number + len(its)))
                plain = note.number > PLAIN_FROM and word.endswith(('."#', ".#")) and draw(st.booleans())
                words[place] = word.replace("#", str(note.number) if plain else raised(note.number))
                its.append(note)
                waiting.append(note)
        above = draw(blocks(waiting)) if waiting and texts and draw(st.booleans()) else ""
        texts.append(above + draw(paragraphs(words, waiting)))
    content = FRONT + "\n\n".join(texts) + BACK + "\n\n".join(note.printed for note in waiting) + HEAD * 3
    return Report(content.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode(), items, its)


@given(reports())
@settings(max_examples=100, deadline=None)
def test_items_and_notes_are_those_written(read, report):
    evidence = read(read_text(report.content))
    assert evidence.items["text"].tolist() == report.items
    assert evidence.citations["note"].tolist() == [note.number for note in report.notes]
    assert evidence.citations["url"].tolist() == [note.url for note in report.notes]
    assert ";".join(evidence.items["citations"]) == ";".join(str(note.number) for note in report.notes)


PIECES = [
    "Canada: 0", "Japan: −1", "Narnia: +1", "19. Migration: Smuggling", "7. Energy", "Assessment", "Contents",
    "Average\t+0.50 (75%)", "Canada\t\t0\t", "On 5 July 2024, police seized boats.⁴⁴¹⁴", "On 31 June 2024, they met",
    "Canada has partially complied with its commitment to act.", "Thus, Canada receives a score of 0.",
    "Analysts: Ann Other and Bo Li", "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/x-",
    "⁴⁴¹⁵", "4415 n.d. https://b.it", "https://c.it/lone", "\f", "744", "²", "9" * 400, "(" * 50, "\ufffd\u00ad\u200b",
    "Table B: 2024 G7 Apulia Final Compliance Scores", "Canada France Japan Average", "1. Energy +1 0 n/a 0.50 75%",
    "Table D: Final Compliance Scores by Commitment", "1 Energy +1.00 100%", "2024 G7 Apulia Summit", "“We will act.”",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=40).flatmap(
    lambda pieces: st.sampled_from(["\n", "\n\n", " ", "\t"]).map(lambda between: between.join(pieces))
)


@given(TEXTS, st.data())
@settings(max_examples=150, deadline=None)
def test_any_text_gives_whole_frames_or_a_message(read, text, data):
    text = text.encode("utf-8", "replace").decode("utf-8")
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    hidden = [(start, end, "white") for start, end in zip(places[::2], places[1::2], strict=False) if start < end]
    try:
        evidence = read(text, hidden=hidden)
    except SourceError:
        return
    for name, frame in evidence._asdict().items():
        validate(frame, FIXED[name], source=name)
    assert set(evidence.sentences["item_id"]) <= set(evidence.items["item_id"])
    assert (evidence.sentences["end"] <= len(text)).all()

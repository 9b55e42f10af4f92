"""The words that people read: no banned phrase, readable prose, a short README."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PHRASES = r"""
    told; tells of; gravest; graver; grave\b; (is|are) another than; becomes another; mend(ed|s)?\b; of one mind;
    by choice; anew\b; likeliest; farther; nowhere else; stands? twice; nobody sees; speaks? of\b; is called one;
    stand(s|ing)? trial; looks? after; taken? apart; labelled (otherwise|unlike); coded unlike;
    is no (name|sentence of|label\b(?! for)); put right; goes on\b; brought up to date; let a model; possible sets;
    labelled so that; there would be no score; neither this \w+ nor; taken literally; of a person that counted;
    was given each dimension; one of both; is neither x nor; too good a bound; the earlier self; settled in silence;
    named, but no item; of them only in report; those that most support; most support a dimension; label and item;
    is in (&gt|>)
    """
BANNED = re.split(r";\s*", PHRASES.strip())
"""Phrases that were hard to read, as regular expressions; the glossary and the usual words replace them."""
TEMPLATES = sorted((ROOT / "g7tag/report/templates").glob("*.html"))
ALLOWED = {"base64_told"}
PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
EASY, LONG = 60, 16
"""Minimum of Flesch's reading ease (below 60: "fairly difficult") and maximum of words per sentence, for each page."""
GENERATED = ("commands.md", "frames.md", "python.md")


def texts():
    """Every text that a person can read, by file: code, documentation, notebooks, cards."""
    files = [
        *PROSE,
        ROOT / "CHANGELOG.md",
        ROOT / "data/README.md",
        *sorted((ROOT / "g7tag").rglob("*.py")),
        *TEMPLATES,
    ]
    read = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files if path.is_file()}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        read[str(path.relative_to(ROOT))] = "\n".join("".join(cell["source"]) for cell in cells)
    return read


@pytest.mark.nightly
def test_no_text_has_a_banned_phrase():
    found = [
        f"{name}:{text[: match.start()].count(chr(10)) + 1}: {match[0]!r}"
        for name, text in texts().items()
        for pattern in BANNED
        for match in re.finditer(rf"(?<![\w/-]){pattern}", text, flags=re.IGNORECASE)
        if not any(text[max(match.start() - 20, 0) : match.end() + 5].find(word) >= 0 for word in ALLOWED)
    ]
    assert found == []


def plain(markdown):
    """The prose of a page: no code, tables, links, headings or directives."""
    text = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    text = re.sub(r"^(\||#|!\[|:|\{).*$|^.* \|.*$|^---.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"`[^`]*`", "x", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text))
    return re.sub(r"[*_>]", "", text)


def words_per_sentence(text):
    sentences = len(re.findall(r"[.!?](?=\s|$)|\n\s*(?:-|\d+\.) ", text)) or 1
    return len(re.findall(r"[A-Za-z]+", text)) / sentences


def reading_ease(text):
    """Flesch's reading ease: 206.835 - 1.015 words per sentence - 84.6 syllables per word (Flesch 1948).

    Syllables are counted as groups of vowels, without a silent final e. Entries of lists count as sentences.
    """
    words = re.findall(r"[A-Za-z]+", text)
    syllables = sum(max(len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower()))), 1) for word in words)
    return 206.835 - 1.015 * words_per_sentence(text) - 84.6 * syllables / len(words)


def test_reading_ease_is_that_of_flesch():
    assert reading_ease("The cat sat on the mat.") == pytest.approx(206.835 - 1.015 * 6 - 84.6)


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_page_is_easy_to_read(path):
    text = plain(path.read_text(encoding="utf-8"))
    if path.name in GENERATED or len(text.split()) < 100:
        return  # made from the code, or too short to measure
    assert reading_ease(text) >= EASY, f"{path.name}: {reading_ease(text):.0f}"
    assert words_per_sentence(text) <= LONG, f"{path.name}: {words_per_sentence(text):.1f}"


def test_the_readme_is_short():
    words = len((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert words <= 1050, f"the README has {words} words"

"""The bundled codebook, and errors for invalid codebooks."""

import re

import pytest

from g7tag.codebook import load_codebook, unchecked_drafts
from g7tag.errors import CodebookError, InputError
from g7tag.store import data_path
from g7tag.tagger.words import cue_pattern

TREES = """
id = "2030-trees"
version = "1"
min_strong_items = 1
[commitment]
id = "2030-03"
number = 3
title = "Trees"
text = "We will plant and water trees."
period_start = 2030-01-01
period_end = 2030-12-31
[[members]]
name = "Arcadia"
code = "ARC"
[[dimensions]]
key = "plant"
label = "Plant"
definition = "Trees are planted."
[[dimensions]]
key = "water"
label = "Water"
definition = "Trees are watered."
[[strengths]]
key = "strong"
label = "Strong"
definition = "Done."
[[strengths]]
key = "weak"
label = "Weak"
definition = "Said."
[[readings]]
name = "table"
label = "Table"
source = "The table."
[[readings.rules]]
name = "both"
score = 1
strong = [2, 2]
"""

READING = TREES[TREES.index("[[readings]]") :]
MEMBER = '[[members]]\nname = "Arcadia"\ncode = "ARC"\n'


def read(path, text):
    (path / "trees.toml").write_text(text, encoding="utf-8")
    return load_codebook(path / "trees.toml")


def refusal(path, text):
    """The lines of the message by which a codebook is refused."""
    with pytest.raises(CodebookError, match=r"trees\.toml: not a valid codebook\n") as raised:
        read(path, text)
    head, *causes, last = str(raised.value).splitlines()
    assert head == f"{path / 'trees.toml'}: not a valid codebook"
    assert last == "Fix these places and run again."
    return [cause.strip() for cause in causes]


def test_the_hash_of_a_codebook_is_of_what_it_says(tmp_path):
    book = read(tmp_path, TREES)
    assert read(tmp_path, f"# a comment\n{TREES}").sha256 == book.sha256
    assert read(tmp_path, TREES.replace("min_strong_items = 1", "min_strong_items = 2")).sha256 != book.sha256
    assert book.model_copy(update={"min_strong_items": 2}).sha256 != book.sha256


def test_drafts_are_listed_with_the_sentence_that_they_were_taken_from(tmp_path):
    text = TREES.replace(
        'definition = "Trees are planted."', 'definition = "Trees."\ndraft = true\ntaken_from = "Plant."'
    )
    text = text.replace('source = "The table."', 'source = "The table."\ndraft = true')
    assert unchecked_drafts(read(tmp_path, text)) == [("dimension 'plant'", "Plant."), ("reading 'table' (rules)", "")]
    note = '[[notes]]\ncase = "Shade"\ndecision = "Counts."\ndraft = true\n'
    assert unchecked_drafts(read(tmp_path, TREES + note)) == []  # scores do not depend on it


BROKEN = {
    "unknown key": ("number = 3", 'number = 3\ncolour = "red"', "commitment.colour: unknown key"),
    "text for a number": (
        "number = 3", 'number = "3"', "commitment.number: Input should be a valid integer; found '3'",
    ),
    "code": ('"ARC"', '"Arc"', r"members.0.code: String should match pattern '\^\[A-Z\]\{3\}\$'; found 'Arc'"),
    "unknown dimension": (
        "strong = [2, 2]", 'strong = [1, 1]\ndimensions = ["prune"]',
        "readings 'table', rule 'both': unknown dimension 'prune', the codebook has 'plant', 'water'",
    ),
    "bounds beyond the dimensions": ("[2, 2]", "[2, 3]", "rule 'both': strong = .2, 3. must be .* with at most 2"),
    "bounds beyond the rule's own": (
        "strong = [2, 2]", 'weak = [0, 2]\ndimensions = ["plant"]', "rule 'both': weak = .0, 2. must be .* at most 1",
    ),
    "bounds reversed": ("[2, 2]", "[2, 1]", r"strong = .2, 1. must be .minimum, maximum."),
    "no condition": ("strong = [2, 2]", "", "rule 'both': no condition, give strong, weak or contradicted"),
    "period reversed": ("2030-01-01", "2031-01-01", "commitment: period_start.* after period_end"),
    "levels swapped": ('key = "strong"', 'key = "solid"', "strengths: keys must be 'strong' and 'weak', in this order"),
    "dimension twice": ('key = "water"', 'key = "plant"', "dimensions: 'plant' appears twice"),
    "dimension named as a probability": ('"water"', '"strong"', "dimensions: 'strong'"),
    "member twice": (MEMBER, MEMBER + MEMBER.replace("ARC", "ARD"), "members: 'Arcadia' appears twice"),
    "code twice": (MEMBER, MEMBER + MEMBER.replace("Arcadia", "Boreas"), "members' codes: 'ARC' appears twice"),
    "reading twice": (READING, READING + READING.replace('"Table"', '"B"'), "readings: 'table' appears twice"),
    "reading's label": (READING, READING + READING.replace('"table"', '"other"'), "'Table' appears twice"),
    "key of two kinds": (
        READING, f'[[exclusions]]\nkey = "water"\nlabel = "Water"\ndefinition = "Only."\n{READING}', "'water'",
    ),
    **{
        f"cue {cue!r}": (READING, f'[cues.topic]\nmafia = ["{cue}"]\n{READING}', "cues.topic.mafia")
        for cue in ("'ndrangheta", " law", "$5 million", "")  # none begins a word, where cues are looked for
    },
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "cause"), BROKEN.values(), ids=BROKEN)
def test_a_broken_codebook_is_refused_with_the_place_and_the_cause(tmp_path, old, new, cause):
    causes = refusal(tmp_path, TREES.replace(old, new, 1))
    assert [line for line in causes if re.search(cause, line)], causes


def test_a_broken_codebook_has_one_line_for_each_cause(tmp_path):
    of_types = refusal(tmp_path, TREES.replace("number = 3", 'number = "3"').replace('code = "ARC"', 'code = "arc"'))
    assert [cause.partition(":")[0] for cause in of_types] == ["commitment.number", "members.0.code"]
    of_rules = refusal(tmp_path, TREES.replace("[2, 2]", "[2, 3]").replace("2030-01-01", "2031-01-01"))
    assert [word for word in ("with at most 2", "period_start") if word not in "\n".join(of_rules)] == []
    parts = ["id", "version", "min_strong_items", "commitment", "members", "dimensions", "strengths", "readings"]
    assert [cause.partition(" (")[0] for cause in refusal(tmp_path, "")] == [
        f"{part}: Field required" for part in parts
    ]


NO_TOML = {
    "words": (b"no toml at all", ".+"),
    "twice": (b"id = 'a'\nid = 'b'", ".+"),
    "bytes": (b"\xff\xfe", ".+"),
    "a dotted key": (b"a" + b".a" * 50_000 + b" = 1", "a key of more than 16 parts"),
    "a key in quotes": (b"x = {" + b'"a".' * 20_000 + b"a = 1}", "a key of more than 16 parts"),
    "arrays": (b"x = " + b"[" * 100_000, "values within values, too deep"),
    "size": (b"#" * 1_000_001, "more than 1,000,000 bytes"),
    "a number": (b"x = " + b"1" * 900_000, "Exceeds the limit"),
}


@pytest.mark.parametrize(("content", "cause"), NO_TOML.values(), ids=NO_TOML)
def test_a_file_that_is_no_toml_or_would_need_too_much_is_named(tmp_path, content, cause):
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(CodebookError, match=rf"a\.toml: not a TOML file \({cause}.*\)\. Expected a codebook such as"):
        load_codebook(tmp_path / "a.toml")


def test_a_codebook_with_too_many_dimensions_is_refused(tmp_path):
    more = "".join(f'[[dimensions]]\nkey = "d{n}"\nlabel = "D{n}"\ndefinition = "D."\n' for n in range(9))
    with pytest.raises(CodebookError, match=r"trees\.toml: has 11 dimensions\. Expected at most 10; join some of them"):
        read(tmp_path, TREES + more)


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ("law", "A law of outlaws and lawyers.", ["law"]),
        ("arrest*", "Arrested; the arrests.", ["arrested", "arrests"]),
        ("root cause*", "root  causes, root\ncause", ["root  causes", "root\ncause"]),
        ("U.S.", "the u.s. and the uxs", ["u.s."]),
        ("one-stop", "a one-stop shop", ["one-stop"]),
    ],
    ids=["whole words", "any ending", "any space", "a dot is a dot", "hyphen"],
)
def test_a_cue_is_found_as_it_is_meant(cue, text, found):
    assert re.findall(cue_pattern(cue), text.lower()) == found


@pytest.mark.parametrize(
    ("given", "meant"),
    [("Cananda", "Canada"), ("kanada", "Canada"), ("ITL", "Italy"), ("EU", "European Union"), ("Narnia", ""), ("", "")],
)
def test_an_unknown_member_is_named_with_the_one_that_may_be_meant(given, meant):
    with pytest.raises(
        InputError, match=rf"member '{given}': not in the codebook\. Expected one of 'Canada', "
    ) as error:
        load_codebook(data_path("codebooks/2024-apulia-19.toml")).member_named(given)
    assert str(error.value).partition("or a code.")[2] == (f" Did you mean {meant!r}?" if meant else "")

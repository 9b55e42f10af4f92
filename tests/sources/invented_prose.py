"""Invented prose with notes for test reports; its words are in `invented_words.toml`."""

import random
import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from g7tag.sources.marks import superscript

FIRST_DAY = date(2024, 6, 15)
DAYS = 334
WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("invented_words.toml").read_text(encoding="utf-8"))
CITIES = dict(zip(WORDS["papers"], WORDS["cities"], strict=True))


@dataclass
class Writer:
    """Writer of prose that counts its notes."""

    rng: random.Random
    notes: dict[int, str] = field(default_factory=dict)

    def pick(self, *kinds: str) -> list[str]:
        """A word of each kind."""
        return [self.rng.choice(WORDS[kind]) for kind in kinds]

    def day(self) -> str:
        return written(self.rng.randrange(DAYS))

    def note(self, day: str) -> str:
        """Add a note and return its mark."""
        number = len(self.notes) + 1
        title, paper, place, body = self.pick("titles", "papers", "places", "bodies")
        title = title.format(place=place, number=self.rng.randrange(20, 900))
        publisher, city = (paper, CITIES[paper]) if number % 3 else (f"{body} of {place}", place)
        published = "n.d." if number % 17 == 0 else f"{day}."
        translated = " Translation provided by Analyst." if number % 11 == 0 else ""
        slug = "-".join(word for word in title.lower().replace(",", "").split() if word.isascii())
        host = "".join(letter for letter in publisher.lower() if letter.isascii() and letter.isalpha())
        url = f"https://www.{host}.example/news/{2024 + number % 2}/{slug}-{number}"
        self.notes[number] = f"{title}, {publisher} ({city}) {published}{translated} Access Date: {self.day()}. {url}"
        return superscript(str(number))

    def item(self, member: str, day: str) -> str:
        """A dated item of one to six sentences, most of its marks after the first sentence."""
        sentences = [f"On {day}, {self.opening(member)}"]
        sentences += [self.following() for _ in range(self.rng.choices(range(6), (6, 19, 25, 22, 17, 11))[0])]
        marked = {0} | {place for place in range(1, len(sentences)) if self.rng.random() < 0.09}
        return " ".join(text + (self.note(day) if place in marked else "") for place, text in enumerate(sentences))

    def opening(self, member: str) -> str:
        kinds = "name", "surname", "field", "action", "thing", "place", "aim"
        its = dict(zip(kinds, self.pick(*(f"{kind}s" for kind in kinds)), strict=True)) | {"member": the(member)}
        its["body"], town = self.pick("bodies", "places")
        actor = self.rng.choice(WORDS["actors"]).format(**its)
        return "{actor} {action} {thing} near {town} {aim}.".format(actor=actor, town=town, **its)

    def following(self) -> str:
        kinds = "thing", "place", "surname", "result", "detail", "reason", "answer"
        its = dict(zip(kinds, self.pick(*(f"{kind}s" for kind in kinds)), strict=True))
        thousands, its["money"] = self.rng.randrange(1, 90), str(self.rng.randrange(11, 99) / 10)
        its["people"] = f"{thousands},{self.rng.randrange(100, 999)}"
        its["day"] = self.day()
        return self.rng.choice(WORDS["sentences"]).format(**its)


def written(day: int) -> str:
    """Return the date a number of days after the first, as printed in reports."""
    its = FIRST_DAY + timedelta(days=day)
    return f"{its.day} {its:%B %Y}"


def the(member: str) -> str:
    """Return a member's name as it appears in a sentence."""
    return f"the {member}" if member.startswith(("United", "European")) else member

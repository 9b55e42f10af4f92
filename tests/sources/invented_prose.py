"""Invented prose with notes for test reports; all places, people, newspapers and plans are made up."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from g7tag.sources.marks import superscript

FIRST_DAY = date(2024, 6, 15)
DAYS = 334
THEMES = (
    ("Energy", "Windmills"), ("Energy", "Peat"), ("Health", "Bonesetters"), ("Health", "Night Nurses"),
    ("Trade", "Toll Bridges"), ("Trade", "Salt"), ("Food", "Barley"), ("Food", "Herring"), ("Water", "Cisterns"),
    ("Water", "Dykes"), ("Climate", "Glaciers"), ("Climate", "Heat Shelters"), ("Learning", "Evening Schools"),
    ("Learning", "Libraries"), ("Transport", "Ferries"), ("Transport", "Night Trains"), ("Work", "Apprentices"),
    ("Work", "Home Helps"), ("Safety", "Lighthouses"), ("Safety", "Fire Watches"),
)  # fmt: skip
"""Area and subject of each commitment; they repeat after the last one."""
NAMES = (
    "Ada", "Bérénice", "Corin", "Dag", "Elfride", "Florian", "Gudrun", "Hannes", "Ilse", "Joran", "Kaat",
    "Loïc", "Märta",
)  # fmt: skip
SURNAMES = (
    "Ashdown-Vey", "Brandeis", "Corviño", "Dellacroix", "Ebenholt", "Färber", "Grünwasser", "Halloway", "Istvar",
    "Jorrund", "Kestrel", "Lindqvaer", "Morgenrood", "Nørgelby", "Ostrander",
)  # fmt: skip
ANALYSTS = ("Alva Quist", "Bram Tolliver", "Célie Marchmont", "Dov Haskamp", "Edda Rowle", "Finn Oakham", "Greta Syl")
PLACES = (
    "Atlantis", "Lyonesse", "Zélandre", "Port Aurel", "Kamishima", "Norrheim", "Vallombreuse", "Ostermark", "Quillon",
    "Tarn Hollow", "Redwater", "Ysmere",
)  # fmt: skip
PAPERS = ("Aurel Herald", "Prairie Post", "Kamishima Times", "Bay Gazette", "Norrheim Courier", "Écho de Zélandre")
CITIES = dict(zip(PAPERS, ("Port Aurel", "Redwater", "Kamishima", "Shiohama", "Norrheim", "Vallombreuse"), strict=True))
BODIES = ("Harbour Board", "Ministry of Tides", "Office for Weights and Measures", "Court of Audit", "Academy of Roads")
FIELDS = ("Tides", "Roads and Bridges", "Harvests", "Schools", "Public Works", "the Treasury", "Foreign Affairs")
ACTIONS = (
    "announced a fund of CAD240,000 for", "signed a treaty with eleven neighbours on",
    "opened an office that looks after", "published a plan of 40 pages to renew", "agreed to share the cost of",
    "sent engineers and two surveyors to inspect", "passed a law that gives every parish a say in",
    "met mayors, masons and millers to discuss", "doubled what it spends on",
)  # fmt: skip
THINGS = (
    "the mills along the lower river", "wells that fall dry in late summer", "the old toll bridges of the north",
    "granaries in villages without a road", "lanterns for the harbour and its piers", "schools that open after dusk",
    "the cross-border ferries", "the dykes that the spring floods broke", "a register of masons, thatchers and carters",
    "long-term leases of common land", "the archive of tide tables", "nurseries for oak, ash and elm",
)  # fmt: skip
AIMS = (
    "so that no village is cut off in winter", "as its parliament had asked in the spring",
    "after a year of talks with farmers and fishers", "to keep its promise at the summit in Apulia",
    "with money that the lottery had left over", "for the benefit of those who live upstream and downstream",
    "over the next three years",
)  # fmt: skip
RESULTS = (
    "inspect", "pay for", "keep a list of", "exchange plans of", "train carpenters for", "insure", "hold a vote on",
)  # fmt: skip
REASONS = (
    "because nobody else would", "until the first snow", "and report to a board of nine", "at no cost to the parishes",
    "unless the council of elders objects", "and, where it can, hires people who live nearby",
    "even though the harvest was poor and the roads were bad", "as the auditors of last year's budget had advised",
)  # fmt: skip
DETAILS = (
    "reports every quarter", "publishes in full", "pays for out of harbour dues", "names two inspectors of its own",
    "counts again after twelve months", "opens its books to the other", "follows with a survey of every household",
)  # fmt: skip
ANSWERS = ("a door that opens both ways", "good news for millers", "a beginning, and no more", "what was promised")
TITLES = (
    "{place} keeps its word", "A plan for {number} parishes", "Mills, bridges and dykes in {place}",
    "Ministers meet in {place}", "Report on the state of {number} wells", "{number} lanterns lit",
    "New rules for ferries to {place}", "Joint statement on roads and harbours",
    "Survey of common land in {place}, second part",
)  # fmt: skip


@dataclass
class Writer:
    """Writer of prose that counts its notes."""

    rng: random.Random
    notes: dict[int, str] = field(default_factory=dict)

    def pick(self, *words: tuple[str, ...]) -> list[str]:
        return [self.rng.choice(each) for each in words]

    def day(self) -> str:
        return written(self.rng.randrange(DAYS))

    def note(self, day: str) -> str:
        """Add a note and return its mark."""
        number = len(self.notes) + 1
        title, paper, place, body = self.pick(TITLES, PAPERS, PLACES, BODIES)
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
        name, surname, office, action, thing, place, aim = self.pick(
            NAMES, SURNAMES, FIELDS, ACTIONS, THINGS, PLACES, AIMS
        )
        body, town = self.pick(BODIES, PLACES)
        who = self.rng.choice(
            (
                f"Minister of {office} {name} {surname} of {the(member)}", f"the {body} of {place}",
                f"{the(member)} and {place}", f"the government of {the(member)}",
            ),
        )  # fmt: skip
        return f"{who} {action} {thing} near {town} {aim}."

    def following(self) -> str:
        thing, place, surname, result, detail, reason, answer = self.pick(
            THINGS, PLACES, SURNAMES, RESULTS, DETAILS, REASONS, ANSWERS
        )
        thousands, money = self.rng.randrange(1, 90), self.rng.randrange(11, 99) / 10
        return self.rng.choice(
            (
                f"The partners {result} {thing} {reason}.", f"Under the agreement each side {detail} {reason}.",
                f'Minister {surname} called it "{answer}" and thanked {place}.',
                f"About {thousands},{self.rng.randrange(100, 999)} people in {place} {result} {thing}.",
                f"It cost USD{money} million, which {place} {detail}.",
                f"More talks are to follow on {self.day()} in {place}, where both sides {result} {thing} {reason}.",
                f"An observer from {place} {detail} {reason}.",
            ),
        )  # fmt: skip


def written(day: int) -> str:
    """Return the date a number of days after the first, as printed in reports."""
    its = FIRST_DAY + timedelta(days=day)
    return f"{its.day} {its:%B %Y}"


def the(member: str) -> str:
    """Return a member's name as it appears in a sentence."""
    return f"the {member}" if member.startswith(("United", "European")) else member

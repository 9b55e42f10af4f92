"""Find the summit in report titles, as printed in real reports since 1996."""

import csv
from itertools import product
from pathlib import Path

import pytest

from g7tag.evidence.summits import read_title, summits
from g7tag.sources.headings import names_of, plain_name

with (Path(__file__).parent / "report_titles.tsv").open(encoding="utf-8") as file:
    TITLES = list(csv.reader(file, delimiter="\t"))
"""Title, expected group and year, kind of report, and whether the title is real or invented."""
KINDS = ("Final", "Interim", "Second Interim", "Work in Progress", "Work-in-Progress")


def test_the_title_of_a_report_names_its_summit():
    found = [read_title(f"The G8 Research Group presents\n\n{row[0]}\n\n9 June 2025")[:2] for row in TITLES]
    assert found == [tuple(row[1:3]) for row in TITLES]


def test_every_summit_is_known_in_three_orders_and_all_kinds_of_report():
    wrong = []
    for summit, kind in product(summits(), KINDS):
        place = summit.places[0]
        titles = (
            f"{summit.year} {summit.group} {place} Summit {kind} Compliance Report",
            f"{summit.year} {place} {summit.group} Summit {kind} Compliance Report",
            f"{summit.group} {place} Summit, {summit.year}: {kind} Compliance Report",
            f"{summit.year} {place} {summit.group} {kind} Compliance Report",
        )
        wrong += [title for title in titles if read_title(title)[:2] != (summit.group, summit.year)]
    assert wrong == []


@pytest.mark.parametrize(("text", "group", "year"), [
    ("2030 G7 Lagoon Summit Final Compliance Report", "G7", "2030"),
    ("2026 Evian G7 Final Compliance Report", "G7", "2026"),
    ("2021 G7 CORNWALL SUMMIT", "G7", "2021"),
    ("2024 G20 Rio", "G20", "2024"),
    ("A report", "", ""),
    ("They met in Rome on 3 May 2019.", "", ""),
    ("University of London, 2009", "", ""),
    ("x" * 5000 + " 2024 G7 Apulia Summit", "", ""),
    # cities and days beside a title
    ("University of Toronto\n2010 Muskoka G8 Summit Final Compliance Report", "G8", "2010"),
    ("G8 Research Group Oxford and London\n2009 G8 L'Aquila Summit", "G8", "2009"),
    ("30 March 2009\nLondon\n2008 G20 Washington Summit Final Compliance Report", "G20", "2008"),
    ("On the eve of the 2022 G20 Bali Summit\n2021 G20 Rome Summit Final Compliance Report", "G20", "2021"),
    ("2003 Sea Island\n2004 Sea Island G8 Summit Final Compliance Report", "G8", "2004"),
])  # fmt: skip
def test_other_summits_are_known_by_form_and_prose_cities_and_days_name_none(text, group, year):
    assert read_title(text)[:2] == (group, year)


def test_a_year_that_is_not_of_the_place_is_in_doubt():
    title = read_title("2003 Sea Island Interim Compliance Results")
    assert title == ("", "", "its title names 'Sea Island' with the year 2003, but the summits there were in 2004")


def test_every_member_is_known(codebook):
    members = {plain_name(member) for one in summits() for member in one.members}
    assert members <= names_of(codebook).keys()
    assert {len(one.members) for one in summits() if one.group == "G20"} == {20, 21}
    assert {len(one.members) for one in summits() if one.group != "G20"} == {8, 9}

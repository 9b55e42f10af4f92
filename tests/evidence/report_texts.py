"""Texts for several tests: sections, fronts and chapters of invented reports; what a reading says of them."""

from g7tag.evidence import Evidence

SECTION = """
Japan: 0

Japan has partially complied with its commitment to act.

On 5 July 2024, police seized boats.⁴⁴¹⁴

Japan has partially complied with its commitment to act.

Thus, Japan receives a score of 0.

Analysts: Ann Other, Bo Li and Cy Doe

⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law
"""

FRONT = """
19. Migration: Smuggling

“We will act.”

Assessment

\tNo Compliance\tPartial Compliance\tFull Compliance
Canada\t−1\t\t
Japan\t\t0\t
Average\t−0.50 (25%)\t\t

General Interpretive Guidelines

Full compliance needs action.

A score of −1 needs none.

Scoring Guidelines

−1 No action.

+1 Some action.

Compliance Director: Di Rector
"""

CANADA = """
Canada: −1

Canada has not complied with its commitment to act.

Thus, Canada receives a score of −1.

Analyst: Di Rector
"""

LAW = "⁴⁴¹⁴ A law, Gazette (Rome) 1 May 2024. Access Date: 3 May 2024. https://a.it/law"
TITLE = "2024 G7 Apulia Summit Final Compliance Report\n\n"


def raised(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def chapter(number: int, title: str, *, members: tuple[str, ...] = ("Canada", "Japan"), note: int = 1) -> str:
    """Return a chapter with one item per member, each with its own note."""
    rows = "\n".join(f"{member}\t\t0\t" for member in members)
    parts = [f"{number}. {title}", '"We will act."', f"Assessment\n\n{rows}\nAverage\t0.00 (50%)"]
    for place, member in enumerate(members):
        mark = raised(note + place)
        parts += [
            f"{member}: 0", f"On 5 July 2024, {member} acted on {title}.{mark}",
            f"Thus, {member} receives a score of 0.", "Analyst: Ann Other",
            f"{mark} Of {title}, Paper (Rome) 6 July 2024. Access Date: 7 July 2024. https://a.example/{title[:3]}{mark}",
        ]  # fmt: skip
    return "\n\n".join(parts) + "\n\n"


def numbers(evidence: Evidence) -> list[int]:
    return evidence.commitments["number"].tolist()


def said(evidence: Evidence) -> dict[str, str]:
    """Return the gaps by part."""
    return dict(zip(evidence.gaps["part"], evidence.gaps["kind"] + ": " + evidence.gaps["reason"], strict=True))

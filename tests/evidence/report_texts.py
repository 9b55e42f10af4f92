"""Texts for several tests: two sections of a report, and the front of a chapter."""

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

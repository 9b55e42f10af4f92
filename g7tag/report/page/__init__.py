"""The page of a run: one HTML file with its scores, members, evidence, findings and methods."""

from g7tag.report.page.page import Decided, linked, run_page

__all__ = ["Decided", "linked", "run_page"]

"""Frames as readable tables for notebooks and terminals, with marked words, linked sources and folded text."""

from g7tag.report.display.behind import NOTHING, Behind, look_up
from g7tag.report.display.html import read_asset
from g7tag.report.display.table import MOST, Shown, show_frame, show_lists, show_notes

__all__ = [
    "MOST",
    "NOTHING",
    "Behind",
    "Shown",
    "look_up",
    "read_asset",
    "show_frame",
    "show_lists",
    "show_notes",
]

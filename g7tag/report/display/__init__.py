"""Frames as readable tables for notebooks and terminals, with marked words, linked sources and folded text."""

from g7tag.report.display.behind import Behind, look_up
from g7tag.report.display.table import IDS, KEYS, MOST, Shown, show_frame, show_lists, show_notes

__all__ = ["IDS", "KEYS", "MOST", "Behind", "Shown", "look_up", "show_frame", "show_lists", "show_notes"]

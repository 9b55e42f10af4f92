"""Frames as tables to read, in a notebook or a terminal: words highlighted, sources linked, long text folded."""

from g7tag.report.display.behind import Behind, look_up
from g7tag.report.display.table import IDS, KEYS, MOST, Shown, show_frame, show_lists, show_notes

__all__ = ["IDS", "KEYS", "MOST", "Behind", "Shown", "look_up", "show_frame", "show_lists", "show_notes"]

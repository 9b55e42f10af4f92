"""Members over several commitments: scores, averages, ranks, consistency of chapters, and acts in two of them."""

from g7tag.panel.frames import Chapter, PanelFrames, panel_frames
from g7tag.panel.standings import DRAWS, read_ambition

__all__ = ["DRAWS", "Chapter", "PanelFrames", "panel_frames", "read_ambition"]

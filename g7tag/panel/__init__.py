"""Members over several commitments: scores, averages, ranks, consistency of chapters, and acts in two of them."""

from g7tag.panel.frames import Chapter, PanelFrames, panel_frames
from g7tag.panel.ranks import DRAWS, Ambition, ambition_of

__all__ = ["DRAWS", "Ambition", "Chapter", "PanelFrames", "ambition_of", "panel_frames"]

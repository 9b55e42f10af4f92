from typing import NamedTuple


class About(NamedTuple):
    version: str = "0.1.0"


def methods_paragraphs(frames, codebook, *, about):
    return ["stub"]


citation_lines = limits_lines = methods_paragraphs

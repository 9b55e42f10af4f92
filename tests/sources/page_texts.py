"""Visible and hidden text of an HTML page, for the tests of its reader."""

from g7tag.sources.html.document import read_html


def texts(page):
    """Return the text of each block of a page."""
    content = page if isinstance(page, bytes) else page.encode()
    return ["".join(run.text for run in block.runs) for block in read_html(content)]


def hidden(page):
    """Return the hidden pieces of a page, and the reasons."""
    return [(run.text.strip(), run.hidden) for block in read_html(page.encode()) for run in block.runs if run.hidden]

"""What a web page holds, for the tests of its reader."""

from g7tag.sources.html.document import read_html


def texts(page):
    """The text of each block of a page."""
    content = page if isinstance(page, bytes) else page.encode()
    return ["".join(run.text for run in block.runs) for block in read_html(content)]


def hidden(page):
    """The pieces of a page that nobody sees, and why."""
    return [(run.text.strip(), run.hidden) for block in read_html(page.encode()) for run in block.runs if run.hidden]

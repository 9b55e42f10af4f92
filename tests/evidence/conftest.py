"""Reading the evidence of texts."""

from collections.abc import Sequence
from typing import Any

import pytest
from report_texts import documents_of

from g7tag.evidence import Evidence, extract_evidence
from g7tag.evidence.chapters import read_chapters
from g7tag.sources.typed import find_blocks


@pytest.fixture(scope="session")
def read(codebook):
    """Return the evidence of texts, one document each."""

    def read(
        *texts: str, hidden: Sequence[Any] = (), status: str = "ok", keep_hidden: bool = False, **options: Any
    ) -> Evidence:
        read = documents_of(*texts, hidden=hidden, status=status, keep_hidden=keep_hidden)
        return extract_evidence(read, codebook, **options)

    return read


@pytest.fixture(scope="session")
def section(codebook):
    """Return the one section of a text."""
    return lambda text: read_chapters(find_blocks(text, [], None).blocks, codebook).chapters[0].sections[0]

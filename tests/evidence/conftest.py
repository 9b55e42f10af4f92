"""Reading the evidence of texts."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pytest

from g7tag.codebook import Codebook
from g7tag.evidence import Evidence, extract_evidence
from g7tag.evidence.chapters import read_chapters
from g7tag.evidence.layout import read_layout
from g7tag.frames import DOCUMENTS, build


def documents_of(*texts: str, hidden: Sequence[Any] = (), status: str = "ok") -> pd.DataFrame:
    """Return texts as documents, with pages if they have form feeds."""
    rows = [
        {
            "document_id": f"r{place}", "name": f"r{place}.txt", "media_type": "text/plain", "sha256": "0",
            "pages": text.count("\f") + 1 if "\f" in text else None, "text": text, "hidden": json.dumps(list(hidden)),
            "status": status,
        }
        for place, text in enumerate(texts, start=1)
    ]  # fmt: skip
    return build(DOCUMENTS, rows)


@pytest.fixture(scope="session")
def read(codebook: Codebook) -> Callable[..., Evidence]:
    """Return the evidence of texts, one document each."""

    def read(*texts: str, hidden: Sequence[Any] = (), status: str = "ok", **options: Any) -> Evidence:
        return extract_evidence(documents_of(*texts, hidden=hidden, status=status), codebook, **options)

    return read


@pytest.fixture(scope="session")
def section(codebook: Codebook) -> Callable[[str], Any]:
    """Return the one section of a text."""
    return lambda text: read_chapters(text, read_layout(text), codebook).chapters[0].sections[0]

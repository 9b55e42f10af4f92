"""The same taggers to compare with, regardless of installed packages."""

from collections.abc import Iterator

import pytest

from g7tag.evaluation import peers


@pytest.fixture(scope="module")
def no_vectors() -> Iterator[None]:
    """Use the same peers regardless of installed packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "VECTORS", {})
        yield

"""Scores by the number of strong items that make a level strong."""

from g7tag.codebook import Codebook
from g7tag.frames import EVIDENCE_MATRIX, build
from g7tag.scoring import threshold_scores


def by_number(codebook: Codebook, n_strong: int) -> dict[int, tuple[int, bool]]:
    """Return score and `changes` by threshold, for a member with strong items in one dimension (scoring table)."""
    cells = [
        {
            "commitment_id": "2024-19", "member": "Italy", "dimension": key, "n_strong": n, "n_weak": 0,
            "level": "strong" if n >= codebook.min_strong_items else "weak" if n else "none", "item_ids": "",
        }
        for key, n in zip(codebook.dimension_keys, [n_strong, 0, 0, 0], strict=True)
    ]  # fmt: skip
    table = threshold_scores(build(EVIDENCE_MATRIX, cells), codebook)
    its = table[table["reading"] == "scoring-table"]
    return dict(zip(its["min_strong_items"], zip(its["suggested_score"], its["changes"], strict=True), strict=True))


def test_one_to_five_strong_items_are_tried(codebook: Codebook) -> None:
    # one strong dimension gives 0, a weak one -1; the codebook asks for two items
    low, high = (-1, False), (0, True)
    assert by_number(codebook, 1) == {1: high, 2: low, 3: low, 4: low, 5: low}
    low, high = (-1, True), (0, False)
    assert by_number(codebook, 4) == {1: high, 2: high, 3: high, 4: high, 5: low}


def test_the_codebooks_own_number_is_among_them_however_high(codebook: Codebook) -> None:
    book = codebook.model_copy(update={"min_strong_items": 7})
    assert by_number(book, 7) == dict.fromkeys((1, 2, 3, 4, 5, 7), (0, False))
    assert by_number(book, 5)[7] == (-1, False)
    assert by_number(book, 5)[5] == (0, True)


def test_an_empty_matrix_gives_no_rows(codebook: Codebook) -> None:
    assert threshold_scores(build(EVIDENCE_MATRIX, []), codebook).empty

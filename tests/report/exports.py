"""What the tests of exported files share: hostile text, sheets read back, and a report with a second commitment."""

from io import BytesIO

import pandas as pd
from python_calamine import CalamineWorkbook

HOSTILE = "=1+1\x01 <w:br/> \u202e ]]> \uffff &amp; 'x"
INERT = (
    "=1+1? <w:br/> ? ]]> ? &amp; 'x"  # control characters, changes of direction and what XML forbids: question marks
)


def with_another_commitment(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Frames of a report that also holds commitment 2024-20, with the same members, items and findings."""

    def other(frame: pd.DataFrame) -> pd.DataFrame:
        texts = frame.select_dtypes(["str", "object"]).columns
        return frame.assign(**{name: frame[name].str.replace("2024-19", "2024-20") for name in texts})

    names = ["commitments", "members", "conclusions", "claims", "items", "sentences", "findings"]
    more = {name: other(frames[name]) for name in names}
    more["findings"] = more["findings"][more["findings"]["finding_id"].str.contains("2024-20")]  # others are on none
    return {**frames, **{name: pd.concat([frames[name], more[name]], ignore_index=True) for name in names}}


def opened_sheets(workbook: bytes) -> dict[str, pd.DataFrame]:
    """The sheets of a workbook as they are read back, by name."""
    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    return {name: pd.DataFrame(cells[1:], columns=cells[0], dtype="object") for name, cells in rows.items()}

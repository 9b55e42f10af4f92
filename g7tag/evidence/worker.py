"""Worker process that reads the evidence of one document within limits; `limited` runs it as a module.

It is asked with a JSON object, and answers with the rows of the frames (ISO dates).
"""

import json
from datetime import date
from typing import Any

from g7tag.codebook import Codebook
from g7tag.evidence.parts import read_part
from g7tag.process import answer


def _read(content: bytes, _: list[str]) -> dict[str, Any]:
    asked = json.loads(content)
    part = read_part(
        asked["document"], Codebook.model_validate_json(asked["codebook"]), asked["taken"], **asked["options"]
    )
    rows = {name: [_plain(row) for row in rows] for name, rows in part.rows.items()}
    return {"status": part.document["status"], "rows": rows, "gaps": part.gaps, "contents": list(part.contents.items())}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


if __name__ == "__main__":
    answer(_read)

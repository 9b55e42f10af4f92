"""Worker process that reads the evidence of one document within limits; `limited` runs it as a module.

It reads one JSON object from stdin and writes the answer to stdout: `part` with the rows of the frames (ISO dates),
`refused` with a reason, or `stopped`.
"""

import json
import sys
import threading
from datetime import date
from typing import Any

from g7tag.codebook import Codebook
from g7tag.errors import SourceError
from g7tag.evidence.parts import read_part
from g7tag.sources.process import MEMORY, exit_with_parent, limit_process, send_message


def main() -> None:
    """Read the request from stdin; the argument is its length in bytes."""
    limit_process()
    asked = sys.stdin.buffer.read(int(sys.argv[1]))
    threading.Thread(target=exit_with_parent, daemon=True).start()
    try:
        send_message({"part": _read(json.loads(asked))})
    except SourceError as error:
        send_message({"refused": str(error)})
    except MemoryError:
        send_message({"stopped": f"needs more than {MEMORY / 1e9:g} GB of memory"})


def _read(asked: dict[str, Any]) -> dict[str, Any]:
    part = read_part(
        asked["document"], Codebook.model_validate_json(asked["codebook"]), asked["taken"], **asked["options"]
    )
    rows = {name: [_plain(row) for row in rows] for name, rows in part.rows.items()}
    return {"status": part.document["status"], "rows": rows, "gaps": part.gaps, "contents": list(part.contents.items())}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


if __name__ == "__main__":
    main()

"""Files: bundled data, tables, atomic writes, and run directories."""

from g7tag.store.assembly import Assembly, part_bytes
from g7tag.store.batches import Batch, Batches
from g7tag.store.files import data_path, file_sha256, package_version, text_sha256, write_atomic
from g7tag.store.ledger import LEDGER_FILE, Ledger, read_ledger, write_ledger
from g7tag.store.locks import locked, reviewing
from g7tag.store.parsers import Rows
from g7tag.store.rejects import Reject, RejectFile, move_whole, rejects_path
from g7tag.store.requests import Kind, RequestLog, read_requests, request_log
from g7tag.store.reviews import REVIEWS_FILE, add_reviews, read_reviews, reviews_states
from g7tag.store.rows import open_rows
from g7tag.store.run import CODEBOOK_FILE, PAGES, Frames, Models, RunDirectory, Settings
from g7tag.store.shards import REJECTS, WHOLE, Shard, Unfinished, unfinished_path, was_placing
from g7tag.store.tables import (
    check_output,
    parquet_bytes,
    read_frame,
    read_sheet,
    read_table,
    spreadsheet_safe,
    table_bytes,
)

__all__ = [
    "CODEBOOK_FILE",
    "LEDGER_FILE",
    "PAGES",
    "REJECTS",
    "REVIEWS_FILE",
    "WHOLE",
    "Assembly",
    "Batch",
    "Batches",
    "Frames",
    "Kind",
    "Ledger",
    "Models",
    "Reject",
    "RejectFile",
    "RequestLog",
    "Rows",
    "RunDirectory",
    "Settings",
    "Shard",
    "Unfinished",
    "add_reviews",
    "check_output",
    "data_path",
    "file_sha256",
    "locked",
    "move_whole",
    "open_rows",
    "package_version",
    "parquet_bytes",
    "part_bytes",
    "read_frame",
    "read_ledger",
    "read_requests",
    "read_reviews",
    "read_sheet",
    "read_table",
    "rejects_path",
    "request_log",
    "reviewing",
    "reviews_states",
    "spreadsheet_safe",
    "table_bytes",
    "text_sha256",
    "unfinished_path",
    "was_placing",
    "write_atomic",
    "write_ledger",
]

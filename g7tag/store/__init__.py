"""Files: bundled data, tables, atomic writes, and run directories."""

from g7tag.store.files import data_path, file_sha256, package_version, text_sha256, write_atomic
from g7tag.store.run import PAGES, Frames, Models, RunDirectory, Settings
from g7tag.store.tables import check_output, parquet_bytes, read_frame, read_table, spreadsheet_safe, table_bytes

__all__ = [
    "PAGES",
    "Frames",
    "Models",
    "RunDirectory",
    "Settings",
    "check_output",
    "data_path",
    "file_sha256",
    "package_version",
    "parquet_bytes",
    "read_frame",
    "read_table",
    "spreadsheet_safe",
    "table_bytes",
    "text_sha256",
    "write_atomic",
]

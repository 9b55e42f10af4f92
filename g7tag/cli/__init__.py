"""The command line: parses, calls `jobs`, words the outcome. Results go to stdout, everything else to stderr."""

from g7tag.cli.main import app, main

__all__ = ["app", "main"]

"""Text for people: lists, counts and names as they stand in a sentence."""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path


def listed(values: Iterable[object], *, most: int = 5) -> str:
    """Return values for a message: sorted, quoted, at most `most` of them, and the number of the rest."""
    names = sorted(str(value) for value in values)
    if not names:
        return "nothing"
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def enumerated(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence; no parts give ""."""
    return " and ".join([*([", ".join(parts[:-1])] if len(parts) > 1 else []), *parts[-1:]])


def counted(n: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def first_few(names: Sequence[str], *, most: int = 5) -> str:
    """Return the first names joined by commas, and the number of the rest."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def shortened(text: str, *, most: int) -> str:
    """Return text of at most `most` characters, with an ellipsis where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def sentence_case(text: str) -> str:
    """Return text with a capital first letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def quoted(path: Path | str) -> str:
    """Return a path as it can be typed in a shell."""
    return shlex.quote(str(path))

"""What g7tag tells a person: what goes on, and every error that it raises on purpose, with its exit code."""

from collections.abc import Callable, Iterable

Announce = Callable[[str], None]
"""Told the name of each step as it begins."""


class G7TagError(Exception):
    """Base of all errors that a user can mend; the command line prints it in place of a traceback.

    The message says where, what was found, what was expected and what to do.
    """

    exit_code = 1


class InputError(G7TagError):
    """Something handed to g7tag cannot be used as it is."""

    exit_code = 3


class SourceError(InputError):
    """A report cannot be read, or holds nothing that can be tagged."""


class CodebookError(InputError):
    """A codebook file breaks the codebook's rules."""


class FrameError(InputError):
    """A table breaks the schema of its frame."""


class ModelError(InputError):
    """A model file is missing, altered, or does not belong to this codebook or this scikit-learn."""


class RunError(InputError):
    """A run directory belongs to other inputs or settings, or was altered."""


class EndpointError(G7TagError):
    """A model's endpoint cannot be used: no key, no answer, or one that says to stop."""

    exit_code = 6


def listed(values: Iterable[object], *, most: int = 5) -> str:
    """Return values as a message shows them: sorted, quoted, at most `most` of them and the rest counted.

    Parameters
    ----------
    values
        Any iterable of strings; empty gives ``"nothing"``.
    most
        How many are shown in full.

    Examples
    --------
    >>> listed({"b", "a"})
    "'a', 'b'"
    >>> listed("gfedcba", most=2)
    "'a', 'b' and 5 more"
    >>> listed([])
    'nothing'
    """
    names = sorted(str(value) for value in values)
    if not names:
        return "nothing"
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"

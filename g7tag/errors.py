"""The exceptions that g7tag raises, with their exit codes."""

from collections.abc import Callable

Announce = Callable[[str], None]
"""Called with the name of each step when the step starts."""


class G7TagError(Exception):
    """Base class of all errors that a user can fix; the command line prints the message without a traceback.

    The message says where the problem is, what was found, what was expected and what to do.
    """

    exit_code = 1


class UsageError(G7TagError):
    """A choice is missing that only the user can make, such as which commitment of a report is meant."""

    exit_code = 2


class InputError(G7TagError):
    """An input cannot be used."""

    exit_code = 3


class SourceError(InputError):
    """A report cannot be read, or contains nothing to tag."""


class CodebookError(InputError):
    """A codebook file is invalid."""


class FrameError(InputError):
    """A table does not match the schema of its frame."""


class ModelError(InputError):
    """A model file is missing, was changed, or does not match this codebook or this scikit-learn."""


class RunError(InputError):
    """A run directory has other inputs or settings, or was changed."""


class EndpointError(G7TagError):
    """A model's endpoint cannot be used: there is no key, no answer, or it refuses further requests."""

    exit_code = 6

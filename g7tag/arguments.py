"""Check the types of arguments where they enter g7tag: its public functions, and the methods of a run."""

import builtins
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import isfunction, signature
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import IO, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from g7tag.errors import InputError

Member = TypeVar("Member")
_MAKERS = ("__init__", "__new__")
_NUMBERS: dict[Any, type] = {int: Integral, float: Real}


def checked(member: Member) -> Member:
    """Return a function, or the class of methods, that refuses arguments of wrong types; anything else as it is."""
    if isinstance(member, type):
        for name in list(vars(member)):
            method = getattr(member, name)
            if isfunction(method) and (name in _MAKERS or not name.startswith("_")):
                setattr(member, name, _checked(method))
        return member
    return _checked(member) if isfunction(member) else member


def _checked(function: Any) -> Any:
    parameters = signature(function).parameters

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        args = tuple(_python(value) for value in args)
        kwargs = {name: _python(value) for name, value in kwargs.items()}
        given = dict(zip(parameters, args, strict=False)) | kwargs
        hints = get_type_hints(function, localns=_Names(vars(builtins) | function.__globals__))
        for name, value in given.items():
            if name in hints and not _fits(value, hints[name]):
                found = repr(value)[:60] if isinstance(value, str | int | float | None) else "a value"
                where = function.__qualname__.partition(".__")[0]
                expected = _words(hints[name])
                msg = f"{where}: {name} is {found} of type {type(value).__name__}. Expected {expected}."
                raise InputError(msg)
        return function(*args, **kwargs)

    return call


def _python(value: Any) -> Any:
    """Return a number of a frame as a number of Python, which can be written as JSON."""
    return value.item() if getattr(value, "shape", None) == () else value


class _Names(dict[str, Any]):
    """Names of a module; one that it imports for type checking only stands for all classes of this name."""

    def __missing__(self, name: str) -> type:
        return type(name, (), {})


def _fits(value: Any, kind: Any) -> bool:
    """Return whether a value is of an annotated type; a text is no list of texts."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return isinstance(value, str) and value in parts
    if origin is Callable or origin is IO:
        return callable(value) if origin is Callable else hasattr(value, "write")
    if origin is None:
        number = _NUMBERS.get(kind)
        named = kind.__name__ in {each.__name__ for each in type(value).__mro__}
        return kind is Any or (named if number is None else isinstance(value, number) and not isinstance(value, bool))
    if not isinstance(value, origin) or isinstance(value, str):
        return False
    each = value.items() if isinstance(value, Mapping) else ((one,) for one in value)
    return all(_fits(one, part) for row in each for one, part in zip(row, parts, strict=False))


def _words(kind: Any) -> str:
    """Return an annotated type in words."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return ", ".join(map(_words, parts[:-1])) + f" or {_words(parts[-1])}"
    if origin is Literal:
        return " or ".join(map(repr, parts))
    if origin is Callable:
        return "a function"
    name = "None" if kind is NoneType else (origin or kind).__name__
    return f"{name} of {' and '.join(map(_words, parts))}" if parts else name

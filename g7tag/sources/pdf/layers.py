"""Layers of a PDF (optional content): which of them a viewer does not show."""

from collections.abc import Mapping
from typing import Any

from pypdf.generic import DictionaryObject, IndirectObject

SWITCHED_OFF = "in a layer that is switched off"


def layers_off(pdf: Any) -> frozenset[int]:
    """Return the numbers of the objects that describe layers which are not shown when the document is opened."""
    properties = _entry(pdf.root_object if pdf is not None else None, "/OCProperties")
    settings = _entry(properties, "/D")
    switched = {name: _numbers(_entry(settings, name)) for name in ("/ON", "/OFF")}
    if str(_entry(settings, "/BaseState")) == "/OFF":
        return frozenset(_numbers(_entry(properties, "/OCGs")) - switched["/ON"])
    return frozenset(switched["/OFF"])


def is_off(layer: Any, off: frozenset[int]) -> bool:
    """Return whether a layer, or each of the layers that content belongs to together, is not shown."""
    if isinstance(layer, IndirectObject) and layer.idnum in off:
        return True
    together = _entry(layer, "/OCGs")
    its = _numbers(together if isinstance(together, list) else [_raw(layer, "/OCGs")])
    return bool(its) and its <= off


def layer_of(properties: Any, named: Any) -> Any:
    """Return the layer that marked content names, by the resources or by itself; None where it is none."""
    if isinstance(properties, Mapping) and named in properties:
        return properties.raw_get(named) if isinstance(properties, DictionaryObject) else properties[named]
    return named if isinstance(named, DictionaryObject) else None


def _entry(holder: Any, name: str) -> Any:
    found = _raw(holder, name)
    return found.get_object() if found is not None else None


def _raw(holder: Any, name: str) -> Any:
    """What a dictionary has under a name, a reference as such; None where it is no dictionary."""
    holder = holder.get_object() if holder is not None else None
    if not isinstance(holder, DictionaryObject) or name not in holder:
        return None
    return holder.raw_get(name)


def _numbers(layers: Any) -> set[int]:
    named = layers if isinstance(layers, list) else []
    return {layer.idnum for layer in named if isinstance(layer, IndirectObject)}

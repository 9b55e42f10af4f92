"""Render pages from the templates: one file that needs no network, in which only our own script and styles run."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from g7tag.report.cells import is_web, one_line, read_asset
from g7tag.report.terminal import printable
from g7tag.text import counted, enumerated, first_few, sentence_case

_STYLES, _SCRIPTS = ("page.css", "charts.css"), ("page.js", "table.js")
"""Files that are part of every page."""


def render(template: str, **values: Any) -> str:
    """Return a page of a template."""
    style, script = ("\n".join(read_asset(name).strip() for name in own) for own in (_STYLES, _SCRIPTS))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template(template).render(
        **values, policy=policy, style=Markup(style), script=Markup(script)  # noqa: S704 - files of the package
    )  # fmt: skip


def fragment(template: str, **values: Any) -> str:
    """Return a part of a notebook; in the `html` of a cell, all text is escaped."""
    return _environment().get_template(template).render(values).strip()


def paragraphs(template: str, **values: Any) -> list[str]:
    """Return the paragraphs of a template of plain text; an empty line ends a paragraph."""
    text = _environment(plain=True).get_template(template).render(values)
    return [re.sub("[ \n]+", " ", part).strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def anchor(name: str) -> str:
    """Return the address of an element of the page by its id."""
    return f"#{quote(element_id(name), safe='/:.+')}"


def element_id(name: str) -> str:
    """Return a name as the id of an element, which has no spaces."""
    return "_".join(printable(name).split())


@cache
def _environment(*, plain: bool = False) -> Environment:
    environment = Environment(
        loader=PackageLoader("g7tag.report"), undefined=StrictUndefined, trim_blocks=True,
        autoescape=not plain,  # noqa: S701 - plain text is escaped where it is put on a page
        lstrip_blocks=True, keep_trailing_newline=True, finalize=one_line if plain else _shown,
    )  # fmt: skip
    environment.filters |= {
        "anchor": anchor, "element_id": element_id, "sentence": sentence_case, "counted": counted,
        "enumerated": enumerated, "first_few": first_few, "were": lambda n: f"{n} {'was' if n == 1 else 'were'}",
    }  # fmt: skip
    environment.tests["web"] = is_web
    return environment


def _shown(value: Any) -> Any:
    return type(value)(printable(value)) if isinstance(value, str) else value  # Markup stays Markup


def _hash(source: str) -> str:
    """Return the hash of an inline style or script as a content security policy names it."""
    return f"'sha256-{b64encode(hashlib.sha256(source.encode('utf-8')).digest()).decode('ascii')}'"

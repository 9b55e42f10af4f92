"""Write data/datapackage.json (Data Package, version 2). Run by hand after the data changed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import g7tag
from g7tag.codebook import ACTS, Codebook
from g7tag.corpus import bundled_codebooks, bundled_corpus
from g7tag.corpus.reading import COLUMNS, PARTS
from g7tag.frames import CLAIMED, STRENGTHS
from g7tag.store import data_path, file_sha256, write_atomic

SOURCE_TYPES = ("government", "police", "justice", "parliament", "international", "press", "other")
"""Kinds of publishers: a ministry, head of government or embassy; a police, border or coast guard agency; a
prosecutor, court or justice department; a parliament or law text; an international body; the press; anyone else."""
_DAYS = ("date", "published", "retrieved")
_LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY 4.0"}
_REPORT = {
    "title": "G7 Research Group, 2024 G7 Apulia Summit Final Compliance Report, 9 June 2025, commitment 19",
    "path": "https://www.g7.utoronto.ca",
}
_PAGES = {"title": "Public pages on earlier actions, each named in its row by publisher, url and the day it was read"}
_SCORES = ("table_score", "heading_score", "stated_score")


def describe_package(codebooks: Sequence[Codebook]) -> dict[str, Any]:
    """Return the descriptor of the bundled corpora, published scores and claims, with schemas, sizes and hashes."""
    corpus = [_resource(path, _corpus_schema(book)) for book in codebooks for path in bundled_corpus(book.id)]
    published = [
        _resource(path, _claims_schema() if path.stem.endswith(".claims") else _scores_schema())
        for path in sorted(data_path("published").glob("*.csv"))
    ]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "g7tag",
        "title": "Labelled evidence sentences on G7 commitments",
        "version": max(book.version for book in codebooks),
        "licenses": [_LICENCE],
        "sources": [_REPORT, _PAGES],
        "contributors": [{"title": "The g7tag developers", "roles": ["creator", "maintainer"]}],
        "resources": [*corpus, *published],
    }


def _resource(path: Path, schema: dict[str, Any]) -> dict[str, Any]:
    place = path.relative_to(data_path(""))
    return {
        "name": "-".join(place.with_suffix("").parts),
        "type": "table",
        "path": place.as_posix(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_sha256(path)}",
        "schema": schema,
    }


def _corpus_schema(codebook: Codebook) -> dict[str, Any]:
    types = {"position": "integer", "contradicts": "boolean", **dict.fromkeys(_DAYS, "date")}
    label = {"strength": STRENGTHS, "act": ACTS, "exclusion": codebook.exclusion_keys}
    allowed = {"member": list(codebook.codes), "source_type": SOURCE_TYPES, "part": PARTS}
    allowed |= {f"{coder}{name}": keys for coder in ("", "c1_", "c2_") for name, keys in label.items()}
    fields = []
    for name in COLUMNS:
        constraints: dict[str, Any] = {"required": True} if name == "date" else {}
        constraints |= {"enum": list(allowed[name])} if name in allowed else {}
        field = {"name": name, "type": types.get(name, "string")}
        fields.append(field | ({"constraints": constraints} if constraints else {}))
    return {"fieldsMatch": "equal", "fields": fields, "primaryKey": ["sentence_id"], "missingValues": [""]}


def _scores_schema() -> dict[str, Any]:
    keys = [{"name": name, "type": "string"} for name in ("commitment_id", "member")]
    scores = [{"name": name, "type": "integer", "constraints": {"minimum": -1, "maximum": 1}} for name in _SCORES]
    return {"fieldsMatch": "equal", "fields": keys + scores, "primaryKey": ["commitment_id", "member"]}


def _claims_schema() -> dict[str, Any]:
    keys = [{"name": name, "type": "string"} for name in ("commitment_id", "member")]
    key = [*keys, {"name": "position", "type": "integer"}, {"name": "dimension", "type": "string"}]
    claimed = {"name": "claimed", "type": "string", "constraints": {"enum": CLAIMED}}
    names = [field["name"] for field in key]
    return {"fieldsMatch": "equal", "fields": [*key, claimed], "primaryKey": names}


if __name__ == "__main__":
    described = describe_package([g7tag.open_codebook(path) for path in bundled_codebooks().values()])
    content = json.dumps(described, indent=1, ensure_ascii=False)
    write_atomic(data_path("datapackage.json"), f"{content}\n".encode())

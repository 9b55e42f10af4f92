"""The Data Package descriptor (datapackage.org, version 2) of the bundled data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from g7tag.codebook import ACTS, Codebook
from g7tag.corpus.reading import bundled_corpus, corpus_model
from g7tag.frames import CLAIMED, STRENGTHS
from g7tag.store import data_path, file_sha256

_TYPES = {"str": "string", "int64": "integer", "datetime64[us]": "date", "bool": "boolean"}
_LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY 4.0"}
_REPORT = {
    "title": "G7 Research Group, 2024 G7 Apulia Summit Final Compliance Report, 9 June 2025, commitment 19",
    "path": "https://www.g7.utoronto.ca",
}
_PAGES = {"title": "Public pages on earlier actions, each named in its row by publisher, url and the day it was read"}
_SCORES = ("table_score", "heading_score", "stated_score")


def describe_package(codebooks: Sequence[Codebook]) -> dict[str, Any]:
    """Return the descriptor of the bundled corpora, published scores and claims, with schemas, sizes and hashes.

    Parameters
    ----------
    codebooks
        Define the labels that the schemas of their corpora allow.
    """
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
    fields = []
    for name, column in corpus_model(codebook).columns.items():
        field: dict[str, Any] = {"name": str(name), "type": _TYPES[column.metadata["dtype"]]}
        statistics = [check.statistics or {} for check in column.checks]
        allowed = [list(each["allowed_values"]) for each in statistics if "allowed_values" in each]
        constraints: dict[str, Any] = {"required": True} if field["type"] == "date" and not column.nullable else {}
        constraints |= {"enum": [value for value in allowed[0] if value != ""]} if allowed else {}
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


def label_counts(corpus: pd.DataFrame, codebook: Codebook, by: str) -> pd.DataFrame:
    """Return the number of items, of sentences and of sentences with each label, grouped by a column."""
    labels = corpus["dimensions"].str.split(";") + corpus["strength"].map(lambda strength: [strength])
    labels = labels + corpus["exclusion"].map(lambda exclusion: [exclusion]) + corpus["act"].map(lambda act: [act])
    counted = pd.DataFrame({by: corpus[by], "label": labels}).explode("label")
    order = [*codebook.dimension_keys, *STRENGTHS, *codebook.exclusion_keys, *ACTS]
    table = pd.crosstab(counted[by], counted["label"]).reindex(columns=order, fill_value=0)
    sizes = corpus.groupby(by).agg(items=("item_id", "nunique"), sentences=("text", "size"))
    return sizes.join(table).reset_index()

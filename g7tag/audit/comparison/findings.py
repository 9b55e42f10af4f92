"""The findings of two runs side by side."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from g7tag.audit.comparison.matching import ONLY_FIRST, ONLY_SECOND, Pairs
from g7tag.audit.notes import named_notes
from g7tag.frames import Frames

FINDINGS = [
    "finding_id", "second_id", "check", "member", "subject", "first_severity", "second_severity", "first_message",
    "second_message", "differs",
]  # fmt: skip
_ID = re.compile(r"(?:\d{4}-\d{2,}/)?[A-Z]{3}-\d{2,}(?:\.\d+)?(?!\w)")
"""An item or a sentence, with or without its commitment."""
_NOTE = re.compile(r"\bnote \d+(?!\d)")
_NO_MATCH = "?"


def compare_findings(first: Frames, second: Frames, pairs: Pairs) -> pd.DataFrame:
    """Return the findings of two runs."""
    names = _Names.of(first, second, pairs)
    own = first["findings"].set_index("finding_id", drop=False)
    theirs = second["findings"].assign(key=second["findings"]["finding_id"].map(names.renamed).astype("str"))
    theirs = theirs[~theirs["key"].duplicated() & theirs["key"].isin(own.index)].set_index("key")
    matched = dict(zip(theirs.index, theirs.to_dict("records"), strict=True))
    rows = []
    for finding in own.to_dict("records"):
        other = matched.get(finding["finding_id"])
        row = {name: finding[name] for name in ("finding_id", "check", "member", "subject")}
        row |= {"first_severity": finding["severity"], "first_message": finding["message"]}
        if other is None:
            rows.append(row | {"second_id": "", "second_severity": "", "second_message": "", "differs": ONLY_FIRST})
            continue
        differs = [
            name
            for name, same in (
                ("severity", finding["severity"] == other["severity"]),
                ("message", finding["message"] == names.renamed(other["message"])),
            )
            if not same
        ]
        row |= {"second_severity": other["severity"], "second_message": other["message"]}
        rows.append(row | {"second_id": other["finding_id"], "differs": ";".join(differs)})
    used = {row["second_id"] for row in rows}
    rows += [
        {
            "finding_id": "", "second_id": finding["finding_id"], "check": finding["check"],
            "member": finding["member"], "subject": finding["subject"], "first_severity": "", "first_message": "",
            "second_severity": finding["severity"], "second_message": finding["message"], "differs": ONLY_SECOND,
        }
        for finding in second["findings"].to_dict("records")
        if finding["finding_id"] not in used
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=FINDINGS).astype("str")


class _Names(NamedTuple):
    """Names of the second run's items, sentences, notes and document, with their names in the first run."""

    ids: Mapping[str, str]
    notes: Mapping[str, str]
    document: tuple[str, str]

    @classmethod
    def of(cls, first: Frames, second: Frames, pairs: Pairs) -> "_Names":
        """Return the names; an id without a match is renamed to one that no run has."""
        both = pd.concat([pairs.items, pairs.sentences])
        both = both[both["second_id"] != ""]
        ids = dict(zip(both["second_id"], both["first_id"].replace("", _NO_MATCH), strict=True))
        short = {each.rpartition("/")[2]: known.rpartition("/")[2] for each, known in ids.items()}
        documents = [run["documents"]["document_id"].tolist() for run in (first, second)]
        single = all(len(each) == 1 for each in documents)
        return cls(
            ids | short,
            _matched_notes(first["citations"], second["citations"]),
            (documents[1][0], documents[0][0]) if single else ("", ""),
        )

    def renamed(self, text: str) -> str:
        """Return a text of the second run with the names of the first."""
        text = _ID.sub(lambda found: self.ids.get(found[0], found[0]), text)
        text = _NOTE.sub(lambda found: self.notes.get(found[0], found[0]), text)
        return text.replace(f"{self.document[0]} note", f"{self.document[1]} note") if self.document[0] else text


def _matched_notes(first: pd.DataFrame, second: pd.DataFrame) -> dict[str, str]:
    """Return the name in the first run of each note of the second; notes of several documents keep their names."""
    if any(len(set(run["document_id"])) > 1 for run in (first, second)):
        return {}
    own, theirs = (named_notes(run)[["name", "title", "url"]] for run in (first, second))
    single = own[~own.duplicated(["title", "url"], keep=False)]
    both = theirs.merge(single, on=["title", "url"], how="left", suffixes=("", "_first"))
    ambiguous = set(
        zip(*[own.loc[own.duplicated(["title", "url"], keep=False), name] for name in ("title", "url")], strict=True)
    )
    known = both["name_first"].where(both["name_first"].notna(), _NO_MATCH)
    keys = zip(both["title"], both["url"], strict=True)
    return {
        name: name if key in ambiguous else found for name, found, key in zip(both["name"], known, keys, strict=True)
    }

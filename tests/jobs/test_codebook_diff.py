"""The command codebook diff: what differs, and which labels and scores of a run it concerns."""

import json
from pathlib import Path

import pytest
from people import command, files

import g7tag
from g7tag.codebook import Codebook, codebook_toml
from g7tag.errors import InputError


def changed(book: Codebook) -> Codebook:
    """A codebook with another definition and more cues of its first dimension, no last one, and a threshold of 1."""
    first, *rest = book.dimensions
    cues = {name: [*words, "lighthouse"] for name, words in first.cues.items()}
    other = first.model_copy(update={"definition": "Only laws.", "cues": cues})
    rules = [
        reading.model_copy(
            update={
                "rules": [
                    rule.model_copy(update={"dimensions": [key for key in rule.dimensions if key != rest[-1].key]})
                    for rule in reading.rules
                ]
            }
        )
        for reading in book.readings
    ]
    return book.model_copy(update={"dimensions": [other, *rest[:-1]], "min_strong_items": 1, "readings": rules})


def test_equal_codebooks_do_not_differ_and_each_difference_is_a_row(codebook: Codebook) -> None:
    found = g7tag.compare_codebooks(codebook, codebook)
    assert [len(frame) for frame in found] == [0, 0, 0]
    parts = g7tag.compare_codebooks(codebook, changed(codebook)).parts.set_index("part")
    first, last = codebook.dimensions[0], codebook.dimensions[-1]
    assert parts.loc["min_strong_items"].tolist() == ["2", "1"]
    assert parts.loc[f"dimensions {first.key!r} definition"].tolist() == [first.definition, "Only laws."]
    for name in first.cues:
        assert parts.loc[f"dimensions {first.key!r} cues {name}"].tolist() == ["", "lighthouse"]
    assert parts.loc[f"dimensions {last.key!r} definition"].tolist() == [last.definition, ""]


@pytest.mark.slow
def test_outdated_labels_and_scores_that_change_are_those_of_the_run(decided_run: Path, codebook: Codebook) -> None:
    run, new = g7tag.open_run(decided_run), changed(codebook)
    before = files(decided_run)
    found = g7tag.compare_codebooks(codebook, new, decided_run)
    assert files(decided_run) == before
    keys = codebook.dimensions[0].key, codebook.dimensions[-1].key
    by_people = run.annotations[run.annotations["kind"] == "analyst"]
    uses = by_people["dimensions"].str.split(";").map(lambda own: bool(set(own) & set(keys)))
    assert 0 < uses.sum() < len(by_people)
    assert sorted(found.labels["sentence_id"]) == sorted(by_people.loc[uses, "sentence_id"])
    assert set(";".join(found.labels["reason"]).replace("; ", ";").split(";")) == {
        f"the definition of {keys[0]} changed", f"{keys[1]} is gone",
    }  # fmt: skip
    frames = {name: run.read(name)[name] for name in ("sentences", "items", "members")}
    for which, book in (("old", codebook), ("new", new)):
        scored = g7tag.score_members(run.labels, **frames, codebook=book).scores.set_index(["member", "reading"])
        own = found.scores.set_index(["member", "reading"])[f"{which}_score"]
        assert own.to_dict() == scored["suggested_score"].to_dict()
    assert (found.scores["old_score"] != found.scores["new_score"]).any()


def test_the_command_prints_what_differs(decided_run: Path, codebook: Codebook, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_bytes(codebook_toml(codebook.model_copy(update={"min_strong_items": 9})))
    done = command("codebook", "diff", codebook.id, file)
    assert "1 difference." in done.stdout
    assert "Labels" not in done.stdout
    done = command("codebook", "diff", codebook.id, file, "--run", decided_run)
    assert "0 labels may be outdated." in done.stdout
    assert "of 4 scores would change with the same labels." in done.stdout
    values = json.loads(command("codebook", "diff", codebook.id, file, "--run", decided_run, "--json").stdout)
    assert values["parts"] == [{"part": "min_strong_items", "old": "2", "new": "9"}]


def test_a_codebook_of_another_commitment_is_refused_for_a_run(decided_run: Path, codebook: Codebook) -> None:
    with pytest.raises(InputError, match="is on commitment 2024-18, the run on 2024-19"):
        g7tag.compare_codebooks(codebook, "2024-apulia-18", decided_run)
    assert len(g7tag.compare_codebooks(codebook, "2024-apulia-18").parts)

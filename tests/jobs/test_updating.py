"""A new version of a report: no label is lost or on another sentence, and each changed score is explained."""

import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from people import AT, command, files, record

import g7tag
from g7tag import jobs, store
from g7tag.errors import InputError
from g7tag.frames import FIXED, build
from g7tag.jobs import Updated, updating
from g7tag.scoring import score_members
from g7tag.tagger import default_model, load_tagger

MEMBERS = {"Canada": "CAN", "Japan": "JPN", "Italy": "ITA"}
WORDS = """
harbour lorry treaty prosecutor shelter lawyer camera ferry ledger witness court customs fund training border boat
passport agency airport signal drone clinic school union village bank auditor database leaflet radio hotline island
market valley bridge station archive engine garden factory museum river castle orchard quarry tunnel canal
""".split()  # noqa: SIM905 - a list of words is longer
DECIDING = {f"2024-19/{name}" for name in ("CAN-03.1", "CAN-11.1", "JPN-01.2", "JPN-06.2")}
"""Sentences of strong action in every dimension: two of items that are gone, and two that are edited."""
VERBS = ("opened", "funded", "joined", "closed", "searched", "bought", "trained", "moved", "tested", "signed")


class Item(NamedTuple):
    """An item of the invented report: its day, its sentences and the number of its source, which is its name."""

    day: str
    sentences: tuple[str, ...]
    source: int


def items_of(member: str, n: int, *, seed: int, year: int = 2024) -> list[Item]:
    """Invented items of a member, each with three sentences of random words."""
    draw = random.Random(seed)
    made = []
    for place in range(n):
        day = f"{draw.randint(1, 28)} {draw.choice(['July', 'August', 'September', 'October'])} {year}"
        said = [" ".join(draw.sample(WORDS, 7)) for _ in range(3)]
        verb = draw.choice(VERBS)
        made.append(
            Item(
                day,
                (f"On {day}, {member} {verb} the {said[0]}.", f"The {said[1]}.", f"A {said[2]}."),
                seed * 100 + place,
            )
        )
    return made


def report_text(chapters: dict[str, list[Item]]) -> str:
    """The invented report; notes are numbered in the order of the text."""
    lines = [
        "An invented report.", "2024 G7 Apulia Summit Compliance Report",
        "19. Migration and Refugees: Preventing Migrant Smuggling and Trafficking",
        '"We will also strengthen our actions to prevent, counter, and dismantle organized criminal networks."',
        "Assessment", "\tNo Compliance\tPartial Compliance\tFull Compliance", *(f"{name}\t\t0\t" for name in chapters),
    ]  # fmt: skip
    notes: list[str] = []
    for name, items in chapters.items():
        lines += [f"{name}: 0", f"{name} has partially complied with its commitment."]
        for item in items:
            number = 101 + len(notes)
            mark = str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
            lines.append(" ".join([item.sentences[0] + mark, *item.sentences[1:]]))
            notes.append(
                f"{mark} Title {item.source}, Aurel Herald (Port Aurel) {item.day}. Access Date: 20 May 2025. "
                f"https://aurel-herald.example/{item.source}"
            )
        lines += [f"Thus, {name} receives a score of 0.", "Analyst: Nobody Real"]
    return "\n\n".join(lines) + "\n\n" + "\n".join(notes) + "\n"


def interim_and_final() -> tuple[dict[str, list[Item]], dict[str, list[Item]]]:
    """36 items; in the final report 15 are new, 6 edited and 3 gone. Italy only gets its ids moved by Japan's notes."""
    interim = {name: items_of(name, 12, seed=seed) for seed, name in enumerate(MEMBERS, start=1)}
    interim["Japan"][9] = items_of("Japan", 1, seed=9, year=2019)[0]  # outside the period: a finding
    final = {name: list(items) for name, items in interim.items()}
    for name, places in {"Canada": (1, 4, 7), "Japan": (0, 5, 11)}.items():
        for place in places:
            day, (first, second, third), source = final[name][place]
            second = second.replace("The ", "By then the ")
            final[name][place] = Item(day, (first, second, third), source)
    final["Canada"].pop(10), final["Canada"].pop(2), final["Japan"].pop(3)
    for name, n, seed in (("Canada", 8, 21), ("Japan", 7, 22)):
        for place, item in enumerate(items_of(name, n, seed=seed)):
            final[name].insert(place * 2, item)
    return interim, final


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("reports")
    paths = folder / "interim.txt", folder / "final.txt"
    for path, chapters in zip(paths, interim_and_final(), strict=True):
        path.write_text(report_text(chapters), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def before(reports: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the interim report with 200 labels of Ada and Bo, a decided finding, and two decided scores."""
    path = tmp_path_factory.mktemp("interim") / "run"
    run = g7tag.run_report([reports[0]], output=path, fast=True)
    draw, keys = random.Random(7), run.codebook.dimension_keys
    ids = run.sentences["sentence_id"].tolist()
    for name, kept in (("Ada", ids[:100]), ("Bo", ids[8:])):
        rows = []
        for each in kept:
            label = (draw.choice(keys), "weak", "done") if draw.random() < 0.25 else ("", "none", "background")
            label = (";".join(keys), "strong", "done") if each in DECIDING else label
            rows.append(dict(zip(("dimensions", "strength", "act"), label, strict=True)))
            rows[-1] |= {"sentence_id": each, "note": name + each}
        record(path, pd.DataFrame(rows), name, at=AT, blind=name == "Ada")
    strong = [{"sentence_id": each, "dimensions": "prevent", "strength": "strong", "act": "done"} for each in ids[9:12]]
    record(path, pd.DataFrame(strong), "Ada", at=AT)  # changes three labels
    run.rescore()
    for row, decision in (("score:Italy", 1), ("score:Canada", 0), ("outside_period:2024-19/JPN-10", None)):
        g7tag.Run.at(path).decide(row, owner="Ada", note="looked", decision=decision)
    (path / "not-blind.txt").write_text("Bo\n", encoding="utf-8")
    g7tag.Run.at(path).write_label_plan(["Ada", "Bo"])
    return path


@pytest.fixture(scope="module")
def updated(before: Path, reports: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Updated:
    was = files(before)
    found = g7tag.update_run(before, reports[1], tmp_path_factory.mktemp("final") / "run")
    assert files(before) == was
    return found


def test_each_item_is_the_same_edited_new_or_gone(updated: Updated) -> None:
    changes = updated.versions.changes
    assert changes["status"].value_counts().to_dict() == {"same": 27, "new": 15, "edited": 6, "gone": 3}
    interim, final = interim_and_final()
    ids = [
        {
            item.source: f"2024-19/{MEMBERS[name]}-{at:02d}"
            for name, items in version.items()
            for at, item in enumerate(items, 1)
        }
        for version in (interim, final)
    ]
    wanted = {(ids[0].get(each, ""), ids[1].get(each, "")) for each in {*ids[0], *ids[1]}}
    assert set(zip(changes["old_id"], changes["new_id"], strict=True)) == wanted
    edited = changes[changes["status"] == "edited"]
    assert edited["changed"].unique().tolist() == ["1 sentence edited"]
    assert changes.loc[changes["status"] == "same", "changed"].unique().tolist() == [""]  # notes have new numbers


def test_no_label_is_lost_or_on_another_sentence(before: Path, updated: Updated) -> None:
    old, new = store.read_labels(before), store.read_labels(updated.run.saved.path)
    fates = updated.labels["fate"].value_counts().to_dict()
    assert (len(old), set(fates), sum(fates.values())) == (203, {"carried", "to confirm", "gone"}, 203)
    assert len(new) == fates["carried"]
    texts = [run.sentences.set_index("sentence_id")["text"] for run in (g7tag.open_run(before), updated.run)]
    for rows, text in zip((old, new), texts, strict=True):
        assert (rows["text_sha256"] == rows["sentence_id"].map(text).map(store.text_sha256)).all()
    kept = [name for name in old if name not in {"annotation_id", "sentence_id", "supersedes"}]
    carried = updated.labels[updated.labels["fate"] == "carried"]
    was = old.set_index("annotation_id").loc[carried["annotation_id"]]
    pairs = [sorted(rows[kept].astype(str).itertuples(index=False, name=None)) for rows in (was, new)]
    assert pairs[0] == pairs[1]
    assert set(new.loc[new["supersedes"] != "", "supersedes"]) <= set(new["annotation_id"])
    assert fates["gone"] == updated.labels["sentence_id"].str.contains(r"CAN-(?:03|11)\.|JPN-04\.").sum()


def test_labels_of_edited_sentences_are_confirmed_with_a_sheet(updated: Updated, tmp_path: Path) -> None:
    path = shutil.copytree(updated.run.saved.path, tmp_path / "run")
    open_labels = updated.labels[(updated.labels["fate"] == "to confirm") & updated.labels["current"]]
    assert [sheet.annotator for sheet in updated.sheets] == ["Ada", "Bo"]
    for name, _, sheet in updated.sheets:
        done = record(path, path / "update" / sheet.name, name)
        own = open_labels[open_labels["annotator"] == name]
        assert (done.problems, len(done.annotations)) == ([], len(own))
        assert done.annotations["sentence_id"].tolist() == own["new_id"].tolist()
        assert done.annotations["note"].tolist() == own["note"].tolist()
        assert not done.annotations["blind"].any()


def brute_force(old: jobs.Run, new: jobs.Run, replaced: set[str], pairs: pd.DataFrame) -> pd.DataFrame:
    """Scores with the items of the new run where they are replaced, and those of the old run elsewhere."""
    taken = [
        set(pairs.loc[~pairs["key"].isin(replaced), "old_id"]),
        set(pairs.loc[pairs["key"].isin(replaced), "new_id"]),
    ]
    parts: dict[str, list[pd.DataFrame]] = {"items": [], "sentences": [], "labels": []}
    for run, ids, mark in zip((old, new), taken, ("old ", "new "), strict=True):
        own = run.sentences[run.sentences["item_id"].isin(ids)]
        for name, rows in {
            "items": run.items[run.items["item_id"].isin(ids)], "sentences": own,
            "labels": run.labels[run.labels["sentence_id"].isin(own["sentence_id"])],
        }.items():  # fmt: skip
            named = {key: mark + rows[key] for key in ("item_id", "sentence_id") if key in rows}
            numbers = {"position": range(1, len(rows) + 1)} if "position" in rows else {}
            parts[name].append(rows.assign(**named, **numbers))
    frames = {name: build(FIXED[name], pd.concat(rows).to_dict("records")) for name, rows in parts.items()}
    return score_members(members=new.members, codebook=new.codebook, **frames).scores


def test_each_changed_score_is_explained(before: Path, updated: Updated) -> None:
    old, new = g7tag.open_run(before), updated.run
    changes, _, scores, steps = updated.versions
    pairs = changes.assign(key=changes["new_id"].mask(changes["new_id"] == "", changes["old_id"] + " gone"))
    changed = scores[scores["old_score"] != scores["new_score"]]
    assert len(changed)
    assert (changed["item_ids"] != "").all()
    every = set(pairs["key"])
    for (member, reading), rows in steps.groupby(["member", "reading"], sort=False):
        mine = pairs[pairs["member"] == member]

        def score(replaced: set[str], member: str = member, reading: str = reading) -> Any:
            found = brute_force(old, new, replaced, pairs).set_index(["member", "reading"])
            return found.loc[(member, reading), "suggested_score"]

        done = every - set(mine["key"])
        own = scores.set_index(["member", "reading"]).loc[(member, reading)]
        assert rows["before"].iloc[0] == own["old_score"]
        assert rows["after"].iloc[-1] == own["new_score"]
        for row in rows.to_dict("records"):
            key = row["item_id"] + (" gone" if row["status"] == "gone" else "")
            done |= {key}
            assert score(done | set(mine.loc[mine["status"] == "same", "key"])) == row["after"]
            assert score(every - {key}) == row["alone"]
        moving = rows.loc[rows["before"] != rows["after"], "item_id"].tolist()
        assert own["item_ids"] == ";".join(moving)


def test_decisions_with_unchanged_evidence_hold_and_others_are_stale(updated: Updated) -> None:
    ledger = store.read_ledger(updated.run.saved.path / "ledger.csv").rows.set_index("finding_id")
    (row,) = updated.versions.changes.query("old_id == '2024-19/JPN-10'").to_dict("records")
    assert row["new_id"] != row["old_id"]
    decided = ledger[ledger["status"] == "decided"]
    assert set(decided.index) == {"score:2024-19/ITA", "score:2024-19/CAN", f"outside_period:{row['new_id']}"}
    final = updated.run.final_scores().set_index("member")
    assert (final.loc["Italy", "final_score"], final.loc["Italy", "basis"]) == (1, "decided")
    assert final.loc["Canada", "basis"] == "stale"
    stale = [note for note in updated.notes if "is stale" in note]
    assert [note.partition(": the")[0] for note in stale] == ["score:2024-19/CAN"]


def test_the_same_report_again_changes_nothing(before: Path, reports: tuple[Path, Path], tmp_path: Path) -> None:
    found = g7tag.update_run(before, reports[0], tmp_path / "run")
    assert (found.versions.changes["status"].unique().tolist(), len(found.versions.steps)) == (["same"], 0)
    assert (found.versions.score_changes["why"] == "").all()
    assert (found.labels["fate"].unique().tolist(), found.sheets) == (["carried"], [])
    assert found.notes == [f"3 decisions in {tmp_path / 'run' / 'ledger.csv'}, 0 of them stale."]
    for name in ("labels/Ada.jsonl", "labels/Bo.jsonl", "labels/plan.toml", "not-blind.txt"):
        lines = [(path / name).read_bytes().splitlines() for path in (tmp_path / "run", before)]
        assert sorted(lines[0]) == sorted(lines[1])  # labels of one time are sorted by their ids


@pytest.mark.parametrize("step", ["_carry_labels", "find_findings", "_carry_ledger", "write_page", "_write_sheets"])
def test_after_an_interruption_the_same_files_come_of_it(
    before: Path,
    updated: Updated,
    reports: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(updating, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            g7tag.update_run(before, reports[1], tmp_path / "run")
    g7tag.update_run(before, reports[1], tmp_path / "run")
    assert files(tmp_path / "run") == files(updated.run.saved.path)


def test_what_people_did_in_the_new_run_stays_when_the_command_is_repeated(
    before: Path, updated: Updated, reports: tuple[Path, Path], tmp_path: Path
) -> None:
    path = shutil.copytree(updated.run.saved.path, tmp_path / "run")
    name = updated.versions.changes.query("status == 'new'")["new_id"].iloc[0]
    row = pd.DataFrame([{"sentence_id": f"{name}.1", "dimensions": "prevent", "strength": "strong", "act": "done"}])
    record(path, row, "Bo")
    g7tag.Run.at(path).rescore()
    g7tag.Run.at(path).decide("score:Japan", owner="Bo", note="looked", decision=1)
    was = files(path / "labels"), files(path)["ledger.csv"]
    command("update", before, reports[1], "-o", path, "--quiet")
    assert (files(path / "labels"), files(path)["ledger.csv"]) == was


def test_the_command_prints_items_scores_and_labels(
    before: Path, updated: Updated, reports: tuple[Path, Path], tmp_path: Path
) -> None:
    path = shutil.copytree(updated.run.saved.path, tmp_path / "run")
    done = command("update", before, reports[1], "-o", path, "--quiet")
    assert "27 same, 6 edited, 15 new, 3 gone." in done.stdout
    fates = updated.labels["fate"].value_counts()
    assert (
        f"203 labels: {fates['carried']} carried, {fates['to confirm']} to confirm, {fates['gone']} gone."
        in done.stdout
    )
    assert "g7tag label" in done.stderr
    assert "--annotator Ada" in done.stderr


def test_the_directory_of_the_run_and_another_tagger_are_refused(
    before: Path, reports: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="is the directory of the old run"):
        g7tag.update_run(before, reports[1], before)
    run = g7tag.open_run(before)
    own = load_tagger(default_model(run.codebook), run.codebook, fast=True)
    assert own.model_id == run.saved.setting("tag", "model", "")
    with pytest.raises(InputError, match=f"is not that of the run, which was tagged with {own.model_id}"):
        g7tag.update_run(run, reports[1], tmp_path / "new", model=replace(own, about=own.about | {"rows": 1}))
    assert not (tmp_path / "new").exists()

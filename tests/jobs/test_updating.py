"""A new version of a report: no label is lost or on another sentence, and each changed score is explained."""

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
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
from g7tag.jobs.sharing import read_plan
from g7tag.labels import assigned_items
from g7tag.scoring import score_members
from g7tag.store.run import MANIFEST, read_manifest, write_manifest
from g7tag.tagger import default_model, load_tagger

MEMBERS = {"Canada": "CAN", "Japan": "JPN", "Italy": "ITA"}
WORDS = """
harbour lorry treaty prosecutor shelter lawyer camera ferry ledger witness court customs fund training border boat
passport agency airport signal drone clinic school union village bank auditor database leaflet radio hotline island
market valley bridge station archive engine garden factory museum river castle orchard quarry tunnel canal
""".split()  # noqa: SIM905 - a list of words is longer
DECIDING = {f"2024-19/{name}" for name in ("CAN-03.1", "CAN-06.1", "JPN-01.2", "JPN-05.2")}
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
    """15 items; in the final report 5 are new, 4 edited and 3 gone. Notes have other numbers."""
    interim = {
        name: items_of(name, n, seed=seed)
        for seed, (name, n) in enumerate(zip(MEMBERS, (6, 6, 3), strict=True), start=1)
    }
    interim["Japan"][5] = items_of("Japan", 1, seed=9, year=2019)[0]  # outside the period: a finding
    final = {name: list(items) for name, items in interim.items()}
    for name, places in {"Canada": (1, 4), "Japan": (0, 4)}.items():
        for place in places:
            day, (first, second, third), source = final[name][place]
            final[name][place] = Item(day, (first, second.replace("The ", "By then the "), third), source)
    final["Canada"].pop(5), final["Canada"].pop(2), final["Japan"].pop(3)
    for name, n, seed in (("Canada", 3, 21), ("Japan", 2, 22)):
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
    """A run on the interim report with labels of Ada and Bo, a decided finding, and two decided scores."""
    path = tmp_path_factory.mktemp("interim") / "run"
    run = g7tag.run_report([reports[0]], output=path, fast=True)
    draw, keys = random.Random(7), run.codebook.dimension_keys
    ids = run.sentences["sentence_id"].tolist()
    for name, kept in (("Ada", ids[:36]), ("Bo", ids[8:])):
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
    jobs.Run.at(path).decide("score:Italy", owner="Ada", note="looked", decision=1)  # makes the ledger
    cells = store.read_ledger(path / "ledger.csv").cells.set_index("finding_id")
    cells.loc["score:2024-19/CAN", ["status", "owner", "note", "decision"]] = ["decided", "Ada", "looked", "0"]
    cells.loc["outside_period:2024-19/JPN-06", ["status", "owner", "note"]] = ["decided", "Ada", "looked"]
    store.write_ledger(path / "ledger.csv", cells.reset_index())
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
    assert updated.items["status"].value_counts().to_dict() == {"same": 8, "new": 5, "edited": 4, "gone": 3}
    ids = [
        {
            item.source: f"2024-19/{MEMBERS[name]}-{at:02d}"
            for name, items in version.items()
            for at, item in enumerate(items, 1)
        }
        for version in interim_and_final()
    ]
    wanted = {(ids[0].get(each, ""), ids[1].get(each, "")) for each in {*ids[0], *ids[1]}}
    assert set(zip(updated.items["old_id"], updated.items["new_id"], strict=True)) == wanted
    changed = updated.items.groupby("status")["changed"].unique().map(list).to_dict()
    assert changed == {
        "same": [""],
        "edited": ["1 sentence edited"],
        "new": [""],
        "gone": [""],
    }  # notes have new numbers


def require_every_label(before: Path, found: Updated) -> dict[str, int]:
    """Check that no label is lost, changed or on another sentence, and return the number of each fate."""
    old, new = store.read_labels(before), store.read_labels(found.run.saved.path)
    assert sorted(found.labels["annotation_id"]) == sorted(old["annotation_id"])
    carried = found.labels[found.labels["fate"] == "carried"]
    texts = [run.sentences.set_index("sentence_id")["text"] for run in (g7tag.open_run(before), found.run)]
    kept = [name for name in old if name not in {"annotation_id", "sentence_id", "supersedes"}]
    was = old.set_index("annotation_id").loc[carried["annotation_id"]]
    said = [
        sorted(rows.assign(text=rows["sentence_id"].map(text))[[*kept, "text"]].astype("str").to_numpy().tolist())
        for rows, text in zip((was, new), texts, strict=True)
    ]
    assert said[0] == said[1]
    assert (new["text_sha256"] == new["sentence_id"].map(texts[1]).map(store.text_sha256)).all()
    assert set(new.loc[new["supersedes"] != "", "supersedes"]) <= set(new["annotation_id"])
    others = found.labels[found.labels["fate"] != "carried"]
    assert not set(others["old_text"]) & set(texts[1])
    return found.labels["fate"].value_counts().to_dict()


def test_no_label_is_lost_or_on_another_sentence(before: Path, updated: Updated) -> None:
    n_gone = updated.labels["sentence_id"].str.contains(r"CAN-(?:03|06)\.|JPN-04\.").sum()
    n_edited = updated.labels["sentence_id"].str.contains(r"(?:CAN-0[25]|JPN-0[15])\.2").sum()
    fates = {"carried": 36 + 37 + 3 - n_gone - n_edited, "to confirm": n_edited, "gone": n_gone}
    assert require_every_label(before, updated) == fates
    assert min(fates.values()) > 0


@pytest.mark.nightly
def test_labels_of_the_real_chapter(chapter_path: Path, tmp_path: Path) -> None:
    """Two people label 200 sentences; then 3 items are deleted, 6 edited, and 5 copied with changed words."""
    run = g7tag.run_report(chapter_path, output=tmp_path / "old", fast=True)
    draw, text = random.Random(3), chapter_path.read_text(encoding="utf-8")
    items = draw.sample([line for line in text.splitlines() if re.match(r"On \d+ \w+ 20\d\d, .{150}", line)], 14)
    for name, ids in (("Ada", run.sentences["sentence_id"][:130]), ("Bo", run.sentences["sentence_id"][60:130])):
        labels = [{"sentence_id": each, "dimensions": "", "strength": "none", "act": "background"} for each in ids]
        record(tmp_path / "old", pd.DataFrame(labels), name, at=AT)
    for item in items[:3]:
        text = text.replace(item, "")
    for item in items[3:9]:
        text = text.replace(item, item.replace(" the ", " this very ", 1))
    for item in items[9:]:
        first, *rest = item.split(" ", 12)
        draw.shuffle(words := rest[-1].split())
        text = text.replace(item, f"{' '.join([first, *rest[:-1], *words])}\n\n{item}")
    (tmp_path / "new.txt").write_text(text, encoding="utf-8")
    found = g7tag.update_run(tmp_path / "old", tmp_path / "new.txt", tmp_path / "new")
    assert found.items["status"].value_counts().drop("same").to_dict() == {"edited": 6, "new": 5, "gone": 3}
    require_every_label(tmp_path / "old", found)


def test_labels_of_edited_sentences_are_confirmed_with_a_sheet(updated: Updated, tmp_path: Path) -> None:
    path = shutil.copytree(updated.run.saved.path, tmp_path / "run")
    open_labels = updated.labels[(updated.labels["fate"] == "to confirm") & updated.labels["current"]]
    assert [sheet.annotator for sheet in updated.sheets] == ["Ada", "Bo"]
    for name, _, sheet in updated.sheets:
        done = record(path, path / sheet.name, name)
        own = open_labels[open_labels["annotator"] == name]
        assert (done.problems, len(done.annotations)) == ([], len(own))
        assert sorted(done.annotations["sentence_id"]) == sorted(own["new_id"])
        assert sorted(done.annotations["note"]) == sorted(own["note"])
        assert not done.annotations["blind"].any()


def test_each_item_stays_with_the_people_who_were_to_label_it(before: Path, updated: Updated) -> None:
    plans = [read_plan(run) for run in (before, updated.run.saved.path)]
    pairs = updated.items.query("old_id != '' and new_id != ''")
    assert (pairs["old_id"] != pairs["new_id"]).any()
    for name in ("Ada", "Bo"):
        own = [
            pairs[each].isin(assigned_items(pairs[each], plan, name))
            for each, plan in zip(("old_id", "new_id"), plans, strict=True)
        ]
        assert own[0].tolist() == own[1].tolist()


def brute_force(old: jobs.Run, new: jobs.Run, items: pd.DataFrame) -> Callable[[frozenset[str]], dict[Any, Any]]:
    """Return the scores with the rows of the new run for some items, and those of the old run for the others."""

    @cache
    def score(replaced: frozenset[str]) -> dict[Any, Any]:
        is_new = items["key"].isin(replaced)
        parts: dict[str, list[pd.DataFrame]] = {"items": [], "sentences": [], "labels": []}
        for run, ids in ((old, items.loc[~is_new, "old_id"]), (new, items.loc[is_new, "new_id"])):
            own = run.sentences[run.sentences["item_id"].isin(ids)]
            for name, rows in {
                "items": run.items[run.items["item_id"].isin(ids)], "sentences": own,
                "labels": run.labels[run.labels["sentence_id"].isin(own["sentence_id"])],
            }.items():  # fmt: skip
                mark = "old " if run is old else "new "
                named = {key: mark + rows[key] for key in ("item_id", "sentence_id") if key in rows}
                numbers = {"position": range(1, len(rows) + 1)} if "position" in rows else {}
                parts[name].append(rows.assign(**named, **numbers))
        frames = {name: build(FIXED[name], pd.concat(rows).to_dict("records")) for name, rows in parts.items()}
        scores = score_members(members=new.members, codebook=new.codebook, **frames).scores
        return scores.set_index(["member", "reading"])["suggested_score"].to_dict()

    return score


def test_each_changed_score_is_explained(before: Path, updated: Updated) -> None:
    items = updated.items.assign(
        key=updated.items["new_id"].where(updated.items["new_id"] != "", "gone " + updated.items["old_id"])
    )
    score, every = brute_force(g7tag.open_run(before), updated.run, items), frozenset(items["key"])
    scores = updated.scores.set_index(["member", "reading"])
    changed = scores[scores["old_score"] != scores["new_score"]]
    assert len(changed)
    assert (changed["item_ids"] != "").all()
    for (member, reading), rows in updated.steps.groupby(["member", "reading"], sort=False):
        own = scores.loc[(member, reading)]
        assert (rows["before"].iloc[0], rows["after"].iloc[-1]) == (own["old_score"], own["new_score"])
        done = every - set(items.loc[(items["member"] == member) & (items["status"] != "same"), "key"])
        for row in rows.to_dict("records"):
            key = "gone " * (row["status"] == "gone") + row["item_id"]
            done |= {key}
            assert score(done)[member, reading] == row["after"]
            assert score(every - {key})[member, reading] == row["alone"]
        moving = rows.loc[rows["before"] != rows["after"], "item_id"].tolist()
        assert own["item_ids"] == ";".join(moving)


def test_decisions_with_unchanged_evidence_hold_and_others_are_stale(updated: Updated) -> None:
    ledger = store.read_ledger(updated.run.saved.path / "ledger.csv").rows.set_index("finding_id")
    (row,) = updated.items.query("old_id == '2024-19/JPN-06'").to_dict("records")
    assert row["new_id"] != row["old_id"]
    decided = ledger[ledger["status"] == "decided"]
    assert set(decided.index) == {"score:2024-19/ITA", "score:2024-19/CAN", f"outside_period:{row['new_id']}"}
    final = updated.run.final_scores().set_index("member")
    assert (final.loc["Italy", "final_score"], final.loc["Italy", "basis"]) == (1, "decided")
    assert final.loc["Canada", "basis"] == "stale"
    stale = [note for note in updated.notes if "is stale" in note]
    assert [note.partition(": the")[0] for note in stale] == ["score:2024-19/CAN"]


@pytest.mark.slow
def test_the_same_report_again_changes_nothing_but_the_policy(
    before: Path, reports: tuple[Path, Path], tmp_path: Path
) -> None:
    old = shutil.copytree(before, tmp_path / "old")
    steps = read_manifest(old / MANIFEST)
    steps["score"]["settings"]["policy"] = "agreement"  # as if models' labels counted
    write_manifest(old / MANIFEST, steps)
    found = g7tag.update_run(old, reports[0], tmp_path / "run")
    assert found.items["status"].unique().tolist() == ["same"]
    assert (found.labels["fate"].unique().tolist(), found.sheets) == (["carried"], [])
    assert found.notes[0].startswith("The old run was scored with policy 'agreement', which counts labels that are not")
    for name in ("labels/Ada.jsonl", "labels/Bo.jsonl", "labels/plan.toml", "not-blind.txt"):
        lines = [(path / name).read_bytes().splitlines() for path in (tmp_path / "run", before)]
        assert sorted(lines[0]) == sorted(lines[1])  # labels of one time are sorted by their ids


@pytest.mark.slow
def test_after_interruptions_the_same_files_come_of_it(
    before: Path, updated: Updated, reports: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("_carry_labels", "_carry_ledger", "_write_sheets"):
        with monkeypatch.context() as patch:
            patch.setattr(updating, step, interrupt)
            with pytest.raises(KeyboardInterrupt):
                g7tag.update_run(before, reports[1], tmp_path / "run")
    g7tag.update_run(before, reports[1], tmp_path / "run")
    assert files(tmp_path / "run") == files(updated.run.saved.path)


@pytest.mark.slow
def test_the_command_repeated_prints_what_changed_and_keeps_what_people_did(
    before: Path, updated: Updated, reports: tuple[Path, Path], tmp_path: Path
) -> None:
    path = shutil.copytree(updated.run.saved.path, tmp_path / "run")
    name = updated.items.query("status == 'new'")["new_id"].iloc[0]
    row = pd.DataFrame([{"sentence_id": f"{name}.1", "dimensions": "prevent", "strength": "strong", "act": "done"}])
    record(path, row, "Bo")
    g7tag.Run.at(path).decide("score:Japan", owner="Bo", note="looked", decision=1)
    was = files(path / "labels"), files(path)["ledger.csv"]
    done = command("update", before, reports[1], "-o", path, "--quiet")
    assert (files(path / "labels"), files(path)["ledger.csv"]) == was
    n = updated.labels["fate"].value_counts()
    counts = f"{n.sum()} labels: {n['carried']} carried, {n['to confirm']} to confirm, {n['gone']} gone."
    for text in ("8 same, 4 edited, 5 new, 3 gone.", counts):
        assert text in done.stdout
        assert text in (path / "update" / "changes.html").read_text(encoding="utf-8")
    assert re.search("g7tag label .*run .*Ada.xlsx.* --annotator Ada", done.stderr)


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

"""Model files are checked before anything in them is built, and refused with the reason."""

import ast
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

import g7tag
from g7tag.codebook import Codebook
from g7tag.errors import ModelError
from g7tag.jobs.training import wording_differs
from g7tag.store import file_sha256
from g7tag.tagger import Tagger, default_model, explain_tags, load_tagger, persist, save_tagger, tag_sentences
from g7tag.tagger.features import ABOUT, CueFlags
from g7tag.tagger.likeness import SIZE

SLOW = ["a*" * 4]
"""A cue whose search time grows fast."""


@pytest.fixture
def model(tmp_path: Path, small: Tagger) -> Path:
    save_tagger(small, tmp_path / "m.skops")
    return tmp_path / "m.skops"


@pytest.fixture
def few_model(tmp_path: Path, few: Tagger) -> Path:
    save_tagger(few, tmp_path / "m.skops")
    return tmp_path / "m.skops"


def rewrite_manifest(model: Path, **changes: Any) -> None:
    path = model.with_name(f"{model.name}.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def describe(model: Path) -> None:
    """Make the manifest match the current file, as an attacker would."""
    with zipfile.ZipFile(model) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    size = model.stat().st_size
    rewrite_manifest(model, sha256=file_sha256(model), bytes=size, unpacked_bytes=unpacked, parts=len(parts))


def save_changed(model: Path, codebook: Codebook, change: Callable[[Tagger], object]) -> None:
    """Save a tagger again after a change, with a true manifest, as an attacker would."""
    tagger = load_tagger(model, codebook)
    change(tagger)
    save_tagger(tagger, model)


@pytest.mark.parametrize("which", ["small", "few"])
def test_a_saved_tagger_says_the_same(
    which: str, labelled: pd.DataFrame, tmp_path: Path, harbours: Codebook, request: pytest.FixtureRequest
) -> None:
    tagger = request.getfixturevalue(which)
    save_tagger(tagger, tmp_path / "m.skops")
    loaded = load_tagger(tmp_path / "m.skops", harbours)
    assert (loaded.model_id, loaded.about) == (tagger.model_id, tagger.about)
    for name in ("thresholds", "review_below", "right_scale"):
        assert getattr(loaded, name) == getattr(tagger, name)
    for tell in (lambda it: tag_sentences(labelled, it, harbours), lambda it: explain_tags(labelled, it)):
        pd.testing.assert_frame_equal(tell(loaded), tell(tagger), check_exact=True)


def test_a_changed_or_missing_file_is_named(model: Path, alone: Codebook) -> None:
    content = model.read_bytes()
    middle = len(content) // 2
    for changed in (content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :], content[:-1]):
        model.write_bytes(changed)
        with pytest.raises(ModelError, match=r"m\.skops: was changed since it was trained .* download it again\.$"):
            load_tagger(model, alone)
    for missing in (model.with_name("m.skops.json"), model):
        missing.unlink()
        with pytest.raises(ModelError, match=rf"{missing.name}: no such file"):
            load_tagger(model, alone)


def test_a_pickle_named_as_a_model_is_refused_and_not_run(tmp_path: Path, model: Path, alone: Codebook) -> None:
    canary = tmp_path / "canary"
    command = f"touch {canary}"
    model.write_bytes(b"cos\nsystem\n(S'" + command.encode() + b"'\ntR.")  # runs the command if unpickled
    rewrite_manifest(model, sha256=file_sha256(model), bytes=model.stat().st_size)
    with pytest.raises(ModelError, match="does not contain a tagger"):
        load_tagger(model, alone)
    assert not canary.exists()


def test_a_type_that_is_not_ours_is_refused(model: Path, alone: Codebook) -> None:
    class Stranger(GaussianNB):  # type: ignore[misc]
        pass

    model.write_bytes(skops.io.dumps({"features": Stranger(), "heads": {}}))
    describe(model)
    with pytest.raises(ModelError, match=r"contains types that g7tag does not trust: .*Stranger"):
        load_tagger(model, alone)
    rewrite_manifest(model, trusted_types=["os.system"])  # a manifest cannot widen what is trusted
    with pytest.raises(ModelError, match=r"does not trust: .*'os\.system'"):
        load_tagger(model, alone)


def test_an_archive_larger_than_it_says_is_refused_before_it_is_unpacked(
    model: Path, alone: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persist, "MOST_BYTES", 1_000_000)
    with zipfile.ZipFile(model, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 3_000_000)
    rewrite_manifest(model, sha256=file_sha256(model), bytes=model.stat().st_size)
    with pytest.raises(ModelError, match=r"unpacks to 3,\d{3},\d{3} bytes"):
        load_tagger(model, alone)
    describe(model)  # true, and still too large
    with pytest.raises(ModelError, match="at most 1,000,000"):
        load_tagger(model, alone)


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"scikit-learn": "1.2.0"}, r"was trained with scikit-learn 1\.2\.0, but .* is installed"),
        ({"vectors_sha256": "0" * 64}, "other sentence vectors than those of this g7tag"),
        ({"codebook": "2030-x"}, r"was trained for codebook '2030-x' with .*Expected '2030-harbours' with dredge, "),
        ({"dimensions": ["dredge"]}, r"with dimensions dredge\. Expected '2030-harbours' with dredge, "),
        ({"exclusions": ["toys"]}, "Use its codebook, or train a new tagger"),
    ],
)
def test_a_model_of_another_release_or_codebook_is_refused(
    model: Path, alone: Codebook, about: dict[str, object], message: str
) -> None:
    own = json.loads(model.with_name("m.skops.json").read_text())["about"]
    rewrite_manifest(model, about=own | about)
    with pytest.raises(ModelError, match=message):
        load_tagger(model, alone)


def test_a_codebook_without_a_bundled_tagger_is_named(alone: Codebook) -> None:
    with pytest.raises(ModelError, match="codebook '2030-harbours': g7tag has no bundled tagger"):
        default_model(alone)


def test_a_model_must_be_named_skops(tmp_path: Path, small: Tagger) -> None:
    with pytest.raises(ModelError, match=r"must end in \.skops\. Use the name model\.skops"):
        save_tagger(small, tmp_path / "model.pkl")


@pytest.mark.parametrize(
    "change",
    [{"thresholds": {"dredge": "high"}}, {"thresholds": {"dredge": 1.5}}, {"review_below": None}, {"parts": -1},
     {"right_scale": [1.0]}, {"about": {}}, {"format": 2}, {"command": "x"}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_manifest_with_a_wrong_entry_is_refused(model: Path, alone: Codebook, change: dict[str, Any]) -> None:
    rewrite_manifest(model, **change)
    with pytest.raises(ModelError, match=rf"not the manifest of a model \('{next(iter(change))}"):
        load_tagger(model, alone)


def test_a_manifest_of_200_mb_is_refused_unread(model: Path, alone: Codebook) -> None:
    with model.with_name(f"{model.name}.json").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ModelError, match=r"skops\.json: has 200,000,000 bytes\. Expected at most 1,000,000\."):
        load_tagger(model, alone)


def set_head(name: str, part: str, value: Callable[[Any], Any]) -> Callable[[Tagger], object]:
    return lambda it: setattr(it.heads[name], part, value(getattr(it.heads[name], part)))


@pytest.mark.parametrize(
    "change",
    [
        set_head("dredge", "coef_", lambda weights: weights[:, :-1]),
        set_head("strong", "coef_", lambda weights: np.c_[weights, [0.0]]),
        set_head("planned", "coef_", lambda weights: weights * np.nan),
        set_head("dredge", "intercept_", lambda level: level + np.inf),
        set_head("dredge", "classes_", lambda _: np.array(["x", "y"])),
        set_head("dredge", "classes_", lambda classes: classes[::-1]),
        lambda it: it.heads.pop("light"),
        lambda it: it.thresholds.pop("light"),
    ],
    ids=["narrow", "wide", "no numbers", "infinite", "unknown classes", "turned classes", "no head", "no threshold"],
)
@pytest.mark.parametrize("which", ["model", "few_model"])
def test_classifiers_that_do_not_fit_are_refused(
    change: Callable[[Tagger], object], which: str, harbours: Codebook, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(which)
    save_changed(path, harbours, change)
    with pytest.raises(ModelError, match="its classifiers do not fit its features or labels"):
        load_tagger(path, harbours)


def repack(model: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write the archive again with changed parts and a matching manifest."""
    with zipfile.ZipFile(model) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    with zipfile.ZipFile(model, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))
    describe(model)


def deep(name: str, content: bytes) -> bytes:
    """A schema of 100,000 nested lists."""
    start = b'{"protocol": 2, "__class__": "list", "content": '
    return start + b"[" * 100_000 + b"]" * 100_000 + b"}" if name == "schema.json" else content


def huge(name: str, content: bytes) -> bytes:
    """Arrays that claim to have 8 TiB."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header if name.endswith(".npy") else content


def overwrite(model: Path, local: int, central: int, value: int) -> None:
    """Write a byte at these offsets of the headers of the archive's first part."""
    content = bytearray(model.read_bytes())
    for signature, at in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        content[content.index(signature) + at] = value
    model.write_bytes(bytes(content))
    describe(model)


DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "deep schema": (lambda model: repack(model, deep), "RecursionError: "),
    "8 TiB array": (lambda model: repack(model, huge), r"(MemoryError|ValueError|\w+): "),
    "no skops file": (lambda model: repack(model, lambda *_: b"{}"), r"KeyError|\w+"),
    "encrypted": (lambda model: overwrite(model, 6, 8, 1), ".*encrypted, password required"),
    "unknown way of packing": (lambda model: overwrite(model, 8, 10, 97), ".*compression"),
    "bad checksum": (lambda model: overwrite(model, 14, 16, 0), ".*Bad CRC"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_file_whose_manifest_is_true_of_it_is_refused(model: Path, alone: Codebook, how: str) -> None:
    damage, found = DAMAGED[how]
    damage(model)
    with pytest.raises(ModelError, match=rf"does not contain a tagger \({found}"):
        load_tagger(model, alone)


def block(tagger: Tagger, name: str) -> Any:
    return tagger.features.named_transformers_[name]


def set_cue(tagger: Tagger, cue: str) -> None:
    flags = block(tagger, "cues").named_steps["flags"]
    flags.cues = {**flags.cues, next(iter(flags.cues)): [cue]}


@pytest.mark.parametrize(
    "change",
    [
        lambda it: block(it, "words").set_params(token_pattern=r"(a+)+$"),
        lambda it: set_cue(it, SLOW[0]),
        lambda it: set_cue(it, "x" * 201),
    ],
    ids=["slow words", "slow cue", "long cue"],
)
def test_a_pattern_that_could_take_any_time_is_refused(
    change: Callable[[Tagger], object], model: Path, alone: Codebook
) -> None:
    save_changed(model, alone, change)
    with pytest.raises(ModelError, match=r"splits words or searches for cues differently from g7tag, .* Do not use"):
        load_tagger(model, alone)


def first_of(tagger: Tagger, part: str, value: object) -> None:
    """Set the cues or the wording of the first dimension."""
    own = dict(getattr(block(tagger, "likeness"), part))
    setattr(block(tagger, "likeness"), part, own | {next(iter(own)): value})


def replace_block(tagger: Tagger, name: str, other: object, *, as_name: str = "") -> None:
    tagger.features.transformers_ = [
        (as_name or each, other, columns) if each == name else (each, transformer, columns)
        for each, transformer, columns in tagger.features.transformers_
    ]


def searcher() -> CueFlags:
    """As many numbers as the meaning has, by slow cues."""
    rows = pd.DataFrame({"item_id": ["s"], "text": ["A lamp."]})
    return CueFlags({f"a.b{place}": SLOW for place in range((SIZE - len(ABOUT)) // 2)}).fit(rows)


def hide_words(tagger: Tagger) -> None:
    """Use other words, and give a later block a step with the name of the words."""
    ours = block(tagger, "words")
    replace_block(tagger, "words", TfidfVectorizer(token_pattern="(a+)+$").fit(["a"]))
    replace_block(tagger, "meaning", Pipeline([("words", ours)]))


CHANGES: dict[str, Callable[[Tagger], object]] = {
    "slow cue": lambda it: first_of(it, "cues", SLOW),
    "cue that is no text": lambda it: first_of(it, "cues", [7]),
    "cues of another dimension": lambda it: setattr(block(it, "likeness"), "cues", {"sow": ["sow*"]}),
    "wordings of another dimension": lambda it: setattr(block(it, "likeness"), "wordings", {"sow": [["a"], ["a"], []]}),
    "two parts of a wording": lambda it: first_of(it, "wordings", [["a"], ["a"]]),
    "no definition": lambda it: first_of(it, "wordings", [[], ["a"], []]),
    "wording that is no text": lambda it: first_of(it, "wordings", [["a"], [3], []]),
    "commitment that is no text": lambda it: setattr(block(it, "likeness"), "commitment", ["a"]),
    "typical values of others": lambda it: setattr(block(it, "likeness"), "typical_", np.zeros(3)),
    "codebook not borrowed from": lambda it: setattr(block(it, "lent"), "codebook", "2024-apulia-18"),
    "path as codebook": lambda it: setattr(block(it, "lent"), "codebook", "../2024-apulia-19"),
    "another model": lambda it: setattr(block(it, "lent"), "model", "2024-apulia-19-0"),
    "cues beside likeness": lambda it: replace_block(it, "meaning", searcher(), as_name="cues"),
    "slow cues in a row": lambda it: replace_block(it, "meaning", Pipeline([("flags", searcher())])),
    "slow cues in the remainder": lambda it: replace_block(it, "meaning", searcher(), as_name="remainder"),
    "slow words behind ours": hide_words,
    "slow cues as meaning": lambda it: replace_block(it, "meaning", searcher()),
    "meaning of another name": lambda it: replace_block(it, "meaning", block(it, "meaning"), as_name="sense"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_parts_that_are_not_ours_are_refused_before_they_are_used(
    change: Callable[[Tagger], object], few_model: Path, harbours: Codebook, request: pytest.FixtureRequest
) -> None:
    save_changed(few_model, harbours, change)
    slow = "slow" in request.node.callspec.id  # then it must be its patterns that are refused
    found = "differently from g7tag" if slow else r"(differently from g7tag|do not fit|does not contain a tagger)"
    with pytest.raises(ModelError, match=rf"m\.skops: .*{found}"):
        load_tagger(few_model, harbours)


def test_a_tagger_of_an_earlier_bundled_tagger_is_refused_when_it_tags(
    few_model: Path, labelled: pd.DataFrame, harbours: Codebook
) -> None:
    def apply(tagger: Tagger) -> None:
        block(tagger, "lent").model = tagger.about["borrowed"][-1] = "2024-apulia-19-000000000000"

    save_changed(few_model, harbours, apply)
    with pytest.raises(ModelError, match=r"was trained with 2024-apulia-19-000000000000, but g7tag now comes with"):
        tag_sentences(labelled, load_tagger(few_model, harbours), harbours)


def test_a_tagger_keeps_and_tells_the_definitions_that_it_knows(
    few_model: Path, labelled: pd.DataFrame, harbours: Codebook
) -> None:
    first, *others = harbours.dimensions
    better = harbours.model_copy(update={"dimensions": [first.model_copy(update={"definition": "Ships."}), *others]})
    tags = [tag_sentences(labelled, load_tagger(few_model, book), book) for book in (harbours, better)]
    pd.testing.assert_frame_equal(*tags)
    assert not wording_differs(few_model, harbours.model_copy(update={"min_strong_items": 7}))
    assert wording_differs(few_model, better)


def test_nothing_in_the_package_reads_a_pickle() -> None:
    """A pickle runs its content."""
    root = Path(g7tag.__path__[0])
    banned = {"pickle", "dill", "shelve", "marshal", "yaml", "joblib.load"}
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            assert not banned & {*names, *(name.partition(".")[0] for name in names)}, path
            assert not (isinstance(node, ast.Attribute) and node.attr == "read_pickle"), path
            assert not (isinstance(node, ast.keyword) and node.arg == "allow_pickle"), path

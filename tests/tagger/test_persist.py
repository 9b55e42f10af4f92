"""Model files are checked before anything in them is built, and refused with the reason."""

import ast
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.naive_bayes import GaussianNB

import g7tag
from g7tag.codebook import Codebook
from g7tag.errors import ModelError
from g7tag.store import file_sha256
from g7tag.tagger import default_model, load_tagger, save_tagger


@pytest.fixture
def model(tmp_path: Path, codebook: Codebook) -> Path:
    """A copy of the bundled model with its manifest."""
    source = default_model(codebook)
    encoder = [f"{source.stem}.onnx", f"{source.stem}.tokenizer.json"]
    for name in (source.name, f"{source.name}.json", *encoder):
        shutil.copy(source.with_name(name), tmp_path / name)
    return tmp_path / source.name


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


def test_a_saved_tagger_loads_with_the_same_thresholds_and_id(tmp_path: Path, model: Path, codebook: Codebook) -> None:
    tagger = load_tagger(model, codebook)
    save_tagger(tagger, tmp_path / "copy.skops")
    copy = load_tagger(tmp_path / "copy.skops", codebook)
    assert (copy.model_id, copy.thresholds, copy.review_below) == (
        tagger.model_id,
        tagger.thresholds,
        tagger.review_below,
    )


def test_a_flipped_byte_is_found(model: Path, codebook: Codebook) -> None:
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(bytes(content))
    with pytest.raises(ModelError, match="was changed since it was trained"):
        load_tagger(model, codebook)


@pytest.mark.parametrize("gone", ["", ".json"], ids=["model", "manifest"])
def test_a_missing_file_is_named(model: Path, codebook: Codebook, gone: str) -> None:
    missing = model.with_name(f"{model.name}{gone}")
    missing.unlink()
    with pytest.raises(ModelError, match=rf"{missing.name}: no such file"):
        load_tagger(model, codebook)


def test_a_pickle_named_as_a_model_is_refused_and_not_run(tmp_path: Path, model: Path, codebook: Codebook) -> None:
    canary = tmp_path / "canary"
    command = f"touch {canary}"
    model.write_bytes(b"cos\nsystem\n(S'" + command.encode() + b"'\ntR.")  # runs the command if unpickled
    rewrite_manifest(model, sha256=file_sha256(model), bytes=model.stat().st_size)
    with pytest.raises(ModelError, match="not a skops file"):
        load_tagger(model, codebook)
    assert not canary.exists()


def test_a_type_that_is_not_ours_is_refused(model: Path, codebook: Codebook) -> None:
    class Stranger(GaussianNB):  # type: ignore[misc]
        pass

    model.write_bytes(skops.io.dumps({"features": Stranger(), "heads": {}}))
    describe(model)
    with pytest.raises(ModelError, match=r"contains types that g7tag does not trust: .*Stranger"):
        load_tagger(model, codebook)


def test_a_manifest_cannot_widen_what_is_trusted(model: Path, codebook: Codebook) -> None:
    rewrite_manifest(model, trusted_types=["os.system"])
    with pytest.raises(ModelError, match=r"does not trust: 'os\.system'"):
        load_tagger(model, codebook)


def test_an_archive_larger_than_it_says_is_refused_before_it_is_unpacked(model: Path, codebook: Codebook) -> None:
    with zipfile.ZipFile(model, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 300_000_000)
    rewrite_manifest(model, sha256=file_sha256(model), bytes=model.stat().st_size)
    with pytest.raises(ModelError, match=r"unpacks to 3\d\d,\d{3},\d{3} bytes"):
        load_tagger(model, codebook)
    describe(model)  # true, and still too large
    with pytest.raises(ModelError, match="at most 200,000,000"):
        load_tagger(model, codebook)


def test_a_path_that_leads_out_of_the_archive_is_refused(model: Path, codebook: Codebook) -> None:
    with zipfile.ZipFile(model, "a") as archive:
        archive.writestr("../outside", b"x")
    describe(model)
    with pytest.raises(ModelError, match="Do not use this file"):
        load_tagger(model, codebook)


def test_weights_that_do_not_fit_the_features_are_refused(model: Path, codebook: Codebook) -> None:
    tagger = load_tagger(model, codebook)
    tagger.heads["counter"].coef_ = tagger.heads["counter"].coef_[:, :-1]
    save_tagger(tagger, model)
    with pytest.raises(ModelError, match="its classifiers do not fit its features"):
        load_tagger(model, codebook)


def test_another_release_of_scikit_learn_is_refused(model: Path, codebook: Codebook) -> None:
    about = json.loads(model.with_name(f"{model.name}.json").read_text())["about"]
    rewrite_manifest(model, about=about | {"scikit-learn": "1.2.0"})
    with pytest.raises(ModelError, match=r"was trained with scikit-learn 1\.2\.0, but .* is installed"):
        load_tagger(model, codebook)


def test_a_model_of_another_codebook_is_refused(model: Path, codebook: Codebook) -> None:
    other = codebook.model_copy(update={"id": "2030-elsewhere-1"})
    with pytest.raises(ModelError, match=r"was trained for codebook '2024-apulia-19'.*Expected '2030-elsewhere-1'"):
        load_tagger(model, other)
    with pytest.raises(ModelError, match="codebook '2030-elsewhere-1': g7tag has no bundled tagger"):
        default_model(other)


def test_a_model_must_be_named_skops(tmp_path: Path, model: Path, codebook: Codebook) -> None:
    with pytest.raises(ModelError, match=r"must end in \.skops\. Use the name model\.skops"):
        save_tagger(load_tagger(model, codebook), tmp_path / "model.pkl")


def test_a_manifest_without_its_entries_is_refused(model: Path, codebook: Codebook) -> None:
    model.with_name(f"{model.name}.json").write_text('{"format": 1, "about": {}}')
    with pytest.raises(
        ModelError, match=r"not the manifest of a model \('about\.codebook: Field required'.*and \d+ more"
    ):
        load_tagger(model, codebook)


@pytest.mark.parametrize(
    "change",
    [
        {"thresholds": {"prevent": "high"}},
        {"review_below": None},
        {"trusted_types": None},
        {"unpacked_bytes": "x"},
        {"about": []},
    ],
    ids=["threshold", "margin", "types", "size", "about"],
)
def test_a_manifest_with_an_entry_of_another_type_is_refused(
    model: Path, codebook: Codebook, change: dict[str, Any]
) -> None:
    rewrite_manifest(model, **change)
    with pytest.raises(ModelError, match=rf"not the manifest of a model \('{next(iter(change))}"):
        load_tagger(model, codebook)


def test_an_archive_that_is_no_skops_file_is_refused(model: Path, codebook: Codebook) -> None:
    with zipfile.ZipFile(model, "w") as archive:
        archive.writestr("schema.json", "{}")
    describe(model)
    with pytest.raises(ModelError, match="does not contain a tagger"):
        load_tagger(model, codebook)


@pytest.mark.parametrize("classes", [["x", "y"], [True, False]], ids=["unknown", "the other way round"])
def test_a_classifier_of_other_classes_is_refused(model: Path, codebook: Codebook, classes: list[object]) -> None:
    tagger = load_tagger(model, codebook)
    tagger.heads["counter"].classes_ = np.array(classes)
    save_tagger(tagger, model)
    with pytest.raises(ModelError, match="its classifiers do not fit its features or labels"):
        load_tagger(model, codebook)


@pytest.mark.parametrize("where", ["coef_", "intercept_"])
def test_weights_that_are_no_numbers_are_refused(model: Path, codebook: Codebook, where: str) -> None:
    tagger = load_tagger(model, codebook)
    getattr(tagger.heads["counter"], where).flat[0] = np.nan
    save_tagger(tagger, model)
    with pytest.raises(ModelError, match="its classifiers do not fit its features or labels"):
        load_tagger(model, codebook)


def repack(model: Path, change: Any = None, **how: Any) -> None:
    """Write the archive again with a changed schema and a matching manifest."""
    with zipfile.ZipFile(model) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    if change is not None:
        parts["schema.json"] = change(parts["schema.json"])
    with zipfile.ZipFile(model, "w", **({"compression": zipfile.ZIP_DEFLATED} | how)) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    describe(model)


def deep(schema: bytes) -> bytes:
    """Return a schema of 100,000 nested lists."""
    return b'{"protocol": 2, "__class__": "list", "content": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def flip(model: Path, what: bytes, value: int) -> None:
    """Set bits in the flags (offset 6 and 8) or the compression (offset 8 and 10) of the archive's first part."""
    content = bytearray(model.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + flags + (2 if what == b"method" else 0)
        content[at] = value
    model.write_bytes(bytes(content))
    describe(model)


def spoil(model: Path) -> None:
    """Change compressed bytes of the largest part."""
    with zipfile.ZipFile(model) as archive:
        part = max(archive.infolist(), key=lambda part: part.compress_size)
    content = bytearray(model.read_bytes())
    middle = part.header_offset + part.compress_size // 2
    content[middle : middle + 40] = bytes(40)
    model.write_bytes(bytes(content))
    describe(model)


def wrong_checksum(model: Path) -> None:
    content = bytearray(model.read_bytes())
    content[content.index(b"PK\x01\x02") + 16] ^= 1
    model.write_bytes(bytes(content))
    describe(model)


def huge_array(model: Path) -> None:
    """Write an array that claims to have 8 TiB."""
    with zipfile.ZipFile(model) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    name = next(name for name, content in parts.items() if content.startswith(b"\x93NUMPY"))
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }"
    padded = header + b" " * (117 - len(header)) + b"\n"
    parts[name] = b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded
    with zipfile.ZipFile(model, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    describe(model)


DAMAGED = {
    "deep schema": (lambda model: repack(model, deep), r"does not contain a tagger \(RecursionError: "),
    "8 TiB array": (huge_array, r"does not contain a tagger \((MemoryError|ValueError|\w+): "),
    "encrypted": (lambda model: flip(model, b"flags", 1), r"not a skops file \(.* is encrypted, password required"),
    "unknown way of packing": (lambda model: flip(model, b"method", 97), r"not a skops file \(.*compression"),
    "bad checksum": (wrong_checksum, r"not a skops file \((the checksum of its part|Bad CRC)"),
    "bad data": (spoil, r"not a skops file \("),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_file_whose_manifest_is_true_of_it_is_refused(model: Path, codebook: Codebook, how: str) -> None:
    damage, found = DAMAGED[how]
    damage(model)
    with pytest.raises(ModelError, match=found):
        load_tagger(model, codebook)


def test_a_pattern_that_could_take_any_time_is_refused(model: Path, codebook: Codebook) -> None:
    tagger = load_tagger(model, codebook)
    tagger.features.named_transformers_["words"].set_params(token_pattern=r"(a+)+$")
    save_tagger(tagger, model)
    with pytest.raises(ModelError, match=r"splits words or searches for cues differently from g7tag, .* Do not use"):
        load_tagger(model, codebook)


@pytest.mark.parametrize("cue", ["a*" * 4, "x" * 201])
def test_a_cue_that_could_take_any_time_is_refused(model: Path, codebook: Codebook, cue: str) -> None:
    tagger = load_tagger(model, codebook)
    flags = tagger.features.named_transformers_["cues"].named_steps["flags"]
    group = next(iter(flags.cues))
    flags.cues = {**flags.cues, group: [cue]}
    save_tagger(tagger, model)
    with pytest.raises(ModelError, match="searches for cues differently"):
        load_tagger(model, codebook)


def test_a_manifest_of_200_mb_is_refused_unread(model: Path, codebook: Codebook) -> None:
    with model.with_name(f"{model.name}.json").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ModelError, match=r"skops\.json: has 200,000,000 bytes\. Expected at most 1,000,000\."):
        load_tagger(model, codebook)


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

"""Model files are checked before anything in them is used, and refused with the reason."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import g7tag
from g7tag.codebook import codebook_toml
from g7tag.errors import ModelError
from g7tag.store import file_sha256
from g7tag.tagger import arrays, default_model, explain_tags, load_tagger, save_tagger, tag_sentences
from g7tag.tagger.arrays import arrays_bytes, read_arrays
from g7tag.tagger.persist import wording_differs


@pytest.fixture
def model(tmp_path, small):
    save_tagger(small, tmp_path / "m.npz")
    return tmp_path / "m.npz"


def manifest_of(model):
    return json.loads(model.with_name("m.npz.json").read_text())


def rewrite_manifest(model, **changes):
    model.with_name("m.npz.json").write_text(json.dumps(manifest_of(model) | changes))


def rewrite(model, content):
    """Write other content with a true manifest, as an attacker would."""
    model.write_bytes(content)
    rewrite_manifest(model, sha256=file_sha256(model), bytes=len(content))


@pytest.mark.parametrize("fast", [False, True], ids=["encoder", "fast"])
def test_a_saved_tagger_gives_the_same_tags(model, small, labelled, book, fast):
    tagger, loaded = small.fast if fast else small, load_tagger(model, book, fast=fast)
    assert (loaded.model_id, loaded.about, loaded.threshold) == (tagger.model_id, tagger.about, tagger.threshold)
    for tell in (lambda it: tag_sentences(labelled, it, book), lambda it: explain_tags(labelled.head(5), it, most=1)):
        pd.testing.assert_frame_equal(tell(loaded), tell(tagger), rtol=0, atol=1e-4)


def test_saving_again_gives_the_same_bytes(tmp_path, small, start, book):
    for name, tagger in {"a": small, "b": small, "c": start}.items():
        save_tagger(tagger, tmp_path / f"{name}.npz")
    save_tagger(load_tagger(tmp_path / "c.npz", book), tmp_path / "d.npz")
    for one, other in ("ab", "cd"):
        for end in (".npz", ".npz.json"):
            assert (tmp_path / f"{one}{end}").read_bytes() == (tmp_path / f"{other}{end}").read_bytes()


@pytest.mark.slow
def test_the_fast_tagger_loads_neither_onnxruntime_nor_scikit_learn(model, book):
    (model.parent / "book.toml").write_bytes(codebook_toml(book))
    program = """
import sys
from pathlib import Path
import pandas as pd
from g7tag.codebook import load_codebook
from g7tag.tagger import load_tagger, tag_table
book = load_codebook(Path("book.toml"))
tags = tag_table(pd.DataFrame({"text": ["The port dredged silt."]}), load_tagger("m.npz", book, fast=True), book)
print(tags["dimensions"][0], {"sklearn", "onnxruntime", "tokenizers"} & set(sys.modules))
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=model.parent, capture_output=True, text=True, check=True)
    assert done.stdout == "dredge set()\n"


def test_what_cannot_be_saved_or_loaded_says_why(tmp_path, start, fast, book):
    save_tagger(start, tmp_path / "m.npz")
    with pytest.raises(ModelError, match=r"m\.npz: has no fast tagger; it was trained on too few labels\. Leave out"):
        load_tagger(tmp_path / "m.npz", book, fast=True)
    with pytest.raises(ModelError, match="the fast tagger is a part of another one"):
        save_tagger(fast, tmp_path / "f.npz")
    with pytest.raises(ModelError, match=r"must end in \.npz\. Use the name model\.npz"):
        save_tagger(start, tmp_path / "model.pkl")
    with pytest.raises(ModelError, match=r"codebook '2030-harbours': g7tag has no bundled tagger for it\. Train one, "):
        default_model(book)


def test_a_changed_or_missing_file_is_named(model, book):
    content = model.read_bytes()
    for changed in (content[:-9] + bytes([content[-9] ^ 1]) + content[-8:], content[:-1]):
        model.write_bytes(changed)
        with pytest.raises(ModelError, match=r"m\.npz: was changed since it was trained .* download it again\.$"):
            load_tagger(model, book)
    for missing in (model.with_name("m.npz.json"), model):
        missing.unlink()
        with pytest.raises(ModelError, match=rf"{missing.name}: no such file.*as written by `g7tag train`"):
            load_tagger(model, book)


PICKLE = b"cos\nsystem\n(S'touch canary'\ntR."
"""Makes a file if it is run."""


def packed(name, content):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return archive.getvalue()


def array_file(kind, n, content=b""):
    """An archive with an array that says that it has n values of a kind."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({n},), }}".ljust(117).encode() + b"\n"
    return packed("weights.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content)


def overwritten(content, local, central, value):
    """An archive with a byte at these offsets of the headers of its first file overwritten."""
    changed = bytearray(content)
    for signature, at in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        changed[changed.index(signature) + at] = value
    return bytes(changed)


NONE = "does not contain a tagger"
WRONG = {
    "a pickle": (lambda _: PICKLE, NONE),
    "pickled objects": (lambda _: array_file("|O", 1, PICKLE), NONE),
    "a pickle in the archive": (lambda _: packed("weights", PICKLE), "array 'weights' is not of finite numbers"),
    "zip bomb": (lambda _: packed("weights.npy", bytes(5_000_001)), "larger than 5,000,000 bytes"),
    "101 arrays": (lambda _: arrays_bytes({f"a{n}": np.zeros(1) for n in range(101)}), "larger than .* or 100 arrays"),
    "array of 8 TiB": (lambda _: array_file("<f8", 2**40), NONE),
    "encrypted": (lambda content: overwritten(content, 6, 8, 1), NONE),
    "unknown way of packing": (lambda content: overwritten(content, 8, 10, 97), NONE),
    "bad checksum": (lambda content: overwritten(content, 14, 16, 0), NONE),
    "cut off": (lambda content: content[: len(content) // 2], NONE),
}


@pytest.mark.parametrize("how", WRONG)
def test_content_that_is_not_arrays_is_refused_and_not_run(model, monkeypatch, book, how):
    monkeypatch.chdir(model.parent)
    monkeypatch.setattr(arrays, "MOST_BYTES", 5_000_000)
    change, message = WRONG[how]
    rewrite(model, change(model.read_bytes()))
    for fast in (False, True):
        with pytest.raises(ModelError, match=rf"m\.npz: .*{message}.*\. (Train it|Do not use)"):
            load_tagger(model, book, fast=fast)
    assert not Path("canary").exists()


NUMBERS, UNFIT = "is not of finite numbers", "its weights, words or definitions do not fit its labels"


@pytest.mark.parametrize(("name", "change", "message"), [
    ("weights", lambda it: it * np.nan, NUMBERS), ("level", lambda it: it + np.inf, NUMBERS),
    ("scale", lambda it: it.astype("U8"), NUMBERS), ("weights", lambda it: it[:, :-1], UNFIT),
    ("weights", lambda it: it[:-1], UNFIT), ("level", lambda it: it[None], UNFIT), ("scale", None, UNFIT),
    ("fast_terms", None, UNFIT), ("fast_terms", lambda it: it[:1] * 0 + 255, UNFIT),
    ("fast_idf", lambda it: it[1:], UNFIT), ("fast_spread", lambda it: it * 0, UNFIT),
    ("fast_weights", lambda it: it[1:], UNFIT),
], ids=["NaN", "infinite", "text", "label missing", "feature missing", "wrong shape", "array missing", "no words",
        "no text", "word missing", "no spread", "fast feature missing"])  # fmt: skip
def test_numbers_that_do_not_fit_are_refused(model, book, name, change, message):
    learned = read_arrays(model.read_bytes(), where="")
    own = learned.pop(name)
    rewrite(model, arrays_bytes(learned if change is None else learned | {name: change(own)}))
    with pytest.raises(ModelError, match=rf"m\.npz: .*{message}.*\. (Train it again|Do not use)"):
        load_tagger(model, book, fast=name.startswith("fast"))


ENTRY = r"not the manifest of a model .*Train the model again"
OTHER = r"Expected '2030-harbours' with dredge, .*Use its codebook, or train a new tagger"


@pytest.mark.parametrize(("place", "value", "message"), [
    (["threshold"], 1.5, ENTRY), (["right_scale"], [1.0, float("nan")], ENTRY), (["format"], 3, ENTRY),
    (["command"], "x", ENTRY), (["about", "dimensions"], ["dredge"], OTHER), (["about", "exclusions"], [], OTHER),
    (["about", "reader"], "0" * 64, "was trained with another encoder than this g7tag has. Train it again"),
    (["about", "codebook"], "2030-x", f"was trained for codebook '2030-x' with .*{OTHER}"),
    (["wordings", 0, "key"], "light", UNFIT),
    (["wordings", 0, "cues"], ["a*" * 4], "wordings.0.cues.0: Value error, at most 3 wildcards"),
    (["fast", "cues", "dredge.words"], ["x" * 201], "fast.cues.dredge.words.0: String should have at most 200"),
], ids=lambda each: "-".join(map(str, each)) if isinstance(each, list) else "")  # fmt: skip
def test_a_manifest_with_a_wrong_entry_is_refused(model, book, place, value, message):
    """The search for a cue with many wildcards could take any time."""
    values = part = manifest_of(model)
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    rewrite_manifest(model, **values)
    with pytest.raises(ModelError, match=message):
        load_tagger(model, book)


def test_a_manifest_of_200_mb_is_refused_unread(model, book):
    with model.with_name("m.npz.json").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ModelError, match=r"npz\.json: has 200,000,000 bytes\. Expected at most 1,000,000\."):
        load_tagger(model, book)


def test_a_tagger_keeps_and_tells_the_definitions_that_it_knows(model, labelled, book):
    first, *others = book.dimensions
    better = book.model_copy(update={"dimensions": [first.model_copy(update={"definition": "Ships."}), *others]})
    pd.testing.assert_frame_equal(*(tag_sentences(labelled, load_tagger(model, each), each) for each in (book, better)))
    assert not wording_differs(model, book.model_copy(update={"min_strong_items": 7}))
    assert wording_differs(model, better)


READS = re.compile(r"(?m)^ *(import|from) (pickle|dill|shelve|marshal|yaml)\b|joblib\W.*load\b|_pickle\b(?!=False)")


def test_nothing_in_the_package_reads_a_pickle():
    """A pickle runs its content."""
    files = Path(g7tag.__path__[0]).rglob("*.py")
    assert [path for path in files if READS.search(path.read_text(encoding="utf-8"))] == []

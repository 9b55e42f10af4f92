"""Change valid reports at random, ingest each, and check how it ends. Run by hand.

python tools/benchmarks/fuzz_readers.py [--formats txt pdf docx html] [--seconds 600] [--seed 0] [--keep FOLDER]

Each document is ingested by the command line in a process of its own, and must end in time with exit code 0, 3 or 4:
no traceback, a line that names the file unless the code is 0, no exit code 0 without text and members, and no file left
but the run directory. Documents that break a rule are kept in a folder. Those with exit code 0 and other counts than
the unchanged report are kept too, a few of each: a person must look whether the document still says what it said.
"""

import argparse
import base64
import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/sources"))

import pandas as pd
from layouts import ENDNOTES, SITES, changed, report
from manuscript import Manuscript
from set_docx import set_docx
from set_html import set_html
from set_pdf import SERIF, Style, set_pdf
from set_text import set_text

from g7tag import example_path
from g7tag.cli.main import main as run_command_line

COLUMNS = Style(font=SERIF, size=9, note_size=7, columns=2)
BASES: dict[str, tuple[tuple[str, Callable[[Manuscript], bytes]], ...]] = {
    "txt": (("short", set_text), ("G8", set_text)),
    "pdf": (("short", set_pdf), ("late short", lambda report: set_pdf(report, COLUMNS))),
    "docx": (("short", set_docx), ("short", lambda report: changed(set_docx(report), *ENDNOTES))),
    "html": (("short", set_html), ("short", SITES["encyclopedia"][1])),
}
"""The reports that are changed, and their setters, for each format."""
PATIENCE = 300
"""Seconds of wall time for one document; the readers' own limits are processor time, so this allows a busy machine."""
KEPT = 5
"""Documents kept of each kind of outcome."""
ODD_TEXT = (
    "\u200b", "\u202e", "\u2028", "\x0c", "\x00", "\ufffd", "\u00ad", "\u0301", "\U0001f600", "⁴⁴¹⁴", "\t", "\n\n", " ",
    "Canada: +1", "19. ", "On 31 February 2024, ", "On 5 July 2024, ", "[7]", "Thus, Canada receives a score of 7.",
    "Assessment", "Average\t", "A" * 5000, "https://" + "a" * 3000, "1" * 400,
)  # fmt: skip
ODD_NUMBERS = ("0", "-1", "1e999", "99999999999999999999", "-0.0000001", "2147483648", "NaN", "", "null", "4414")
ODD_STYLES = ("display:none", "font-size:0", "color:#fff", "position:absolute;left:-9999px", "visibility:hidden")
PLACES = {"bytes": rb".", "lines": rb"[^\n]*\n", "tags": rb"<[^>]*>", "numbers": rb"-?\d+(?:\.\d+)?", "words": rb"\w+"}
OBJECTS = re.compile(rb"\d+ 0 obj.*?endobj\s*", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def main() -> None:
    """Fuzz each format for the seconds given, and print the outcomes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--formats", nargs="+", choices=BASES, default=list(BASES))
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzzed"))
    chosen = parser.parse_args()
    chosen.keep.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore", "Duplicate name")
    load_everything()
    for kind in chosen.formats:
        began, used = time.monotonic(), processor_time()
        outcomes = fuzz(kind, chosen.seconds, random.Random(f"{kind} {chosen.seed}"), chosen.keep)
        clock, processor = time.monotonic() - began, processor_time() - used
        print(f"{kind}: {outcomes.total()} documents in {clock:.0f} s ({processor:.0f} s of processor time)")
        for outcome, count in sorted(outcomes.items()):
            print(f"  {count:5}  {outcome}", flush=True)


def load_everything() -> None:
    """Ingest a report in this process, so that the processes of the documents start with all modules imported."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(SystemExit):
        sys.argv = ["g7tag", "ingest", str(example_path("invented-report.txt")), "-o", f"{folder}/run", "--quiet"]
        run_command_line()


def processor_time() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def fuzz(kind: str, seconds: float, rng: random.Random, keep: Path) -> Counter[str]:
    """Return the number of documents by outcome."""
    bases = [setter(report(of)) for of, setter in BASES[kind]]
    whole = [ingest(content, f"whole.{kind}")[1] for content in bases]
    outcomes: Counter[str] = Counter()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        base = rng.randrange(len(bases))
        content = bases[base]
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            content = CHANGES[kind](content, rng)
        outcome, counts = ingest(content, name := f"case {outcomes.total()}.{kind}")
        if outcome == "exit 0" and counts != whole[base]:
            outcome = "exit 0, other counts"
        elif outcome == "exit 0":
            outcome = "exit 0, same counts"
        outcomes[outcome] += 1
        if not re.fullmatch(r"exit [034](, same counts)?", outcome) and outcomes[outcome] <= KEPT:
            kept = re.sub(r"\W+", "-", outcome)[:60]
            (keep / f"{kept}-{name.replace(' ', '-')}").write_bytes(content)
            print(f"  {name}: {outcome}: {counts}, unchanged: {whole[base]}", file=sys.stderr, flush=True)
    return outcomes


def ingest(content: bytes, name: str) -> tuple[str, tuple[int, ...]]:
    """Return how ingesting a document ended, and the numbers of members, items, sentences and notes."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work")
        for each in ("work", "tmp"):
            Path(folder, each).mkdir()
        (work / name).write_bytes(content)
        child = os.fork()
        if child == 0:
            run_command(work, name)
        code = ended(child)
        if code is None:
            return f"not ended after {PATIENCE} s", ()
        said = Path(folder, "stderr").read_text("utf-8", "replace")
        left = [path for path in (*work.iterdir(), *Path(folder, "tmp").iterdir()) if path.name not in {name, "run"}]
        counts = counted(work / "run") if code in {0, 4} else ()
        last = said.strip().rpartition("\n")[2]
        for wrong, what in (
            ("Traceback" in said, f"traceback: {last[:80]}"),
            (code not in {0, 3, 4}, f"exit {code}"),
            (code != 0 and name not in said, f"exit {code} without the name of the file"),
            (bool(left), f"files left: {sorted(path.name for path in left)}"),
            (code == 0 and not (counts and counts[0]), "exit 0 without text or members"),
        ):
            if wrong:
                return what, counts
        return f"exit {code}", counts


def run_command(work: Path, name: str) -> None:
    """Ingest a document in this child process; never return."""
    code = 70
    os.setpgid(0, 0)  # so that its own children can be ended too
    os.chdir(work)
    os.environ["TMPDIR"] = tempfile.tempdir = str(work.parent / "tmp")
    for stream, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(work.parent / stream, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["g7tag", "ingest", name, "-o", "run", "--quiet"]
    try:
        run_command_line()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(child: int) -> int | None:
    """Return the exit code of a child process, or None if it had to be ended."""
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def counted(run: Path) -> tuple[int, ...]:
    """Return the numbers of members, items, sentences and notes; nothing if there is no text."""
    frames = {name: pd.read_parquet(run / f"{name}.parquet") for name in ("documents", "members", "items", "sentences")}
    if not frames.pop("documents")["text"].str.strip().all():
        return ()
    return (*map(len, frames.values()), len(pd.read_parquet(run / "citations.parquet")))


def any_bytes(content: bytes, rng: random.Random) -> bytes:
    """Change bytes, or cut out, double, move or truncate a part."""
    start = rng.randrange(len(content) + 1)
    end = min(len(content), start + rng.choice((1, 1, 8, 100, 2000)))
    part, before, behind = content[start:end], content[:start], content[end:]
    place = rng.randrange(len(content) + 1)
    return rng.choice((
        lambda: before + bytes(byte ^ (1 << rng.randrange(8)) for byte in part) + behind,
        lambda: before + rng.randbytes(len(part)) + behind,
        lambda: before + behind,
        lambda: before + part * rng.choice((2, 3, 50)) + behind,
        lambda: content[:place] + part + content[place:],
        lambda: before,
    ))()  # fmt: skip


def tokens(content: bytes, rng: random.Random, *, kinds: tuple[str, ...] = ("lines", "words", "numbers")) -> bytes:
    """Remove, double or exchange lines, tags, words or numbers, or put odd text in their place."""
    found = list(re.finditer(PLACES[rng.choice(kinds)], content))
    if not found:
        return any_bytes(content, rng)
    one, other = rng.choice(found), rng.choice(found)
    odd = rng.choice((*ODD_TEXT, *ODD_NUMBERS)).encode()
    new = rng.choice((b"", one[0] * 2, other[0], odd, odd + one[0], one[0] + odd))
    return content[: one.start()] + new + content[one.end() :]


def change_text(content: bytes, rng: random.Random) -> bytes:
    return rng.choice((any_bytes, tokens, tokens))(content, rng)


def change_html(content: bytes, rng: random.Random) -> bytes:
    """Change bytes, tags or text, or hide an element."""
    if rng.random() < 0.1:
        tags = list(re.finditer(rb"<(?:p|div|td|h3|sup|li|table)\b", content))
        place = rng.choice(tags).end() if tags else 0
        return content[:place] + f' style="{rng.choice(ODD_STYLES)}"'.encode() + content[place:]
    if rng.random() < 0.2:
        return any_bytes(content, rng)
    return tokens(content, rng, kinds=("tags", "tags", "words", "numbers", "lines"))


def change_docx(content: bytes, rng: random.Random) -> bytes:
    """Change the bytes of the file, or a member: its bytes, its elements, its name; or remove or double it."""
    if rng.random() < 0.2:
        return any_bytes(content, rng)
    try:
        with ZipFile(BytesIO(content)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # an earlier change may have broken it in any way
        return any_bytes(content, rng)
    place = rng.choice([at for at, (name, _) in enumerate(members) if "document" in name or rng.random() < 0.3] or [0])
    name, part = members[place]
    how = rng.random()
    if how < 0.05:
        del members[place]
    elif how < 0.1:
        members.insert(rng.randrange(len(members)), (rng.choice(members)[0], part))
    elif how < 0.15:
        members[place] = (any_bytes(name.encode(), rng).decode("latin-1").replace("\0", "") or "x", part)
    else:
        changed = any_bytes(part, rng) if how < 0.3 else tokens(part, rng, kinds=("tags", "tags", "words", "numbers"))
        members[place] = (name, changed)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, part in members:
            archive.writestr(name, part)
    return file.getvalue()


def change_pdf(content: bytes, rng: random.Random) -> bytes:
    """Change the bytes of the file, its objects, the numbers and names of an object, or the operators of a page."""
    content = unpacked(content)
    how = rng.choice((any_bytes, in_object, in_object, in_objects, in_stream, in_stream))
    return how(content, rng)


def unpacked(content: bytes) -> bytes:
    """Return a PDF with its streams of text not packed; the lengths and places need not fit, as in a damaged file."""

    def unpack(found: re.Match[bytes]) -> bytes:
        packed = found[1].strip()
        try:
            its = base64.a85decode(packed.removesuffix(b"~>")) if packed.endswith(b"~>") else packed
            return b"stream\n" + zlib.decompress(its) + b"\nendstream"
        except (ValueError, zlib.error):
            return found[0]

    def unpack_object(found: re.Match[bytes]) -> bytes:
        body = STREAM.sub(unpack, found[0], count=1) if b"/ASCII85Decode" in found[0] else found[0]
        if body == found[0] or b"FontFile" in body or b"/Length1" in body:
            return found[0]
        length = len(STREAM.search(body)[1]) - 1
        body = re.sub(rb"/Filter \[[^\]]*\]", b"", body, count=1)
        return re.sub(rb"/Length \d+", b"/Length %d" % length, body, count=1)

    return OBJECTS.sub(unpack_object, content)


def in_object(content: bytes, rng: random.Random) -> bytes:
    """Change numbers, names or words of one object outside its stream."""
    one = rng.choice(list(OBJECTS.finditer(content)) or [re.search(rb".*", content, re.DOTALL)])
    head, stream, rest = one[0].partition(b"stream\n")
    return content[: one.start()] + tokens(head, rng, kinds=("numbers", "words")) + stream + rest + content[one.end() :]


def in_objects(content: bytes, rng: random.Random) -> bytes:
    """Remove an object, double it, or put it in the place of another."""
    found = OBJECTS.findall(content)
    if not found:
        return any_bytes(content, rng)
    one, other = rng.choice(found), rng.choice(found)
    number = one.split(b" ", 1)[0]
    new = rng.choice((b"", one + one, number + b" " + other.split(b" ", 1)[1]))
    return content.replace(one, new, 1)


def in_stream(content: bytes, rng: random.Random) -> bytes:
    """Change the operators and operands of a page."""
    found = [each for each in STREAM.finditer(content) if b" Tf" in each[1]]
    if not found:
        return any_bytes(content, rng)
    one = rng.choice(found)
    return content[: one.start(1)] + tokens(one[1], rng) + content[one.end(1) :]


CHANGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "txt": change_text,
    "pdf": change_pdf,
    "docx": change_docx,
    "html": change_html,
}

if __name__ == "__main__":
    main()

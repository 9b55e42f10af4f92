"""Other programs that g7tag runs on documents: their limits, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from g7tag.errors import SourceError
from g7tag.sources import limited, programs
from g7tag.sources.programs import Ended, new_folder, run_program, version_of

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


def run(folder, code, *, seconds=60.0, **settings):
    """Run a Python program with this code."""
    return run_program([sys.executable, "-c", code], folder, seconds=seconds, **settings)


def ended(number: int) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(100):
        if not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def number_in(path: Path) -> int:
    """The number of a process, when it has written it."""
    for _ in range(200):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.05)
    pytest.fail("the program did not start")


def test_a_program_ends_with_its_code_and_last_line(tmp_path):
    code = "import os, sys; print(os.getcwd(), flush=True); print('bad', file=sys.stderr); sys.exit(3)"
    assert run(tmp_path, code) == Ended(3, "bad")
    assert (tmp_path / "output.txt").read_text().splitlines()[0] == str(tmp_path)


def test_what_looks_is_called_while_a_program_runs(tmp_path):
    seen = []
    assert run(tmp_path, "import time; time.sleep(0.5)", look=lambda: seen.append(1)).code == 0
    assert seen


@POSIX
def test_a_program_that_takes_too_long_is_killed_with_what_it_started(tmp_path):
    code = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('child').write_text(str(child.pid)); time.sleep(60)"
    )
    with pytest.raises(SourceError, match=r"^Stand-in takes more than 1 s\. Expected a smaller document; split it\.$"):
        run(tmp_path, code, seconds=0.7, name="Stand-in", look=lambda: number_in(tmp_path / "child"))
    assert ended(number_in(tmp_path / "child"))


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit memory")
def test_the_memory_and_the_files_of_a_program_are_limited(tmp_path, monkeypatch):
    assert run(tmp_path, "x = b'x' * 600_000_000", memory=500_000_000) == Ended(1, "MemoryError")
    monkeypatch.setattr(programs, "MOST_WRITTEN", 10_000)
    assert run(tmp_path, "open('big', 'wb').write(b'x' * 20_000)").code != 0
    assert (tmp_path / "big").stat().st_size <= 10_000


def test_memory_that_the_system_does_not_limit_is_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "_limited", lambda folder, seconds, _: limits_of(folder, seconds, 10**12))
    with pytest.raises(SourceError, match=r"^python\S* needs more than 0\.1 GB of memory\. Expected a smaller doc"):
        run(tmp_path, "import time; x = b'x' * 200_000_000; time.sleep(60)", memory=100_000_000)


limits_of = programs._limited


@POSIX
def test_a_system_that_refuses_a_limit_still_runs_the_program(tmp_path):
    # as macOS refuses a limit of memory
    refusing = (
        "import resource\nset = resource.setrlimit\n"
        "def setrlimit(kind, ends):\n"
        "    if kind == resource.RLIMIT_AS:\n"
        "        raise ValueError('current limit exceeds maximum limit')\n"
        "    set(kind, ends)\n"
        "resource.setrlimit = setrlimit\n"
        "from g7tag.sources.limited import main\nmain()"
    )
    command = [sys.executable, "-c", refusing, str(tmp_path), "1000", "60", "1000", sys.executable, "-c", "print('hi')"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        assert (process.wait(60), process.stdout.read().split()) == (0, ["hi"])


def test_a_program_that_cannot_be_started_is_said(tmp_path):
    with pytest.raises(SourceError, match=r"^missing cannot be started \(No such file or directory\)\. Install it"):
        run_program([str(tmp_path / "missing")], tmp_path, seconds=60)


@POSIX
def test_a_signal_is_a_code_as_in_a_shell(tmp_path):
    assert run(tmp_path, "import os; os.kill(os.getpid(), 9)").code == 128 + 9


@POSIX
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_program_ends_when_g7tag_is_ended_and_its_folder_is_deleted(tmp_path, how):
    code = (
        "import signal, sys\nfrom pathlib import Path\n"
        "import g7tag.cli.main\nfrom g7tag.sources.programs import new_folder, run_program\n"
        "def app():\n"
        "    with new_folder('test') as name:\n"
        "        code = 'import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))'\n"
        "        command = [sys.executable, '-c', code + '; time.sleep(60)', sys.argv[1]]\n"
        "        run_program(command, Path(name), seconds=60)\n"
        "main = sys.modules['g7tag.cli.main']\nmain.app = app\nmain.main()"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "child")], env=environment) as process:
        child = number_in(tmp_path / "child")
        process.send_signal(how)
        assert process.wait(30) == (143 if how == signal.SIGTERM else -9)
    assert ended(child)
    assert bool(list(tmp_path.glob("g7tag-test-*"))) == (how == signal.SIGKILL)


def test_a_folder_in_which_something_is_still_written_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(programs.tempfile, "tempdir", str(tmp_path))

    def refuse(*_, **__):
        message = "Directory not empty"
        raise OSError(39, message)

    with new_folder("test"):
        monkeypatch.setattr(os, "rmdir", refuse)


def test_the_version_of_a_program_is_the_first_number_that_it_states(tmp_path):
    assert version_of([sys.executable], tmp_path) == sys.version.split()[0].rstrip("+")
    assert limited.CANNOT_START == 127

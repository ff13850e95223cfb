"""What campaigns share: commands that are disturbed, what is left of them, and what must be there in the end."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from halocline.runtime import keyed

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("HALOCLINE_KILLS", "50"))
"""Kills of a command in a full campaign."""
SEED = int(os.environ.get("HALOCLINE_SEED", "0"))
ORPHANS_S = 5.0
"""Within which nobody must be left of a run whose own process has ended."""
END_S = 30.0
"""Within which a signal must end a process, however busy the machine is."""
LIMIT_S = 600.0
ALREADY = "it exists already"


@dataclass(frozen=True)
class Command:
    """A command to disturb.

    Attributes:
        name: For people.
        arguments: Its arguments, given the folder of the trial, in which it is started.
        patches: Attributes of modules to change in its process: sizes that make it short.
        told: What of a file must be equal, given its content; None for nothing. By the end of its path.
    """

    name: str
    arguments: Callable[[Path], list[str]]
    patches: dict = field(default_factory=dict)
    told: dict = field(default_factory=dict)

    def content(self, folder):
        """Return what must be equal of each file in a folder, by path; folders have none."""
        found = {}
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            how = next((how for end, how in self.told.items() if name.endswith(end)), _digest)
            found[name] = "folder" if path.is_dir() else None if how is None else how(path.read_bytes())
        return found


def tell(campaign, command, **counts):
    """Print what was counted in a trial that went well; also to the file that HALOCLINE_COUNTS names, see counts.py."""
    line = json.dumps({"campaign": campaign, "command": command, **counts})
    print(line)
    if os.environ.get("HALOCLINE_COUNTS"):
        with open(os.environ["HALOCLINE_COUNTS"], "a") as file:
            file.write(f"{line}\n")


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def records_without_time(content):
    """JSON lines, or one object, but for what a clock has measured and the seal over it."""
    try:
        rows = [json.loads(content)]
    except ValueError:
        rows = [json.loads(line) for line in content.splitlines()]
    return [{k: v for k, v in row.items() if "seconds" not in k and k != "seal"} for row in rows]


def card_without_log(content):
    """A model's card but for the checksum of its log, which a clock has a part in, and its own."""
    card = json.loads(content)
    del card["card_sha256"], card["files"]["log.jsonl"]
    return card


class Child:
    """A command that runs."""

    def __init__(self, zygote, pid, log):
        self._zygote, self.pid, self.log = zygote, pid, log

    def poll(self):
        """Return its exit status, negative for a signal; None as long as it runs."""
        return self._zygote.ask({"poll": self.pid})["code"]

    def wait(self, limit=LIMIT_S):
        """Return its exit status."""
        until = time.monotonic() + limit
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGUSR1)  # tells where it is
                time.sleep(1)
                os.killpg(self.pid, signal.SIGKILL)
                pytest.fail(f"still running after {limit} s: {self.log.read_text()}")
            time.sleep(0.005)
        return code

    def left(self):
        """Return the processes of its session that live."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(session) == self.pid and state != "Z":
                found.append(int(stat.parent.name))
        return found

    def seconds_to_the_last(self):
        """Return after how many seconds nobody of it was left."""
        began = time.monotonic()
        while self.left():
            if time.monotonic() - began > ORPHANS_S:
                pytest.fail(f"processes {self.left()} live {ORPHANS_S} s after their parent")
            time.sleep(0.02)
        return time.monotonic() - began


class Zygote:
    """Starts commands; see zygote.py."""

    def __init__(self):
        paths = [str(ROOT / "src"), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "campaigns" / "zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
        )

    def ask(self, request):
        """Send a request and return the answer."""
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(self, command, folder, *, at=None, full=False, events=None, largest_file=0, imports=None):
        """Start a command in a folder; its messages go to a file beside the folder."""
        log = folder.with_name(f"{folder.name}.log")
        log.unlink(missing_ok=True)
        request = {
            "command": command.arguments(folder),
            "cwd": str(folder),
            "log": str(log),
            "patches": command.patches,
        }
        request |= {"at": at, "full": full, "events": events and str(events), "largest_file": largest_file}
        request["imports"] = imports and str(imports)
        return Child(self, self.ask(request)["pid"], log)

    def close(self):
        """End it."""
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Undisturbed:
    """A command that was left alone.

    Attributes:
        content: Of its files.
        seconds: It took.
    """

    content: dict
    seconds: float


def undisturbed(zygote, command, tmp_path):
    """Run a command twice, the second time with all caches warm; both must be equal."""
    runs = []
    for number in range(2):
        folder = tmp_path / f"undisturbed-{number}"
        folder.mkdir()
        began = time.monotonic()
        imports = None if number else tmp_path / "imports"
        child = zygote.start(command, folder, imports=imports)
        assert child.wait() == 0, child.log.read_text()
        if imports is not None:
            zygote.ask({"learn": str(imports)})
        runs.append(Undisturbed(command.content(folder), time.monotonic() - began))
    assert runs[0].content == runs[1].content, "two runs differ"
    return runs[1]


def finish(zygote, command, folder, reference):
    """Give the command again, as often as a person would; the result is the undisturbed one, and nothing beside it."""
    child = zygote.start(command, folder)
    code, words = child.wait(), child.log.read_text()
    whole = code == 2 and ALREADY in words  # it had ended before it was killed
    assert code == 0 or whole, words
    assert "Traceback" not in words, words
    found = command.content(folder)
    assert found == reference.content, _difference(found, reference.content)


def _difference(found, expected):
    names = sorted(name for name in found.keys() | expected.keys() if found.get(name, 0) != expected.get(name, 0))
    return [(name, name in found, name in expected) for name in names][:10]


def kill_at_random(zygote, command, tmp_path, kills, seed=SEED):
    """Kill a command at random moments, five times a trial at most, and let it go on.

    Seven of ten kills are SIGKILL, the others SIGTERM and SIGINT to the parent alone. The next run starts at once in
    half of the cases, else when all processes have gone.
    """
    reference = undisturbed(zygote, command, tmp_path)
    rng = keyed.generator(seed, "kills", command.name)
    done = 0
    while done < kills:
        began, slowest, ended = done, 0.0, 0
        folder = tmp_path / "trial"
        folder.mkdir()
        for again in range(min(5, kills - done)):
            child = zygote.start(command, folder)
            time.sleep(rng.uniform(0, reference.seconds * (0.5 if again else 1.0)))  # what goes on is done earlier
            number = rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT], p=[0.7, 0.15, 0.15])
            if (code := child.poll()) is not None:
                assert code == 0 or ALREADY in child.log.read_text(), child.log.read_text()
                ended = 1
                break
            os.kill(child.pid, number)
            done += 1
            at_once = rng.random() < 0.5
            code, words = child.wait(END_S), child.log.read_text()
            assert code in (0, -number, 128 + number) or ALREADY in words, (code, words)  # a shell tells both alike
            if not at_once:
                slowest = max(slowest, child.seconds_to_the_last())
        finish(zygote, command, folder, reference)
        child.seconds_to_the_last()
        shutil.rmtree(folder)
        tell("kills", command.name, seed=seed, kills=done - began, ended=ended, slowest=round(slowest, 2))


def kill_at_every_event(zygote, command, tmp_path, every=1):
    """Kill a command at each of its file-system events (``every``-th of them), and let it go on; tell all that fail."""
    reference = undisturbed(zygote, command, tmp_path)
    events = list_events(zygote, command, tmp_path)
    bad = []
    for at in different(events)[::every]:
        folder = tmp_path / "trial"
        folder.mkdir()
        child = zygote.start(command, folder, at=at)
        assert child.wait() in (-signal.SIGKILL, 0), child.log.read_text()
        try:
            finish(zygote, command, folder, reference)
        except AssertionError as wrong:
            bad.append((at, events[at - 1], str(wrong)))
        else:
            tell("events", command.name, kills=1, of=len(events))
        shutil.rmtree(folder)
    assert not bad, bad


def list_events(zygote, command, tmp_path, full=False):
    """Return the file-system events of a command in words; with ``full`` only files that are opened for writing."""
    folder, events = tmp_path / "counted", tmp_path / "events"
    folder.mkdir()
    assert zygote.start(command, folder, events=events, full=full).wait() == 0
    shutil.rmtree(folder)
    return events.read_text().splitlines()


def different(events, alike=3):
    """Return the numbers of events from 1 that differ: of those alike but for numbers and random names a few.

    Args:
        events: What happened to which file, in order.
        alike: How many of a kind: the first and the last ones.
    """
    kinds = {}
    for number, words in enumerate(events, 1):
        kinds.setdefault(re.sub(r"[0-9a-f]{8,}|[0-9]+", "#", words), []).append(number)
    few = ({*numbers[: alike - 1], numbers[-1]} for numbers in kinds.values())
    return sorted(set().union(*few))


def fill_disk(zygote, command, tmp_path, points, seed=SEED):
    """Let the disk be full from some file on, or no file grow beyond a size; then there is room again."""
    reference = undisturbed(zygote, command, tmp_path)
    number = len(list_events(zygote, command, tmp_path, full=True))
    rng = keyed.generator(seed, "full disk", command.name)
    for point in range(points):
        folder = tmp_path / "trial"
        folder.mkdir()
        if point % 2:
            child = zygote.start(command, folder, largest_file=int(rng.integers(1000, 6000)))  # the message must fit
        else:
            child = zygote.start(command, folder, at=int(rng.integers(1, number + 1)), full=True)
        code, words = child.wait(), child.log.read_text()
        assert code in (0, 2), words
        assert "Traceback" not in words, words
        # HDF5 does not say why it could not write; what is free is told beside it.
        told = ("disk is full", "as large as it may be", "writing failed (NetCDF: HDF error)")
        assert (code == 2) == any(each in words for each in told), words
        finish(zygote, command, folder, reference)
        shutil.rmtree(folder)
        tell("full disk", command.name, seed=seed, points=1, refused=int(code == 2))

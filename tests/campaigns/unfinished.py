"""What is under way and damaged: the next run tells, or makes again what was damaged; it never goes on from it.

Stores that are being simulated or imported, trainings, forecasts and spin-ups are killed once something is there to go
on from, a file of what they have left is damaged, and the command is given again. ``made again``: the result is the
undisturbed one. ``told``: exit status 2 and words. ``kept``: nothing came of the damaged file, which lies there still,
and ``inspect --verify`` tells. ``silently accepted``: another result and nothing said.
"""

import collections
import os
import shutil
import signal
import time

from halocline.runtime import keyed
from tests.campaigns.damage import KINDS, hurt
from tests.campaigns.harness import ALREADY, END_S, Command, tell, undisturbed

WRONG = ("silently accepted", "traceback")
TRIES = 20


def half_done(zygote, command, tmp_path, there, at_least):
    """Return a folder in which a command was killed once ``at_least`` files of the pattern ``there`` were there."""
    for number in range(TRIES):
        folder = tmp_path / f"half-{number}"
        folder.mkdir()
        child = zygote.start(command, folder)
        until = time.monotonic() + 10 * END_S
        while child.poll() is None and len(list(folder.glob(there))) < at_least and time.monotonic() < until:
            time.sleep(0.002)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
        child.seconds_to_the_last()
        if len(list(folder.glob(there))) >= at_least:
            return folder
        shutil.rmtree(folder)
    raise AssertionError(f"{command.name} was never caught with {at_least} of {there}")


def damage(zygote, command, tmp_path, there, at_least, runs, seed=0):
    """Damage what a killed run has left, one file a run; return what the next run made of it."""
    reference = undisturbed(zygote, command, tmp_path)
    half = half_done(zygote, command, tmp_path, there, at_least)
    found = []
    for run in range(runs):
        rng = keyed.generator(seed, "unfinished", run, command.name)
        folder = tmp_path / "hurt"  # always the same name: paths are noted
        shutil.copytree(half, folder)
        inside = sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size)
        file = inside[int(rng.integers(len(inside)))]
        words = f"{hurt(file, KINDS[int(rng.choice(3, p=(0.75, 0.2, 0.05)))], rng)} of {file.relative_to(folder)}"
        child = zygote.start(command, folder)
        code, said = child.wait(), child.log.read_text()
        if "Traceback" in said or code not in (0, 2):
            outcome = "traceback"
        elif code == 2:
            outcome = "traceback" if ALREADY in said else "told"
        else:
            outcome = _result(zygote, command, folder, reference, str(file.relative_to(folder)))
        found.append((outcome, words, said))
        counts = dict.fromkeys(("told", "made again", "kept", *WRONG), 0) | {outcome: 1}
        tell("unfinished", command.name, seed=seed, **{name.replace(" ", "_"): n for name, n in counts.items()})
        shutil.rmtree(folder)
    return found


def _result(zygote, command, folder, reference, hurt_file):
    found = command.content(folder)
    other = {name for name in found.keys() | reference.content.keys() if found.get(name) != reference.content.get(name)}
    if not other:
        return "made again"
    if other != {hurt_file}:
        return "silently accepted"
    look = Command("inspect", lambda _: ["inspect", hurt_file.split("/")[0], "--verify"])
    return "kept" if zygote.start(look, folder).wait() == 2 else "silently accepted"


def wrong(found):
    """Return the runs that should not be, and how many of each outcome there were."""
    return [run for run in found if run[0] in WRONG], collections.Counter(run[0] for run in found)

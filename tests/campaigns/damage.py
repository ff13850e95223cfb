"""Flipped bits and truncations over all artefacts: what is told, what is silently accepted, what ends in a traceback.

python -m tests.campaigns.damage --runs 1000 --seed 0
"""

import argparse
import collections
import contextlib
import io
import shutil
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.cli import inspect as command
from halocline.runtime import keyed
from halocline.runtime.errors import HaloclineError
from tests.campaigns.artefacts import Artefact, build

KINDS = ("flip", "truncate", "empty")


@dataclass(frozen=True)
class Run:
    """One damage and what came of it.

    Attributes:
        artefact: Which.
        damage: What was done, and to which file.
        outcome: ``told on opening``, ``told by inspect --verify``, ``without effect``, ``silently accepted`` or
            ``traceback``.
        words: What was said.
    """

    artefact: str
    damage: str
    outcome: str
    words: str


def damaged(
    name: str,
    artefact: Artefact,
    work: Path,
    rng: np.random.Generator,
    kind: str | None = None,
    number: int | None = None,
) -> Run:
    """Damage a copy of an artefact, a file of it by its number or any, open it and verify it."""
    copy = work / artefact.path.name
    _remove(copy)
    (shutil.copytree if artefact.path.is_dir() else shutil.copy)(artefact.path, copy)
    inside = sorted(p for p in copy.rglob("*") if p.is_file()) if copy.is_dir() else [copy]
    file = inside[int(rng.integers(len(inside))) if number is None else number]
    words = hurt(file, kind or KINDS[int(rng.choice(3, p=(0.75, 0.2, 0.05)))], rng)
    about = f"{words} of {file.relative_to(work)}"
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            return Run(name, about, *_outcome(artefact, copy))
    except Exception as error:
        return Run(name, about, "traceback", f"{type(error).__name__}: {error}")


def _outcome(artefact: Artefact, copy: Path) -> tuple[str, str]:
    told = ""
    try:
        artefact.opened(copy)
    except HaloclineError as error:
        told = f"told on opening: {error}"
    try:
        command.inspect(path=str(copy), verify=True)
    except HaloclineError as error:
        return (told.partition(":")[0] or "told by inspect --verify"), told or str(error)
    if told:
        return "told on opening", told
    before, after = artefact.facts(artefact.path), artefact.facts(copy)
    return ("without effect", "") if before == after else ("silently accepted", "")


def hurt(file: Path, kind: str, rng: np.random.Generator) -> str:
    """Flip a bit of a file, cut it off or empty it; return in words what was done."""
    content = bytearray(file.read_bytes())
    if not content:
        return "nothing"
    place = int(rng.integers(len(content)))
    if kind == "flip":
        bit = int(rng.integers(8))
        content[place] ^= 1 << bit
        words = f"bit {bit} of byte {place}"
    else:
        del content[place if kind == "truncate" else 0 :]
        words = f"all but {len(content)} bytes"
    file.write_bytes(content)
    return words


def campaign(runs: int, seed: int, work: Path) -> list[Run]:
    """Damage every kind of artefact in turn."""
    artefacts = build(work / "whole")
    names = list(artefacts)
    found = []
    for run in range(runs):
        name = names[run % len(names)]
        found.append(damaged(name, artefacts[name], work / "hurt", keyed.generator(seed, "damage", run)))
    return found


def table(runs: list[Run]) -> str:
    """Return the counts by artefact and outcome as a Markdown table."""
    outcomes = ("told on opening", "told by inspect --verify", "without effect", "silently accepted", "traceback")
    counts = collections.Counter((run.artefact, run.outcome) for run in runs)
    names = list(dict.fromkeys(run.artefact for run in runs))
    lines = [f"| artefact | runs | {' | '.join(outcomes)} |", "|---|---:|" + "---:|" * len(outcomes)]
    for name in (*names, "all"):
        numbers = [sum(counts[n, o] for n in (names if name == "all" else [name])) for o in outcomes]
        lines.append(f"| {name} | {sum(numbers)} | {' | '.join(map(str, numbers))} |")
    return "\n".join(lines)


def _remove(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def main() -> int:
    """Run the campaign, print its counts and what went wrong; return 1 if anything did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        runs = campaign(given.runs, given.seed, Path(work))
    print(table(runs))
    bad = [run for run in runs if run.outcome in ("silently accepted", "traceback")]
    for run in bad:
        print(f"{run.outcome}: {run.artefact}, {run.damage}: {run.words}", file=sys.stderr)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())

"""What the seals cost on opening: CPU time for stores and models, beside another version of Halocline, in turn.

git worktree add ../before f2bb14f    # the last commit before seals
python benchmarks/cost/opening.py --against ../before --model ../before/src/halocline/recipes/models/arctic-100km

The other version opens the same stores without their seals, which it does not know, and the same models.
"""

import argparse
import importlib
import operator
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPEN = {
    "store": ("halocline.data.store.store.open_store", "halocline.states.store.open_store"),
    "generator": ("halocline.systems.loading.load_model", "halocline.recipes.load.load_model"),
    "surrogate": ("halocline.systems.loading.load_surrogate", "halocline.recipes.load_surrogate.load_surrogate"),
}
"""What opens each, in this version and in those before 0.3's rooms."""
BEFORE = "another version"


def function(names: tuple[str, ...]) -> Callable[[str], object]:
    """Return the first of some functions that this version has."""
    for name in names:
        module, _, attribute = name.rpartition(".")
        try:
            found: Callable[[str], object] = getattr(importlib.import_module(module), attribute)
        except ImportError:
            continue
        return found
    raise ImportError(names[0])


def serve() -> None:
    """Open what each line of standard input names; answer each with the CPU milliseconds it took."""
    for line in sys.stdin:
        kind, path = line.rstrip("\n").split(" ", 1)
        opened = function(OPEN[kind])
        began = time.process_time()
        opened(path)
        print(f"{1e3 * (time.process_time() - began)}", flush=True)


class Version:
    """A checkout of Halocline that opens things in a process of its own."""

    def __init__(self, root: Path) -> None:
        environ = {**os.environ, "PYTHONPATH": str(root / "src"), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
        )

    def milliseconds(self, kind: str, path: Path) -> float:
        """Return the CPU milliseconds that opening takes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(kind, path, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End its process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def artefacts(folder: Path, model: Path | None) -> dict[str, tuple[str, dict[str, Path]]]:
    """Return what is opened by name: its kind, and its path with a seal and without."""
    sys.path.insert(0, str(ROOT))
    from tests.ocean_toy import toy_dino_store
    from tests.toy import toy_store

    found: dict[str, tuple[str, dict[str, Path]]] = {}
    for name, store in (
        ("store of sea ice, 64 x 64", toy_store(folder / "ice.zarr", 1, 3, 30, 64)),
        ("store of the ocean, 8 x 8 x 5", toy_dino_store(folder / "ocean.zarr", interval_days=90)),
    ):
        bare = store.with_name("bare-" + store.name)
        shutil.copytree(store, bare)
        shutil.rmtree(bare / "seal")
        found[name] = ("store", {"sealed": store, "bare": bare})
    golden = ROOT / "tests" / "golden" / "models"
    for name, kind in (("seaice-data", "generator"), ("ocean", "generator"), ("surrogate-flow", "surrogate")):
        found[f"model, {name}"] = (kind, {"sealed": golden / name, "bare": golden / name})
    if model is not None:
        found[f"model, {model.name}"] = ("generator", {"sealed": model, "bare": model})
    return found


def table(times: Mapping[str, Mapping[str, list[float]]]) -> str:
    """Return medians as a Markdown table; beside another version also the median ratio of openings in turn."""
    ways = list(next(iter(times.values())))
    ratio = [f"sealed / {BEFORE}"] if BEFORE in ways else []
    lines = [f"| CPU milliseconds, median | {' | '.join(ways + ratio)} |", "|---|" + "---:|" * len(ways + ratio)]
    for name, taken in times.items():
        cells = [f"{statistics.median(taken[way]):.1f}" for way in ways]
        if ratio:
            cells.append(f"{statistics.median(map(operator.truediv, taken['sealed'], taken[BEFORE])):.2f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the median CPU milliseconds of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--against", type=Path, help="a checkout of another version")
    parser.add_argument("--model", type=Path, help="a generator that both versions know")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        return serve()
    this = Version(ROOT)
    ways = {"sealed": (this, "sealed"), "without a seal": (this, "bare")}
    if given.against:
        ways[BEFORE] = (Version(given.against.resolve()), "bare")
    with tempfile.TemporaryDirectory() as folder:
        times: dict[str, dict[str, list[float]]] = {}
        for name, (kind, paths) in artefacts(Path(folder), given.model).items():
            times[name] = {way: [] for way in ways}
            for round_ in range(given.rounds + 1):
                for way, (version, which) in ways.items():
                    took = version.milliseconds(kind, paths[which])
                    if round_:
                        times[name][way].append(took)
    print(table(times))
    for version in {version for version, _ in ways.values()}:
        version.close()
    return None


if __name__ == "__main__":
    main()

"""Peak memory against years of data: statistics, repacking, packing, training, forecast, import, score, reading.

    python benchmarks/cost/years_memory.py --years 3 6 20 --size 64
    python benchmarks/cost/years_memory.py --years 1 5 20 --size 512 --days 15

A store of random fields on a square of open ocean, one member, a state every five days (``--days``), shared out by
blocks of time. A few states are written, all others are hard links to their files, so that twenty years take the room
of eight states; they are read as others are. What is imported is made likewise. A process for each number of years does
one thing after the other. Two figures each, in MB: the growth of what it has allocated (RssAnon: pages of mapped files,
which the system takes back when it needs them, do not count), looked at every 5 ms; and the most that the process has
resident, libraries and mapped files among it (VmHWM, which Linux sets back before each). States that are kept in memory
on purpose, up to 2 GB of a split (data/sampling/samples.py), are switched off: it is the way of larger data that is
measured.
"""

import argparse
import contextlib
import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import zarr

DISTINCT, BLOCK, STEPS = 8, 4, 4
WORK = ("repack", "pack", "train", "import", "score", "forecast")
SIDE = 1.3e7  # m, at most
CHANNELS = ("sit", "sic", "sid", "siu", "siv", "snt", "t2m", "q2m", "u10", "v10")
CENTRE = {"t2m": 260.0, "q2m": 0.002, "sit": 1.5, "sic": 0.5, "sid": 0.5, "snt": 0.1}
SPREAD = {"t2m": 8.0, "q2m": 0.0005, "sit": 0.4, "sic": 0.1, "sid": 0.1, "snt": 0.02, "siu": 0.1, "siv": 0.1}


def main() -> None:
    """Print the table, a fresh process a column."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, nargs="+", default=[3, 6, 20])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--days", type=int, default=5, help="between two states")
    parser.add_argument("--work", nargs="+", choices=WORK, default=WORK, help="a forecast needs train")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        with tempfile.TemporaryDirectory() as folder:
            print(
                json.dumps(measured(Path(folder), arguments.one, arguments.size, 24 * arguments.days, arguments.work))
            )
        return
    columns = []
    for years in arguments.years:
        words = [sys.executable, __file__, "--size", str(arguments.size), "--days", str(arguments.days)]
        words += ["--one", str(years), "--work", *arguments.work]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
        columns.append(json.loads(done.stdout.splitlines()[-1]))
        print(years, json.dumps(columns[-1]), file=sys.stderr, flush=True)
    for k, title in enumerate(("growth, MB", "all of the process, MB")):
        print(f"| {title} | " + " | ".join(f"{years} years" for years in arguments.years) + " |")
        print("|---|" + "---:|" * len(columns))
        for name in columns[0]:
            print(f"| {name} | " + " | ".join(f"{column[name][k]:.0f}" for column in columns) + " |")


def measured(folder: Path, years: int, size: int, hours: int, work: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return the growth, and the whole, of statistics and of some ``WORK`` in MB; ``hours`` lie between two states."""
    import torch

    import halocline as hl
    from halocline.data.fields.degree_days import DegreeDays
    from halocline.data.sampling import samples
    from halocline.data.sampling.packed import pack
    from halocline.data.store import store as stores
    from halocline.data.store.repack import repack_store
    from halocline.data.store.statistics import finish_store
    from halocline.data.store.store import open_store

    torch.set_num_threads(1)
    stores.MEMORY_LIMIT = samples.MEMORY_LIMIT = 0
    stores.StateStore.remembering = lambda self, limit=0: self  # type: ignore[method-assign, assignment]
    large = size >= 256  # a smaller network for what is not about networks
    small = {"network.width": 16 if large else 32, "network.blocks": 1 if large else 3, "network.heads": 2}
    small |= {"training.batch": 4, "training.samples": 40, "patches.inner": 64 if large else 16}
    small |= {"step_hours": hours, "degree_days": [30]}
    warm = sparse_store(folder / "warm.zarr", 1, min(size, 128), hours)
    finish_store(warm)  # what the libraries and the first training take does not count
    if "train" in work:
        hl.train("surrogate-demo", warm, folder / "w", settings=small, device="cpu", precision="fp32", quiet=True)
    more_work(warm, folder, "w", hours, work)
    found: dict[str, tuple[float, float]] = {}
    path = sparse_store(folder / "s.zarr", years, size, hours)
    with peak(found, "statistics"):
        finish_store(path)
    store = open_store(path)
    if "repack" in work:
        with peak(found, "repack"):
            repack_store(path, folder / "r.zarr", quiet=True)
        with peak(found, "read 64 states at random"):
            rng, again = np.random.default_rng(0), open_store(folder / "r.zarr").of_fields(["sit", "sic"])
            for index in rng.integers(len(again.hours), size=64):
                again.read(0, int(index))
    if "pack" in work:
        (folder / "work").mkdir()
        with peak(found, "pack"):
            pack(store, CHANNELS[:6], CHANNELS[6:], DegreeDays((30,)), hours, folder / "work")
    if "train" in work:
        with peak(found, "train, 10 steps"):
            hl.train("surrogate-demo", path, folder / "m", settings=small, device="cpu", precision="fp32", quiet=True)
    return found | more_work(path, folder, "m", hours, work)


def more_work(path: Path, folder: Path, name: str, hours: int, work: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return the growth, and the whole, of an import, a score and a forecast of four steps in MB.

    Args:
        path: The store.
        folder: Where the model lies.
        name: Its name.
        hours: Between two states.
        work: Which of them.
    """
    import halocline as hl

    found: dict[str, tuple[float, float]] = {}
    if "import" in work:
        source, choices = sparse_file(path, folder / f"{name}-cf.zarr"), hl.Choices(mask_ones="ocean")
        with peak(found, "import"):
            hl.import_files(source, folder / f"{name}-i.zarr", choices=choices, splits="blocks", quiet=True)
    if "score" in work:
        with peak(found, "score"):
            hl.score(path, path, replicates=10)
    if "forecast" in work:
        model = hl.load(folder / name, device="cpu", precision="fp32")
        with peak(found, f"forecast, {STEPS} steps"):
            days = STEPS * hours / 24
            model.forecast(path, days=days, members=1, split="all", out=folder / f"{name}-f.zarr", quiet=True).close()
    return found


def sparse_store(path: Path, years: int, size: int, hours: int) -> Path:
    """Write a store of so many years, of which few states take room; return its path."""
    from forecast_cost import open_ocean
    from halocline.data.store.share_out import by_blocks
    from halocline.data.store.writer import StoreWriter, create_store

    grid, times = open_ocean(size), np.arange(0, years * 8760, hours)
    least = min(1.0, SIDE / (size * grid.spacing))  # larger than the Earth it is refused
    grid = replace(grid, x=least * grid.x, y=least * grid.y, area=least**2 * grid.area, spacing=least * grid.spacing)
    create_store(path, grid, CHANNELS, 1, times, {"world": "random"}, splits=by_blocks(times, 1))
    writer, rng = StoreWriter(path), np.random.default_rng(0)
    centre, spread = (np.array([t.get(name, d) for name in CHANNELS]) for t, d in ((CENTRE, 0.0), (SPREAD, 3.0)))
    for index in range(DISTINCT):
        noise = rng.standard_normal((len(CHANNELS), size // BLOCK, size // BLOCK)).clip(-3, 3)
        noise = noise.repeat(BLOCK, axis=1).repeat(BLOCK, axis=2)
        writer.write(0, index, (centre[:, None, None] + spread[:, None, None] * noise).astype(np.float32))
    writer.flush()
    link(path / "states", "c/0/{}/0/0/0", len(times))
    return path


def sparse_file(store: Path, path: Path) -> Path:
    """Write the states of a store as a CF dataset, likewise; return its path."""
    import halocline as hl
    from halocline.data.store.store import open_store

    states = hl.open_states(store).drop_encoding()
    few, times = states.isel(time=slice(DISTINCT)).load(), len(states["time"])
    names = [str(name) for name, values in few.data_vars.items() if "time" in values.dims]
    chunks = {name: {"chunks": (1, 1, *few[name].shape[2:])} for name in names}
    since = {"time": {"units": "hours since 2000-01-01", "calendar": "noleap", "dtype": "int32"}}
    few.to_zarr(path, consolidated=False, encoding=chunks | since)
    group = zarr.open_group(path)
    for name in names:
        group[name].resize((1, times, *few[name].shape[2:]))
        link(path / name, "c/0/{}/0/0", times)
    group["time"].resize((times,))
    group["time"][:] = open_store(store).hours
    return path


def link(array: Path, chunk: str, number: int) -> None:
    """Give an array ``number`` records, hard links to the first few in turn."""
    for index in range(DISTINCT, number):
        target = array / chunk.format(index)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(array / chunk.format(index % DISTINCT), target)


@contextlib.contextmanager
def peak(found: dict[str, tuple[float, float]], name: str) -> Iterator[None]:
    """Note by how much this process's own pages grow while the block runs, and the most that it has resident.

    Free pages are given back before, so that what was used and freed earlier is counted again.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the high-water mark is what is resident now
    before, most, over = bytes_of("RssAnon"), [0], threading.Event()

    def look() -> None:
        while not over.is_set():
            most[0] = max(most[0], bytes_of("RssAnon"))
            time.sleep(0.005)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    began = time.process_time()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    found[name] = ((most[0] - before) / 1e6, bytes_of("VmHWM") / 1e6)
    print(f"{name}: {time.process_time() - began:.0f} s, MB {found[name]}", file=sys.stderr, flush=True)


def bytes_of(line: str) -> int:
    """Return what the system says of this process's memory: ``RssAnon``, what no file backs, or ``VmHWM``, the most."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(each for each in text.splitlines() if each.startswith(line)).split()[1]) * 1024


if __name__ == "__main__":
    main()

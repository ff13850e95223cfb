"""Peak memory against years of data: statistics, repacking, packing, training, forecast, import, score, reading.

    python benchmarks/years_memory.py --years 3 6 20 --size 64

A store of random fields on a square of open ocean, one member, a state every five days. A few states are written, all
others are hard links to their files, so that twenty years take the room of eight states; they are read as others are. A
process for each number of years (three at least: a store's splits need them) does one thing after the other. Figures
are the growth, in MB, of what it has allocated (RssAnon: pages of mapped files, which the system takes back when it
needs them, do not count). States that are kept in memory on purpose, up to 2 GB of a split
(data/sampling/samples.py), are switched off: it is the way of larger data that is measured.
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
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HOURS, DISTINCT = 120, 8
CHANNELS = ("sit", "sic", "sid", "siu", "siv", "snt", "t2m", "q2m", "u10", "v10")
CENTRE = {"t2m": 260.0, "q2m": 0.002, "sit": 1.5, "sic": 0.5, "sid": 0.5, "snt": 0.1}
SPREAD = {"t2m": 8.0, "q2m": 0.0005, "sit": 0.4, "sic": 0.1, "sid": 0.1, "snt": 0.02, "siu": 0.1, "siv": 0.1}


def main() -> None:
    """Print the table, a fresh process a column."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, nargs="+", default=[3, 6, 20])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measured(Path(folder), arguments.one, arguments.size)))
        return
    columns = []
    for years in arguments.years:
        words = [sys.executable, __file__, "--size", str(arguments.size), "--one", str(years)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        columns.append(json.loads(done.stdout.splitlines()[-1]))
    print("| work | " + " | ".join(f"{years} years" for years in arguments.years) + " |")
    print("|---|" + "---:|" * len(columns))
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(f"{column[name]:.0f}" for column in columns) + " |")


def measured(folder: Path, years: int, size: int) -> dict[str, float]:
    """Return the growth of each piece of work in MB."""
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
    small = {"network.width": 32, "network.blocks": 3, "network.heads": 2, "training.batch": 4, "training.samples": 40}
    small |= {"patches.inner": 16, "step_hours": HOURS, "degree_days": [30]}
    warm = sparse_store(folder / "warm.zarr", 3, 32)
    finish_store(warm)  # what the libraries and the first training take does not count
    hl.train("surrogate-demo", warm, folder / "w", settings=small, device="cpu", precision="fp32", quiet=True)
    more_work(warm, folder, "w")
    found: dict[str, float] = {}
    path = sparse_store(folder / "s.zarr", years, size)
    with peak(found, "statistics"):
        finish_store(path)
    store = open_store(path)
    with peak(found, "repack"):
        repack_store(path, folder / "r.zarr", quiet=True)
    (folder / "work").mkdir()
    with peak(found, "pack"):
        pack(store, CHANNELS[:6], CHANNELS[6:], DegreeDays((30,)), HOURS, folder / "work")
    with peak(found, "train, 10 steps"):
        hl.train("surrogate-demo", path, folder / "m", settings=small, device="cpu", precision="fp32", quiet=True)
    with peak(found, "read 64 states at random"):
        rng, again = np.random.default_rng(0), open_store(folder / "r.zarr").of_fields(["sit", "sic"])
        for index in rng.integers(len(again.hours), size=64):
            again.read(0, int(index))
    return found | more_work(path, folder, "m")


def more_work(path: Path, folder: Path, name: str) -> dict[str, float]:
    """Return the growth of a forecast of ten steps, an import and a score in MB.

    Args:
        path: The store.
        folder: Where the model lies.
        name: Its name.
    """
    import halocline as hl

    found: dict[str, float] = {}
    model = hl.load(folder / name, device="cpu", precision="fp32")
    with peak(found, "forecast, 10 steps"):
        model.forecast(path, days=10 * HOURS / 24, members=2, out=folder / f"{name}-f.zarr", quiet=True).close()
    hl.open_states(path).drop_encoding().to_zarr(folder / f"{name}-cf.zarr", consolidated=False)
    with peak(found, "import"):
        hl.import_files(folder / f"{name}-cf.zarr", folder / f"{name}-i.zarr", choices=hl.Choices(mask_ones="ocean"))
    with peak(found, "score"):
        hl.score(path, path, replicates=10)
    return found


def sparse_store(path: Path, years: int, size: int) -> Path:
    """Write a store of so many years, of which few states take room; return its path."""
    from forecast_cost import open_ocean
    from halocline.data.store.writer import StoreWriter, create_store

    grid, hours = open_ocean(size), np.arange(0, years * 8760, HOURS)
    create_store(path, grid, CHANNELS, 1, hours, {"world": "random"})
    writer, rng = StoreWriter(path), np.random.default_rng(0)
    centre, spread = (np.array([t.get(name, d) for name in CHANNELS]) for t, d in ((CENTRE, 0.0), (SPREAD, 3.0)))
    for index in range(DISTINCT):
        noise = rng.standard_normal((len(CHANNELS), size, size)).clip(-3, 3)
        writer.write(0, index, (centre[:, None, None] + spread[:, None, None] * noise).astype(np.float32))
    writer.flush()
    chunk = "states/c/0/{}/0/0/0"
    for index in range(DISTINCT, len(hours)):
        target = path / chunk.format(index)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path / chunk.format(index % DISTINCT), target)
    return path


@contextlib.contextmanager
def peak(found: dict[str, float], name: str) -> Iterator[None]:
    """Note by how much this process's own pages grow while the block runs, looked at every 5 ms.

    Free pages are given back before, so that what was used and freed earlier is counted again.
    """
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    before, most, over = own_bytes(), [0], threading.Event()

    def look() -> None:
        while not over.is_set():
            most[0] = max(most[0], own_bytes())
            time.sleep(0.005)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    found[name] = (most[0] - before) / 1e6


def own_bytes() -> int:
    """Return the bytes of this process that no file backs."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in text.splitlines() if line.startswith("RssAnon")).split()[1]) * 1024


if __name__ == "__main__":
    main()

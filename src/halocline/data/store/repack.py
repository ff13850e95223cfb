"""A store written anew for data larger than memory: a month a file, the model's variables and the weather's apart.

Reading decodes one sample of one of them; the whole is some 500 times fewer files. Values, splits, statistics and
fingerprint are the old ones: a training on the one is a training on the other, to the bit.
"""

from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from halocline.data.fields.variables import channel_variable
from halocline.data.store.parts import PARTS, arrays_of
from halocline.data.store.statistics import Scan
from halocline.data.store.store import REPACKED_VERSION, StateStore, open_store
from halocline.data.store.zarr_arrays import copy_small
from halocline.runtime import files
from halocline.runtime.errors import StoreError
from halocline.runtime.limits import require_memory
from halocline.runtime.places.zarr_place import zarr_place
from halocline.runtime.processes.each import each
from halocline.runtime.progress import progress
from halocline.runtime.seals.zarr_group import seal_folder

SHARD_DAYS = 31


def repack_store(
    source: Path | str, out: Path | str, *, jobs: int = 1, dask: str | None = None, quiet: bool = False
) -> StateStore:
    """Write a store anew, sharded by months, with the variables of its model and of its weather apart.

    What was written is then read, and its fingerprint compared.

    Args:
        source: A finished store.
        out: The store to make.
        jobs: Processes that write months side by side.
        dask: Address of a dask scheduler whose workers do instead; they have to see both stores at their paths.
        quiet: Show no progress.

    Raises:
        StoreError: If the source is damaged.
        OutputError: If ``out`` exists or cannot be written.
    """
    store, out = open_store(source), Path(out)
    names = {part: _channels(store, part) for part in PARTS}
    step = int(np.diff(store.hours).min(initial=24 * SHARD_DAYS))
    together = max(1, min(len(store.hours), 24 * SHARD_DAYS // max(1, step)))
    a_shard = 4 * together * int(np.prod(store.wet.shape))
    require_memory("a month of states", 3 * a_shard, "Repack on a machine with more memory.")
    files.require_absent(out)
    with files.new_path(out) as folder:
        group = zarr.create_group(folder, zarr_format=3)
        copy_small(zarr.open_group(zarr_place(store.path), mode="r"), group, {"states", *PARTS})
        for part, numbers in names.items():
            if numbers:
                _create(group, part, numbers, store, together)
        firsts = range(0, len(store.hours), together)
        places = [(member, first) for member in range(store.members) for first in firsts]
        tasks = [(store.path.absolute(), folder.absolute(), *place, together) for place in places]
        with progress("repacking, months", len(tasks), quiet=quiet) as report:
            for done, _ in enumerate(each(_write_month, tasks, jobs=jobs, dask=dask), 1):
                report(done, "")
        scan, written = Scan(store), arrays_of(group)
        with progress("comparing, months", len(tasks), quiet=quiet) as report:
            for done, (member, first) in enumerate(places, 1):
                for index, values in enumerate(np.asarray(written[member, first : first + together]), first):
                    scan.add(member, index, np.where(store.wet, values, np.float32(0.0)))
                report(done, "")
        if scan.fingerprint != store.fingerprint:
            raise StoreError(
                f"store {store.path}",
                found=f"states with the fingerprint {scan.fingerprint}",
                expected=f"{store.fingerprint}, as written",
                remedy="The store was changed on disk; copy it again or make it again.",
            )
        group.attrs.update({**store.attributes, "halocline_store": REPACKED_VERSION})
        seal_folder(folder, [part for part in PARTS if names[part]], whole=True)
    return open_store(out)


def _write_month(source: Path, folder: Path, member: int, first: int, together: int) -> None:
    """Write one shard of each array: ``together`` samples of a member."""
    store = open_store(source)
    values = store.read_range(member, first, min(first + together, len(store.hours)))
    np.copyto(values, np.float32(np.nan), where=~store.wet)
    group = zarr.open_group(folder, mode="r+")
    for part in PARTS:
        if numbers := _channels(store, part):
            group[part][member, first : first + len(values)] = values[:, numbers]  # type: ignore[index]


def _channels(store: StateStore, part: str) -> list[int]:
    weather = [channel_variable(name)[0].group == "forcing" for name in store.channels]
    return [k for k, forced in enumerate(weather) if forced == (part == "forcing")]


def _create(group: zarr.Group, part: str, numbers: list[int], store: StateStore, together: int) -> None:
    ny, nx = store.grid.shape
    array = group.create_array(
        part,
        shape=(store.members, len(store.hours), len(numbers), ny, nx),
        chunks=(1, 1, len(numbers), ny, nx),
        shards=(1, together, len(numbers), ny, nx),
        dtype="float32",
        fill_value=float("nan"),
        compressors=[BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"), Crc32cCodec()],
        dimension_names=("member", "time", f"{part}_channel", "y", "x"),
    )
    about = {store.channels[k]: channel_variable(store.channels[k])[0].attributes() for k in numbers}
    array.attrs.update({"numbers": numbers, "channels": about})

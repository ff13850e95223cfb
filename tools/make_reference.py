"""Make the small store of real states that ships beside a model: some members, some times of a store.

    python tools/make_reference.py DATA.zarr OUT.zarr [--train 8] [--every 11]

Keeps all members held out inside the ranges (role interior), the first of the other held-out and validating members,
and the first ``--train`` training members; of each every ``--every``-th time.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.data.store.members import MemberTable
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store

KEPT = {"interior": 1000, "end": 1, "validation": 1}


def main() -> None:
    """Copy the chosen states and finish the store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", type=int, default=8)
    parser.add_argument("--every", type=int, default=11)
    arguments = parser.parse_args()
    store = open_store(arguments.data)
    assert store.table is not None
    kept = KEPT | {"train": arguments.train}
    members = [m for m, role in enumerate(store.roles) if store.roles[:m].count(role) < kept[role]]
    times = np.arange(0, len(store.hours), arguments.every)
    table = MemberTable(
        store.table.names, store.table.units, store.table.values[members], tuple(store.roles[m] for m in members)
    )
    years = int(store.years().max()) + 1
    create_store(
        arguments.out,
        store.grid,
        store.channels,
        len(members),
        store.hours[times],
        store.attributes["provenance"] | {"subset_of": store.fingerprint, "kept": members, "every": arguments.every},
        calendar=store.attributes["calendar"],
        splits=table.splits(years),
        members_table=table,
    )
    writer = StoreWriter(arguments.out)
    for new, old in enumerate(members):
        for index, time in enumerate(times):
            writer.write(new, index, store.read(old, int(time)))
    finish_store(arguments.out)
    size = sum(f.stat().st_size for f in arguments.out.rglob("*") if f.is_file())
    print(f"{len(members)} members, {len(times)} times, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

"""Where the packed records of a training lie: in its own folder, or beside the store for all trainings on it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from halocline.data.fields.degree_days import DegreeDays
from halocline.data.sampling.packed import Records, pack
from halocline.data.store.store import StateStore
from halocline.runtime.errors import ConfigError
from halocline.runtime.places.reading import place_of
from halocline.runtime.run_lock import only_run


def shared_folder(
    store: StateStore,
    state: Sequence[str],
    forcing: Sequence[str],
    degree_days: DegreeDays,
    step_hours: int,
    unknown: Mapping[str, float] | None = None,
) -> Path:
    """Return ``STORE.packed/FINGERPRINT`` beside a store: of its data and of all that decides what is packed."""
    told = [store.fingerprint, list(state), list(forcing), list(degree_days.windows), step_hours, dict(unknown or {})]
    told.append({split: store.attributes["splits"][split] for split in ("train",)})
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    return store.path.with_name(f"{store.path.name}.packed") / digest


def pack_where(
    store: StateStore,
    state: Sequence[str],
    forcing: Sequence[str],
    degree_days: DegreeDays,
    step_hours: int,
    folder: Path,
    *,
    shared: bool,
    unknown: Mapping[str, float] | None = None,
    workers: int = 0,
    quiet: bool = True,
) -> Records:
    """Return the packed records of a store: those that lie beside it, or packed there if ``shared``, else in a folder.

    One that was begun in ``folder`` goes on there. See ``packed.pack`` for the rest.

    Raises:
        OutputError: If another training packs the same records just now.
    """
    if shared and place_of(store.path) is not None:
        raise ConfigError(
            "--share-packed",
            found=f"a store at an address, {store.path}",
            expected="a store on a file system, beside which the records stay",
            remedy="Leave --share-packed out, or copy the store: halocline copy ADDRESS FOLDER",
        )
    beside = shared_folder(store, state, forcing, degree_days, step_hours, unknown)
    there = (beside / "records.json").exists()
    own = (folder / "records.json").exists() or not (shared or there)
    with nullcontext() if own or there else only_run(beside):
        if not own:
            beside.mkdir(parents=True, exist_ok=True)
        where = folder if own else beside
        return pack(
            store, state, forcing, degree_days, step_hours, where, unknown=unknown, workers=workers, quiet=quiet
        )

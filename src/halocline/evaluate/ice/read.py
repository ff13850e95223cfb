"""Read all that an evaluation of sea-ice states needs, once: the states, the store's, and their replicates."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.cells import require_same_grid
from halocline.evaluate.engine.samples import most_states, read_states, require_two, stride, thinned
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.features import FeatureExtractor, load_extractor
from halocline.evaluate.ice.halves import half_weights, held_out_halves
from halocline.runtime.errors import InputError
from halocline.runtime.keyed import generator
from halocline.runtime.progress import Report, share

_OF_GRID = ("mask", "area", "projection")


def read_ice(
    states: xr.Dataset,
    store: StateStore,
    limits: tuple[int, int, int],
    *,
    seed: int,
    replicates: int,
    extractor: FeatureExtractor | None,
    report: Report,
) -> IceSets:
    """Read generated, held-out and training states, at most ``limits`` of each, and draw their replicates.

    Raises:
        InputError: If the states do not fit the store.
    """
    require_same_grid(states, store)
    channels, grid = _common_channels(states, store), store.grid
    most = [most_states(wanted, len(channels) * grid.mask.size) for wanted in limits]
    generated = _stacked(states, channels, grid.mask, most[0])
    notes = [
        f"{why}, so not scored: {', '.join(names)}."
        for why, names in (
            ("Not among the generated variables", [name for name in store.channels if name not in channels]),
            ("Not in the reference", [str(n) for n in states.data_vars if n not in (*channels, *_OF_GRID)]),
        )
        if names
    ]
    held = held_out_halves(store, channels, most[1], share(report, 0, 15, "reading held-out states"))
    pairs = thinned(samples_of(store, "train"), most[2])
    random = generator(seed, "evaluate", "pictures")
    return IceSets(
        mine=IceCover(generated, grid, channels),
        truth=IceCover(held.values, grid, channels),
        halves=held.sizes,
        training=read_states(store, pairs, channels, share(report, 15, 40, "reading training states")),
        reference=store,
        features=extractor or load_extractor(grid, channels, store.statistics),
        weights=half_weights(held, len(generated), replicates, seed),
        seasons=held.blocks.weights(np.ones(sum(held.sizes), bool), replicates, random),
        notes=(*held.notes, *notes),
    )


def store_as_states(store: StateStore, limit: int = 1000) -> xr.Dataset:
    """Return the test states of a store, thinned to ``limit``, in the form of generated ones: dims (member, y, x)."""
    held = read_states(store, thinned(samples_of(store, "test"), limit), store.channels)
    dataset = store.grid.to_dataset()
    dry = np.where(store.grid.mask, held.values, np.float32(np.nan))
    for k, name in enumerate(store.channels):
        dataset[name] = (("member", "y", "x"), dry[:, k], variable(name).attributes())
    return dataset


def _common_channels(states: xr.Dataset, store: StateStore) -> tuple[str, ...]:
    """Return the variables that both have, in the store's order; InputError if there is none."""
    names = tuple(name for name in store.channels if name in states.data_vars)
    if not names:
        raise InputError(
            "variables",
            found=f"only {', '.join(map(str, states.data_vars))}",
            expected=f"at least one of {', '.join(store.channels)}",
            remedy="Compare states with a reference store of the same kind.",
        )
    return names


def _stacked(states: xr.Dataset, channels: Sequence[str], mask: np.ndarray, limit: int) -> np.ndarray:
    """Return the states, at most ``limit`` evenly spaced, as one array (sample, channel, y, x) float32, land = 0.

    Raises:
        InputError: If there are fewer than two states or a value on an ocean cell is not finite.
    """
    if "time" in states[channels[0]].dims:
        states = states.stack(sample=("member", "time"), create_index=False)
    else:
        states = states.rename(member="sample")
    chosen = states[list(channels)].isel(sample=slice(None, None, stride(states.sizes["sample"], limit)))
    fields = [chosen[name].transpose("sample", "y", "x").values for name in channels]
    values = np.stack(fields, axis=1).astype(np.float32)
    require_two(len(values))
    for k, name in enumerate(channels):
        if not np.isfinite(values[:, k][:, mask]).all():
            raise InputError(
                f"variable '{name}'",
                found="NaN or infinite values on ocean cells",
                expected="finite values",
                remedy="Only land may be NaN.",
            )
    return np.where(mask, values, np.float32(0.0))

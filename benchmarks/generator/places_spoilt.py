"""What the scores of the pack see: real states whose small scales were smoothed away or replaced by noise.

    python benchmarks/generator/places_spoilt.py DATA.zarr [--states 128]

Scores held-out states of the store against all held-out ones: as they are; smoothed (concentration and damage in the
pack, Gaussian of 0.6 cells); and with the small scales of their log fields in the pack (minus the mean over 5 x 5
cells) replaced by noise of the same variance: with their power spectrum ("phases") or white. Prints a Markdown table.
"""

import argparse
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter

from halocline.data.store.store import open_store
from halocline.evaluate.ice import pack
from halocline.evaluate.ice.evaluate import evaluate_families
from halocline.evaluate.ice.held_states import store_as_states
from places_table import markdown

FAMILIES = ("places", "texture", "lines", "mechanics")
SHOWN = ("log_open_water", "log_damage", "sic", "sid", "all")
"""Variables of the table: thickness and drift stay as they are."""


def main() -> None:
    """Spoil, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--states", type=int, default=128)
    arguments = parser.parse_args()
    store = open_store(arguments.data)
    real, random = store_as_states(store, arguments.states), np.random.default_rng(0)
    tables = {
        how: evaluate_families(spoilt(real, how, store.grid.mask, random), store, FAMILIES)
        for how in ("as they are", "smoothed", "phases", "white")
    }
    print(markdown(tables, False, SHOWN))


def spoilt(states: xr.Dataset, how: str, mask: np.ndarray, random: np.random.Generator) -> xr.Dataset:
    """Return the states with other small scales of concentration and damage."""
    if how == "as they are":
        return states
    values = np.stack([np.nan_to_num(states[name].values) for name in ("sic", "sid")], axis=1)
    inside = pack.whole(pack.pack_cells(values, ("sic", "sid"), mask))
    back = {"log_open_water": lambda z: 1.0 - (10.0**z - 1e-4), "log_damage": lambda z: 1.0 - (10.0**-z - 1e-3)}
    made = states.copy()
    for k, (name, (source, _)) in enumerate(pack.LOG_FIELDS.items()):
        if how == "smoothed":
            field = gaussian_filter(values[:, k], (0, 0.6, 0.6))
        else:
            log = pack.field(name, values, ("sic", "sid")).astype(np.float64)
            small = np.where(inside, pack.small_scale(log), 0.0)
            field = back[name](log - small + noise(small, inside, random, white=how == "white"))
        field = np.clip(np.where(inside, field, values[:, k]), 0.0, 1.0)
        made[source] = (states[source].dims, np.where(mask, field, np.nan).astype(np.float32), states[source].attrs)
    return made


def noise(small: np.ndarray, inside: np.ndarray, random: np.random.Generator, *, white: bool) -> np.ndarray:
    """Return noise (sample, y, x) with the variance of ``small`` inside, white or with its power spectrum."""
    found = random.normal(size=small.shape)
    if not white:
        spectrum = np.fft.fft2(found)
        found = np.fft.ifft2(np.abs(np.fft.fft2(small)) * spectrum / np.abs(spectrum)).real
    return np.where(inside, found * small[inside].std() / found[inside].std(), 0.0)


if __name__ == "__main__":
    main()

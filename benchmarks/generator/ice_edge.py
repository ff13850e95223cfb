"""Where do drawn states lie between ice and open water? Shares of the ocean by the concentration before it is decoded.

    python benchmarks/generator/ice_edge.py MODEL [MODEL ...] --data DATA.zarr [--states 64] [--split train]

For models with the codec of ice: states of a split, told their days, against as many drawn ones. The share of open
water by the threshold of the model's card, by the middle of the gap and by a concentration of 0, and of ice thinner
than 0.15 likewise. By default of training years: no figure of the held-out years goes into the choice.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from halocline.data.codecs.ice import IceCodec
from halocline.data.codecs.ice_fit import EDGE
from halocline.data.sampling.conditions import DAY
from halocline.data.store.splits import samples_of
from halocline.data.store.store import open_store
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model


def main() -> None:
    """Draw, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--states", type=int, default=64)
    parser.add_argument("--split", default="train")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--batch", type=int, default=16)
    given = parser.parse_args()
    set_threads(1)
    store = open_store(given.data)
    samples = samples_of(store, given.split)
    chosen = [samples[int(k)] for k in np.linspace(0, len(samples) - 1, given.states)]
    print("| model | states | edge | open water | ice below 0.15 |")
    print("| --- | --- | --- | ---: | ---: |")
    for name in given.models:
        model = load_model(name, choose_compute())
        codec = model.codec
        assert isinstance(codec, IceCodec)
        assert model.conditions is not None
        days = {DAY: np.array([store.day_of_year(k) for _, k in chosen])}
        vectors = model.conditions.encode(days)
        parts = []
        with torch.no_grad():
            for start in range(0, len(chosen), given.batch):
                vector = vectors[start : start + given.batch]
                parts.append(model.clean(range(start, start + len(vector)), given.seed, vector).float().cpu().numpy())
        real = store.of_fields(codec.channels)
        states = np.stack([real.read(*sample) for sample in chosen])
        k = codec.channels.index("sic")
        show(name, "real", "", states[:, k], codec.mask, model.grid.area)
        for words, edge in (("card", codec.tails.edge), ("middle of the gap", 0.5), ("0", EDGE)):
            at = replace(codec, tails=replace(codec.tails, edge=edge))
            drawn = at.decode(np.concatenate(parts))[:, k]
            show(name, "drawn", words, drawn, codec.mask, model.grid.area)


def show(name: str, states: str, edge: str, sic: np.ndarray, mask: np.ndarray, area: np.ndarray) -> None:
    """Print a line: shares of the ocean's area."""
    weight = area[mask] / area[mask].sum()
    sic = sic[:, mask]
    water, thin = ((where @ weight).mean() for where in (sic == 0, (sic > 0) & (sic < 0.15)))
    print(f"| {name} | {states} | {edge} | {water:.4f} | {thin:.4f} |", flush=True)


if __name__ == "__main__":
    main()

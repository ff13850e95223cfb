"""At which noise levels are lines lost, and does a weaker model's guidance bring them back?

    python benchmarks/generator/lines_by_level.py MODEL --data DATA.zarr [--near 5 3 1] [--weak MODEL --weights 1.5 2.5]

``--near``: held-out states are noised to these ln SNR, and the model draws them back from there (chain/near.py): what
is still lost is lost below that level. ``--weak``: the estimate is drawn away from that of a weaker model of the same
codec, x0 = x0_weak + w (x0 - x0_weak), at all levels (Karras et al. 2024, arXiv 2406.02507, "autoguidance").
Prints, for the pack, the coherence of orientation, cracks, damage lines, power at the smallest scales and the
correlations between variables; the days are those of the held-out states.
"""

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from halocline.chain.generator import Generator, Guide
from halocline.chain.near import Near
from halocline.chain.placed import Draw
from halocline.data.store.store import StateStore, open_store
from halocline.diffusion.wrappers import Guided
from halocline.evaluate.ice.evaluate import evaluate_families
from halocline.evaluate.ice.held_states import store_as_states
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model
from places_table import as_states, days_of, markdown, values

FAMILIES = ("places", "texture", "lines", "mechanics")


def main() -> None:
    """Draw, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--states", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--near", type=float, nargs="*", default=[], help="ln SNR to begin at")
    parser.add_argument("--detail-guidance", type=float, help="of the third stage; the model's if not given")
    parser.add_argument("--without-detail", action="store_true", help="the denoiser to its end, no third stage")
    parser.add_argument("--weak", help="model that guides")
    parser.add_argument("--weights", type=float, nargs="*", default=[1.5])
    given = parser.parse_args()
    set_threads(1)
    store = open_store(given.data)
    model = load_model(given.model, choose_compute()).with_constraints(["none"])
    model = model.without_detail() if given.without_detail else model
    model = model.with_sampler(detail_guidance=given.detail_guidance)
    real = store_as_states(store, given.states)
    sets = {"drawn": drawn(model, real, given)}
    sets |= {f"from ln SNR {level:g}": drawn(model, real, given, level) for level in given.near}
    if given.weak:
        weak = load_model(given.weak, choose_compute())
        sets |= {f"guided, w = {w:g}": drawn(model, real, given, guide=away_from(weak, w)) for w in given.weights}
    print(markdown({name: scored(states, store) for name, states in sets.items()}, everything=False))


def scored(states: xr.Dataset, store: StateStore):
    """Return the table of scores."""
    return evaluate_families(states, store, FAMILIES)


def away_from(weak: Generator, weight: float) -> Callable[[np.ndarray | None], Guide]:
    """Return the guide of condition vectors: away from what a weaker model says."""
    return lambda vector: lambda denoiser: Guided(denoiser, weak.told(vector), weight)


@torch.no_grad()
def drawn(
    model: Generator,
    real: xr.Dataset,
    given: argparse.Namespace,
    level: float | None = None,
    guide: Callable[[np.ndarray | None], Guide] | None = None,
) -> xr.Dataset:
    """Return as many states as real ones, of their days, begun with noise or near them at ln SNR ``level``."""
    count = real.sizes["member"]
    days = days_of(real, model, count)
    vectors = model.conditions.encode(days) if days and model.conditions is not None else None
    fields = torch.from_numpy(model.codec.encode(values(model, real))).float()
    parts = []
    for start in range(0, count, given.batch):
        rows = slice(start, min(start + given.batch, count))
        members, vector = list(range(rows.start, rows.stop)), None if vectors is None else vectors[rows]
        acting = model if guide is None else replace(model, guide=guide(vector))
        near = None if level is None else Near(fields[rows], math.exp(-level / 2))
        draw = Draw(members, given.seed, model.chain.steps, vector, model.noise)
        parts.append(model.chain.draw(acting.told(vector), acting._noise(members, given.seed), draw, near))
    return as_states(model, np.concatenate(parts), real)


if __name__ == "__main__":
    main()

"""Network space on a response surface, as a store's training members determine it."""

from dataclasses import replace

import numpy as np

from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.response import OfOthers, ResponseCodec
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.response.member_states import member_states
from halocline.data.response.quality import Quality, fit_surface
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.ocean_statistics import floored
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore


def fit_response(
    store: StateStore,
    conditions: Conditions,
    *,
    patterns: int,
    scale: float,
    levels_every: int,
    multiple: int,
    every: int,
) -> tuple[ResponseCodec, Quality]:
    """Return a codec on the response surface of a store's training members, and how good the surface is.

    Args:
        store: The ensemble.
        conditions: What states are told.
        patterns: Most patterns of the surface.
        scale: Standard deviations of what a surface leaves of the states of left-out members that become 1 in network
            space.
        levels_every: The network sees every n-th level.
        multiple: y and x are padded to multiples of this.
        every: Take every n-th training state.

    Raises:
        InputError: If the store has too few training members.
    """
    layout = GridLayout(store.layout, store.grid)
    states = member_states(store, conditions, every=every)
    quality = Quality.of(states, layout, patterns)
    zeros = {"mean": np.zeros((len(store.channels), 1, 1)), "std": np.ones(len(store.channels))}
    base = OceanCodec.from_arrays(store.grid, store.layout, zeros, every=levels_every, multiple=multiple)
    others = OfOthers(states.z, quality.guesses)
    codec = ResponseCodec(base, fit_surface(states, layout, patterns), states.season, others)
    square, pairs = np.zeros(len(store.channels)), samples_of(store, "train", every=every)
    vectors = conditions.encode(conditions.of_samples(store, pairs))
    for number, pair in enumerate(pairs):
        known = codec.told_in_training(vectors[[number]]).mean[0]
        square += (np.where(store.wet, store.read(*pair) - known, 0.0) ** 2).sum(axis=(1, 2))
    rms = np.sqrt(square / (len(pairs) * np.maximum(store.wet.sum(axis=(1, 2)), 1)))
    return replace(codec, base=replace(base, std=scale * floored(rms, store.channels))), quality

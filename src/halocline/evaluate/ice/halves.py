"""The held-out states of a store in two halves, and the weights of the comparisons with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import FLOOR_DRAWS, Blocks, PairWeights, Weights, draws, even
from halocline.evaluate.engine.samples import RealStates, read_states, thinned
from halocline.runtime.keyed import generator


@dataclass(frozen=True, eq=False)
class Halves:
    """Two disjoint sets of held-out real states, of different member-years.

    Attributes:
        states: Those of the first half, then those of the second.
        sizes: Number of states of either.
        notes: What must be said of them.
    """

    states: RealStates
    sizes: tuple[int, int]
    notes: tuple[str, ...] = ()


def held_out_halves(
    store: StateStore, channels: Sequence[str], limit: int, progress: Callable[[float], None] = lambda done: None
) -> Halves:
    """Read the held-out years of a store and split them in two halves by whole member-years.

    The test years are dealt out in turn. A store with only one test year takes its validation years as second half.

    Raises:
        InputError: If the store has no test years.
    """
    test = thinned(samples_of(store, "test"), limit)
    years = store.years()
    order = sorted({(member, int(years[index])) for member, index in test})
    if len(order) > 1:
        keys = {pair: k % 2 for k, pair in enumerate(order)}
        halves = [[(m, t) for m, t in test if keys[m, int(years[t])] == half] for half in (0, 1)]
        notes: tuple[str, ...] = ()
    else:
        halves = [test, thinned(samples_of(store, "validation"), limit)]
        notes = ("The store has one test year: the second half of the held-out states is its validation split.",)
    held = read_states(store, [pair for half in halves for pair in half], channels, progress)
    return Halves(held, (len(halves[0]), len(halves[1])), notes)


def half_weights(held: Halves, size: int, replicates: int, seed: int) -> tuple[Weights, np.ndarray]:
    """Draw the weights of ``size`` generated states against either half, whose floor is the other half.

    Generated states are drawn one by one with replacement; real ones by calendar-month blocks (``Blocks``).

    Returns:
        The weights, and replicates of all held-out states (replicate, sample) for bands in pictures.
    """
    blocks, halves = Blocks.of(held.states.member_years, held.states.months), []
    for half in (0, 1):
        random = generator(seed, "evaluate", "held-out half", half)
        inside = np.repeat([half == 0, half == 1], held.sizes)
        whole, months = even(inside), blocks.weights(inside, replicates, random)
        drawn = draws(np.repeat(whole, FLOOR_DRAWS, axis=0), size, random)
        halves.append((whole, months, drawn, draws(blocks.weights(inside, replicates, random), size, random)))
    everything = even(np.ones(size))
    mine = draws(np.repeat(everything, replicates, axis=0), size, generator(seed, "evaluate", "generated"))
    pairs = tuple(PairWeights(*one[:2], mine, *other[2:]) for one, other in (halves, halves[::-1]))
    seasons = blocks.weights(np.ones(sum(held.sizes), bool), replicates, generator(seed, "evaluate", "pictures"))
    return Weights(everything, pairs), seasons

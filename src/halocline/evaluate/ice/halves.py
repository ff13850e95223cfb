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
    """Two disjoint sets of held-out real states, of different member-years."""

    first: RealStates
    second: RealStates
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> np.ndarray:
        """Both halves together (sample, channel, y, x)."""
        return np.concatenate([self.first.values, self.second.values])

    @property
    def sizes(self) -> tuple[int, int]:
        """Number of states of either."""
        return len(self.first.values), len(self.second.values)

    @property
    def blocks(self) -> Blocks:
        """Whole months of both halves together, for resampling."""
        member_years = np.concatenate([self.first.member_years, self.second.member_years])
        return Blocks.of(member_years, np.concatenate([self.first.months, self.second.months]))


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
        held = read_states(store, test, channels, progress)
        keys = {pair: k for k, pair in enumerate(order)}
        turn = np.array([keys[member, int(years[index])] % 2 for member, index in held.pairs])
        return Halves(held.only(turn == 0), held.only(turn == 1))
    validation = thinned(samples_of(store, "validation"), limit)
    return Halves(
        read_states(store, test, channels, progress),
        read_states(store, validation, channels, progress),
        ("The store has one test year: the second half of the held-out states is its validation split.",),
    )


def half_weights(held: Halves, size: int, replicates: int, seed: int) -> Weights:
    """Draw the weights of ``size`` generated states against either half, whose floor is the other half.

    Generated states are drawn one by one with replacement; real ones by calendar-month blocks (``Blocks``).
    """
    blocks, halves = held.blocks, []
    for half in (0, 1):
        random = generator(seed, "evaluate", "held-out half", half)
        inside = np.repeat([half == 0, half == 1], held.sizes)
        whole, months = even(inside), blocks.weights(inside, replicates, random)
        drawn = draws(np.repeat(whole, FLOOR_DRAWS, axis=0), size, random)
        halves.append((whole, months, drawn, draws(blocks.weights(inside, replicates, random), size, random)))
    everything = even(np.ones(size))
    mine = draws(np.repeat(everything, replicates, axis=0), size, generator(seed, "evaluate", "generated"))
    return Weights(
        everything,
        tuple(PairWeights(*one[:2], mine, *other[2:]) for one, other in (halves, halves[::-1])),
    )

"""The held-out states of a store in two halves, and the weights of the comparisons with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.store.splits import has_split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import FLOOR_DRAWS, Blocks, PairWeights, Weights, draws, even
from halocline.evaluate.engine.floors import LEAST_STATES, coarse_floor, seasons_differ
from halocline.evaluate.engine.samples import Pair, RealStates, copy_states, thinned
from halocline.runtime.keyed import generator


@dataclass(frozen=True, eq=False)
class Halves:
    """Two disjoint sets of held-out real states, of different member-years.

    Attributes:
        states: Those of the first half, then those of the second.
        sizes: Number of states of either; all of the first where they cannot be compared, so that there is no floor.
        notes: What must be said of them.
    """

    states: RealStates
    sizes: tuple[int, int]
    notes: tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether there are two halves, so that real states can be scored against real ones."""
        return self.sizes[1] > 0


def held_out_halves(
    store: StateStore,
    channels: Sequence[str],
    limit: int,
    progress: Callable[[float], None] = lambda done: None,
    *,
    keeps: Callable[[int], bool] = lambda index: True,
    folder: Path | None = None,
) -> Halves:
    """Read the held-out years of a store and split them in two halves by whole member-years.

    The test years are dealt out in turn. A store with only one test year takes its validation years as second half.
    Where the halves would be too small, of one year or of different seasons, all test states are the first half.

    Args:
        store: The store.
        channels: Variables to keep, in this order.
        limit: At most so many states of a split.
        progress: Called after each sample with the share done, 0..1.
        keeps: Which time indices are of interest.
        folder: Where the states' file is to have a name, for other processes.

    Raises:
        InputError: If the store has no test states.
    """
    test = thinned([pair for pair in samples_of(store, "test") if keeps(pair[1])], limit)
    years = store.years()
    order = sorted({(member, int(years[index])) for member, index in test})
    if len(order) > 1:
        keys = {pair: k % 2 for k, pair in enumerate(order)}
        halves = [[(m, t) for m, t in test if keys[m, int(years[t])] == half] for half in (0, 1)]
        notes: tuple[str, ...] = ()
    else:
        rest = samples_of(store, "validation") if has_split(store, "validation") else []
        halves = [test, thinned([pair for pair in rest if keeps(pair[1])], limit)]
        notes = ("The store has one test year: the second half of the held-out states is its validation split.",)
    return _read(store, halves, test, notes, channels, progress, folder)


def held_out_beside_validation(
    store: StateStore, channels: Sequence[str], limit: int, *, keeps: Callable[[int], bool]
) -> Halves:
    """Read the test states as the first half and the validation states as the second.

    So all test years are the reference, and real states of other years stand in the place of generated ones. Where they
    cannot be compared, the test states are alone.

    Args:
        store: The store.
        channels: Variables to keep, in this order.
        limit: At most so many states of a split.
        keeps: Which time indices are of interest.

    Raises:
        InputError: If the store has no test states.
    """
    found = [samples_of(store, "test"), samples_of(store, "validation") if has_split(store, "validation") else []]
    halves = [thinned([pair for pair in pairs if keeps(pair[1])], limit) for pairs in found]
    return _read(store, halves, halves[0], (), channels)


def _read(
    store: StateStore,
    halves: list[list[Pair]],
    alone: list[Pair],
    notes: tuple[str, ...],
    channels: Sequence[str],
    progress: Callable[[float], None] = lambda done: None,
    folder: Path | None = None,
) -> Halves:
    if why := _incomparable(store, *halves):
        halves, notes = [alone, []], (f"No floor: {why}.",)
    else:
        notes = (*notes, *coarse_floor(len(halves[0]), len(halves[1])))
    held = copy_states(store, [pair for half in halves for pair in half], channels, progress, folder)
    return Halves(held, (len(halves[0]), len(halves[1])), notes)


def _incomparable(store: StateStore, first: Sequence[Pair], second: Sequence[Pair]) -> str | None:
    """Return why real states against real states would say nothing, or None."""
    fewest = min(len(first), len(second))
    if fewest < LEAST_STATES:
        return f"one half of the held-out states holds {fewest} of them, and it takes {LEAST_STATES}"
    years = store.years()
    if {(m, int(years[t])) for m, t in first} & {(m, int(years[t])) for m, t in second}:
        return "all held-out states are of one year, so real ones of another year cannot be compared with them"
    one, other = (store.hours[[index for _, index in half]] for half in (first, second))
    return seasons_differ(one, other, store.calendar)


def half_weights(held: Halves, size: int, replicates: int, seed: int) -> tuple[Weights, np.ndarray]:
    """Draw the weights of ``size`` generated states against either half, whose floor is the other half.

    Held-out states without two halves are one reference as a whole, without a floor. Generated states are drawn one by
    one with replacement; real ones by calendar-month blocks (``Blocks``).

    Returns:
        The weights, and replicates of all held-out states (replicate, sample) for bands in pictures.
    """
    blocks, halves = Blocks.of(held.states.member_years, held.states.months), []
    for half in (0, 1) if held.comparable else (0,):
        random = generator(seed, "evaluate", "held-out half", half)
        inside = np.repeat([half == 0, half == 1], held.sizes)
        whole, months = even(inside), blocks.weights(inside, replicates, random)
        drawn = draws(np.repeat(whole, FLOOR_DRAWS, axis=0), size, random)
        halves.append((whole, months, drawn, draws(blocks.weights(inside, replicates, random), size, random)))
    everything = even(np.ones(size))
    mine = draws(np.repeat(everything, replicates, axis=0), size, generator(seed, "evaluate", "generated"))
    if held.comparable:
        pairs = tuple(PairWeights(*one[:2], mine, *other[2:]) for one, other in (halves, halves[::-1]))
    else:
        pairs = (PairWeights(*halves[0][:2], mine),)
    seasons = blocks.weights(np.ones(sum(held.sizes), bool), replicates, generator(seed, "evaluate", "pictures"))
    return Weights(everything, pairs), seasons

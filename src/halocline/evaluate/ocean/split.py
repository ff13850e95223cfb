"""Weights of the ocean's comparisons: two disjoint sets of real states, and replicates by whole members."""

from typing import Literal

import numpy as np

from halocline.evaluate.engine.bootstrap import draws, even
from halocline.evaluate.engine.rate import FLOOR_DRAWS, PairWeights, Weights
from halocline.evaluate.ocean.states import OceanSet
from halocline.runtime.errors import InputError
from halocline.runtime.keyed import generator

Floor = Literal["members", "years"]
FLOORS: tuple[Floor, ...] = ("members", "years")

_SPLITS = 6


def ocean_weights(generated: OceanSet, real: OceanSet, floor: Floor, replicates: int, seed: int) -> Weights:
    """Draw the weights of all comparisons.

    The real states are dealt into two disjoint parts A and B; the generated states are compared with A and with B, and
    for the floor draws of B with A and of A with B. With ``members``, A and B hold different members, dealt at random
    up to six times: what a generator reaches that knows the range of forcings but not these. With ``years``, they hold
    different years of the same members: what one reaches that was given these very forcings.

    Replicates draw whole members with replacement, because states of one member depend on each other. With ``years``
    reference and draws hold the same members in a replicate, and generated states follow theirs.

    Args:
        generated: Generated states.
        real: Real states.
        floor: How the real states are dealt.
        replicates: Replicates over all comparisons of one direction.
        seed: Seed.

    Raises:
        InputError: If there are too few members or years to deal.
    """
    random = generator(seed, "evaluate", "ocean", floor)
    parts = _member_parts(real, random) if floor == "members" else [_year_part(real)]
    each = -(-replicates // len(parts))
    pairs = []
    for first in parts:
        for reference, other in ((first, ~first), (~first, first)):
            pairs.append(_pair(generated, real, floor, (reference, other), each, random))
    return Weights(even(np.ones(len(generated))), tuple(pairs))


def _pair(
    generated: OceanSet,
    real: OceanSet,
    floor: Floor,
    parts: tuple[np.ndarray, np.ndarray],
    replicates: int,
    random: np.random.Generator,
) -> PairWeights:
    reference, other = parts
    size = len(generated)
    if floor == "members":
        taken = [_multiplicity(real, len(np.unique(real.member[part])), replicates, random) for part in parts]
        replicate_parts = [_weights(real, counts, np.ones(len(real), bool)) for counts in taken]
        mine = _weights(generated, _multiplicity(generated, len(generated.members), replicates, random), None)
    else:
        counts = _multiplicity(real, len(real.members), replicates, random)
        replicate_parts = [_weights(real, counts, part) for part in parts]
        same = np.isin(generated.members, real.members).all()
        mine = _weights(generated, counts, None) if same else np.repeat(even(np.ones(size)), replicates, axis=0)
        mine = draws(mine, size, random)
    return PairWeights(
        reference=even(reference),
        replicates=replicate_parts[0],
        generated=mine,
        drawn=draws(np.repeat(even(other), FLOOR_DRAWS, axis=0), size, random),
        drawn_replicates=draws(replicate_parts[1], size, random),
    )


def _multiplicity(states: OceanSet, count: int, replicates: int, random: np.random.Generator) -> dict[int, np.ndarray]:
    """Return how often each member is drawn (replicate,) if ``count`` members are drawn with replacement."""
    members = states.members
    drawn = random.multinomial(count, np.full(len(members), 1.0 / len(members)), size=replicates)
    return {int(member): drawn[:, k] for k, member in enumerate(members)}


def _weights(states: OceanSet, counts: dict[int, np.ndarray], part: np.ndarray | None) -> np.ndarray:
    """Return normalised weights (replicate, sample): each member's count shared out over its states in ``part``."""
    replicates = len(next(iter(counts.values())))
    weights = np.zeros((replicates, len(states)))
    for member, count in counts.items():
        own = states.member == member
        own = own if part is None else own & part
        if own.any():
            weights[:, own] = count[:, None] / own.sum()
    total = weights.sum(axis=1, keepdims=True)
    # A replicate of members that no state belongs to stands for all states.
    return np.where(total > 0, weights / np.where(total > 0, total, 1.0), 1.0 / len(states))


def _member_parts(real: OceanSet, random: np.random.Generator) -> list[np.ndarray]:
    members = real.members
    if len(members) < 2:
        raise InputError(
            "members of the reference",
            found=f"{len(members)} member",
            expected="at least two, to deal them in two",
            remedy="Take the floor of different years (floor 'years'), or simulate more held-out members.",
        )
    count = 1 if len(members) == 2 else _SPLITS
    return [np.isin(real.member, random.permutation(members)[: len(members) // 2]) for _ in range(count)]


def _year_part(real: OceanSet) -> np.ndarray:
    assert real.years is not None
    first = np.zeros(len(real), bool)
    for member in real.members:
        own = real.member == member
        years = np.unique(real.years[own])
        if len(years) < 2:
            raise InputError(
                "years of the reference",
                found=f"{len(years)} of member {member}",
                expected="at least two a member",
                remedy="Take the floor of different members (floor 'members'), or simulate more years.",
            )
        first |= own & np.isin(real.years, years[::2])
    return first

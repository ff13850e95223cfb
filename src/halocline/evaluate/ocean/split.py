"""Weights of the ocean's comparisons: two disjoint sets of real states, and replicates by whole members."""

from typing import Literal

import numpy as np

from halocline.data.fields.calendar import mean_year_hours
from halocline.evaluate.engine.bootstrap import (
    FLOOR_DRAWS,
    PairWeights,
    Weights,
    draws,
    even,
    member_counts,
    member_weights,
)
from halocline.evaluate.engine.floors import LEAST_STATES, seasons_differ
from halocline.evaluate.engine.scorecard import NO_FLOOR
from halocline.evaluate.ocean.states import OceanSet
from halocline.runtime.errors import InputError
from halocline.runtime.keyed import generator

Floor = Literal["members", "years"]
FLOORS: tuple[Floor, ...] = ("members", "years")

_SPLITS = 6


def ocean_weights(generated: OceanSet, real: OceanSet, floor: Floor | None, replicates: int, seed: int) -> Weights:
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
        floor: How the real states are dealt; None for no floor: all of them are the reference.
        replicates: Replicates over all comparisons of one direction.
        seed: Seed.

    Raises:
        InputError: If there are too few members or years to deal.
    """
    random = generator(seed, "evaluate", "ocean", floor or NO_FLOOR)
    if floor is None:
        return Weights(even(np.ones(len(generated))), (_without_floor(generated, real, replicates, random),))
    parts = _member_parts(real, random) if floor == "members" else [_year_part(real)]
    each = -(-replicates // len(parts))
    pairs = []
    for first in parts:
        for reference, other in ((first, ~first), (~first, first)):
            pairs.append(_pair(generated, real, floor, (reference, other), each, random))
    return Weights(even(np.ones(len(generated))), tuple(pairs))


def no_floor(real: OceanSet, floor: Floor, calendar: str) -> str | None:
    """Return why real states dealt so would say nothing of a generator, or None."""
    try:
        parts = _member_parts(real, generator(0, "dealing")) if floor == "members" else [_year_part(real)]
    except InputError as error:
        return f"{error.field}: {error.found}, and it takes {error.expected}"
    fewest = min(int(min(part.sum(), (~part).sum())) for part in parts)
    if fewest < LEAST_STATES:
        return f"one part of the real states holds {fewest} of them, and it takes {LEAST_STATES}"
    if real.season is None:
        return None
    hours = real.season * mean_year_hours(calendar)
    return next((why for part in parts if (why := seasons_differ(hours[part], hours[~part], calendar))), None)


def _without_floor(generated: OceanSet, real: OceanSet, replicates: int, random: np.random.Generator) -> PairWeights:
    """Return the comparison with all real states; replicates draw whole members."""
    drawn, mine = (
        member_weights(part.member, member_counts(part.members, len(part.members), replicates, random))
        for part in (real, generated)
    )
    return PairWeights(even(np.ones(len(real))), drawn, draws(mine, len(generated), random))


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
        taken = [member_counts(real.members, len(np.unique(real.member[part])), replicates, random) for part in parts]
        replicate_parts = [member_weights(real.member, drawn) for drawn in taken]
        drawn = member_counts(generated.members, len(generated.members), replicates, random)
        mine = member_weights(generated.member, drawn)
    else:
        drawn = member_counts(real.members, len(real.members), replicates, random)
        replicate_parts = [member_weights(real.member, drawn, part) for part in parts]
        same = np.isin(generated.members, real.members).all()
        mine = member_weights(generated.member, drawn) if same else np.repeat(even(np.ones(size)), replicates, axis=0)
        mine = draws(mine, size, random)
    return PairWeights(
        reference=even(reference),
        replicates=replicate_parts[0],
        generated=mine,
        drawn=draws(np.repeat(even(other), FLOOR_DRAWS, axis=0), size, random),
        drawn_replicates=draws(replicate_parts[1], size, random),
    )


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

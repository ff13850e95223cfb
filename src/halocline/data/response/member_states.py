"""What a store's members are like: the mean state of each, and the season that they share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.sampling.conditions import ALL_PARAMETERS, Conditions
from halocline.data.store.splits import members_of, samples_of
from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError

HARMONICS = 4
"""cos and sin of one and of two cycles a year, as conditions have them."""


@dataclass(frozen=True, eq=False)
class MemberStates:
    """x_m(t) = mean_m + sum_h season_h s_h(t) + rest, fitted by least squares over all states of all members.

    Attributes:
        members: Their numbers (member,).
        z: Their parameters (member, parameter), -1..1 over the training members.
        means: Mean of each over a year (member, channel, y, x) float64; dry cells 0.
        season: What the members share of the season (harmonic, channel, y, x); no harmonic if the season is unknown.
    """

    members: tuple[int, ...]
    z: np.ndarray
    means: np.ndarray
    season: np.ndarray

    def at(self, states: np.ndarray, season: np.ndarray) -> np.ndarray:
        """Return mean states (point, channel, y, x) with the season of condition vectors (point, harmonic) added."""
        return states + np.tensordot(season, self.season, axes=1) if len(self.season) else states


def member_states(
    store: StateStore, conditions: Conditions | None = None, members: Sequence[int] | None = None, *, every: int = 1
) -> MemberStates:
    """Read members' mean states from a store, state by state.

    Args:
        store: An ensemble over parameters.
        conditions: Its parameters and season as a generator is told them; all if None.
        members: Which; those of the training split if None. Of these, all stored states count.
        every: Take every ``every``-th training state.

    Raises:
        InputError: If the members have no parameters.
    """
    conditions = conditions or Conditions.of(store, ["day_of_year", ALL_PARAMETERS])
    if not conditions.parameters:
        raise InputError(
            f"parameters of {store.path}",
            found="none",
            expected="a store whose members differ in parameters",
            remedy="Give coordinates along member with the attribute forcing, and role, and write the store again.",
        )
    if members is None:
        pairs = samples_of(store, "train", every=every)
        members = members_of(store, "train")
    else:
        pairs = [(m, t) for m in members for t in range(len(store.hours))]
    vectors = conditions.encode(conditions.of_samples(store, pairs))
    count, size = len(conditions.parameters), HARMONICS if conditions.season else 0
    at = {member: k for k, member in enumerate(members)}
    who = np.array([at[m] for m, _ in pairs])
    number = np.bincount(who, minlength=len(at))
    season = vectors[:, count : count + size].astype(np.float64)
    season_mean = np.stack([season[who == k].mean(axis=0) for k in range(len(at))])
    means = np.zeros((len(at), *store.wet.shape))
    product = np.zeros((size, *store.wet.shape))
    for k, pair in enumerate(pairs):
        state = np.where(store.wet, store.read(*pair), 0.0).astype(np.float64)
        means[who[k]] += state / number[who[k]]
        product += np.multiply.outer(season[k] - season_mean[who[k]], state)
    away = season - season_mean[who]
    shared = np.tensordot(np.linalg.pinv(away.T @ away, rcond=1e-6, hermitian=True), product, axes=1)
    means -= np.tensordot(season_mean, shared, axes=1)
    z = np.stack([vectors[who == k, :count][0] for k in range(len(at))]).astype(np.float64)
    return MemberStates(tuple(int(m) for m in at), z, means, shared)

"""An ensemble spread over the parameters by scrambled Sobol points, each role by a sequence of its own."""

import numpy as np
from scipy.stats import qmc

from halocline.data.store.members import Role
from halocline.runtime import keyed
from halocline.worlds.dino.parameters import NAMES, ForcingParameters, Member, role_plan


def sobol_ensemble(members: int, seed: int) -> list[Member]:
    """Spread members over the parameters; roles, their shares and their ranges are those of ``ensemble``.

    Any first members of a role are spread as evenly as so many can be: an ensemble that is stopped early, or run member
    by member from the neighbours that are finished, covers the range all the while, which a Latin hypercube does not.

    Source: Owen 1998 (J. Complexity 14, 466): scrambled nets.

    Raises:
        ConfigError: If there are fewer than 4 members.
    """
    out: list[Member] = []
    for role, count, ranges, margin in role_plan(members):
        low, high = np.array(list(ranges.values())).T
        inset = margin * (high - low)
        values = low + inset + _points(count, seed, role) * (high - low - 2 * inset)
        out += [Member(ForcingParameters(*(round(float(v), 6) for v in row)), role) for row in values]
    return out


def _points(count: int, seed: int, role: Role) -> np.ndarray:
    """Return the first ``count`` points (point, parameter) of a role's sequence, in 0..1."""
    rng = keyed.generator(seed, "dino-sobol", role)
    sampler = qmc.Sobol(len(NAMES), scramble=True, seed=int(rng.integers(2**31)))
    return np.asarray(sampler.random_base2(max(0, int(np.ceil(np.log2(count)))))[:count])

"""The ensemble Kalman filter with perturbed observations."""

import numpy as np

from halocline.analysis.methods._gain import increments
from halocline.analysis.methods.base import METHODS, Prior, Settings, Updating
from halocline.runtime import keyed


class EnKF(Updating):
    """x^i <- x^i + K (y + e^i - H(x^i)), e^i ~ N(0, R).

    Source: Burgers et al. 1998, Mon. Wea. Rev. 126, 1719. Perturbations of a member depend on (seed, its number) only,
    and their mean over the ensemble is taken off.
    """

    uses = ("radius_km", "inflation")

    def update(self, prior: Prior, settings: Settings) -> np.ndarray:
        """Return the analysed members."""
        eps = keyed.member_normal(prior.seed, prior.numbers, (len(prior.table),), "perturbed observations")
        eps = eps - eps.mean(axis=0)
        predicted = prior.operator.of_arrays(prior.states)
        middle = predicted.mean(axis=0)
        inflated = middle + settings.inflation * (predicted - middle)
        innovations = prior.table.value + prior.table.sigma * eps - inflated
        centre = prior.states.mean(axis=0)
        states = centre + settings.inflation * (prior.states - centre)
        return np.asarray(states + increments(prior, settings, innovations), np.float32)


METHODS.register("enkf")(EnKF())

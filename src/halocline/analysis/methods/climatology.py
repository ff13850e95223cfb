"""The prior itself: what the model draws for the date, whatever was observed."""

import numpy as np

from halocline.analysis.methods.base import METHODS, Prior, Settings, Updating


class Climatology(Updating):
    """Members untouched."""

    def update(self, prior: Prior, settings: Settings) -> np.ndarray:
        """Return the prior."""
        return prior.states


METHODS.register("climatology")(Climatology())

"""Scores of states and forecasts: each beside what real states get, with intervals."""

import sys
import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from halocline.data.store.store import StateStore
    from halocline.evaluate.engine.scorecard import Scorecard


class _CallableRoom(ModuleType):
    """This package, which can be called as the function ``halocline.evaluate`` of version 0.1."""

    def __call__(self, states: "xr.Dataset", reference: "StateStore", **settings: Any) -> "Scorecard":
        """Score sea-ice states; replaced by ``halocline.score``."""
        from halocline.evaluate.ice.evaluate import evaluate

        warnings.warn("halocline.evaluate is now halocline.score", DeprecationWarning, stacklevel=2)
        return evaluate(states, reference, **settings)


sys.modules[__name__].__class__ = _CallableRoom

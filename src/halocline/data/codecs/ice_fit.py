"""Fitting the codec of ice to training states."""

import warnings
from collections.abc import Iterable, Sequence

import numpy as np

from halocline.data.codecs.ice import CONCENTRATION, THICKNESS, IceCodec
from halocline.data.codecs.inside import Inside
from halocline.data.codecs.padding import NONE, Padding
from halocline.data.codecs.tails import Tails
from halocline.data.codecs.transforms import ICE_TRANSFORMS, Identity
from halocline.data.fields.variables import variable
from halocline.runtime.errors import InputError

EDGE = 0.02
"""Of ``Tails``, for new codecs."""
_TOLERATED = 1e-3  # cells of two masks, over the number of cells with ice


class TwoIceMasks(UserWarning):
    """Thickness and concentration of the training data do not vanish in the same cells."""


def fit_ice(names: Sequence[str], states: Iterable[np.ndarray], mask: np.ndarray, padding: Padding = NONE) -> IceCodec:
    """Fit to training states, each (channel, y, x) in physical units.

    Warns:
        TwoIceMasks: If thickness and concentration vanish in different cells.

    Raises:
        InputError: If sic or sit is not among the names, or no state holds ice.
    """
    for needed in (CONCENTRATION, THICKNESS):
        if needed not in names:
            raise InputError(
                "codec 'ice'",
                found=f"the variables {', '.join(names)}",
                expected=f"'{needed}' among them: the ice mask is that of the concentration",
                remedy="Add it to the recipe's variables, or use --set codec=standard.",
            )
    variables, n = tuple(variable(name) for name in names), len(names)
    sample = np.stack([np.where(mask, state, 0.0) for state in states])
    sit, sic = (sample[:, names.index(name)] for name in (THICKNESS, CONCENTRATION))
    ice = mask & (sic > 0)
    if not ice.any():
        raise InputError(
            "training states", found="no ice at all", expected="sea ice", remedy="Train on years that hold ice."
        )
    differ = float(((sit > 0) != ice)[:, mask].sum() / ice.sum())
    if differ > _TOLERATED:
        warnings.warn(
            f"only one of sit and sic is 0 in {differ:.1%} as many cells as hold ice: the mask is that of sic, so "
            "thickness without concentration is lost, and concentration without thickness gets the least one",
            TwoIceMasks,
            stacklevel=3,
        )
    held = [sample[:, k][ice] for k in range(n)]
    held[names.index(THICKNESS)] = sit[ice] / sic[ice]
    inside = tuple(Inside.of(values, var) for values, var in zip(held, variables, strict=True))
    spaces = tuple(ICE_TRANSFORMS.get(name, Identity()) for name in names)
    tails = Tails(edge=EDGE)
    raw = IceCodec(variables, np.zeros(n), np.ones(n), inside, spaces, mask, tails=tails)
    wet = np.stack([raw.transformed(state)[:, mask] for state in sample])
    mean, std = wet.mean(axis=(0, 2)), np.maximum(wet.std(axis=(0, 2)), 1e-12)
    return IceCodec(variables, mean, std, inside, spaces, mask, padding, tails)

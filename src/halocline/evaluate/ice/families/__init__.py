"""Families of scores of sea-ice states, one a file; other packages add theirs by the group ``halocline.scores.ice``."""

from collections.abc import Callable, Sequence

from halocline.evaluate.engine.family import Family, InTwoSteps
from halocline.evaluate.engine.rate import Part
from halocline.evaluate.ice.families.base import IceSets
from halocline.runtime.registry import Registry

Build = Callable[[IceSets], Sequence[Family | InTwoSteps | Part]]
"""Returns the families of one name for the states, none if they do not apply."""

ICE_SCORES: Registry[Build] = Registry(
    "family of sea-ice scores", package="halocline.evaluate.ice.families", group="halocline.scores.ice"
)

ORDER = (
    "frechet",
    "maps",
    "integrals",
    "edge",
    "bounds",
    "atoms",
    "spectra",
    "places",
    "texture",
    "lines",
    "mechanics",
    "histograms",
    "copies",
)
"""Families that stand first in tables, in this order."""

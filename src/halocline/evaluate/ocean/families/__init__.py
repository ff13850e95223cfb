"""Families of scores of ocean states, one a file; other packages add theirs by the group ``halocline.scores.ocean``."""

from collections.abc import Callable, Sequence

from halocline.evaluate.engine.family import Family, Summarised
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.runtime.registry import Registry

Build = Callable[[OceanSets], Sequence[Family | Summarised]]
"""Returns the families of one name for the states, none if they do not apply."""

OCEAN_SCORES: Registry[Build] = Registry(
    "family of ocean scores", package="halocline.evaluate.ocean.families", group="halocline.scores.ocean"
)

ORDER = ("energy", "stability", "water", "spread", "profiles", "surface", "copies")
"""Families that stand first in tables, in this order."""

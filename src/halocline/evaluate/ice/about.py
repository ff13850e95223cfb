"""What a score card of sea ice tells besides scores: facts, and a hint at a season."""

from typing import Any

import numpy as np

from halocline.evaluate.engine.interval import LEVEL
from halocline.evaluate.engine.rate import Found
from halocline.evaluate.engine.scorecard import NO_FLOOR
from halocline.evaluate.engine.season import hint_of_season
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.copies import COPY_RATIO
from halocline.evaluate.ice.families.spectra import SpectrumScores


def hints_of(mine: IceCover, truth: IceCover, months: np.ndarray) -> list[str]:
    """Return a note if extent and volume of states without dates point to a season."""
    names = [name for name in mine.integrals if name in ("ice_extent", "ice_volume")]
    generated, real = ({name: cover.integrals[name] for name in names} for cover in (mine, truth))
    return hint_of_season(generated, real, months)


def facts_of(sets: IceSets, found: Found) -> dict[str, Any]:
    """Return what the card tells about its states, its store and its methods."""
    spectra = found.parts["spectra"][0].family
    assert isinstance(spectra, SpectrumScores)
    tiles, store = spectra.spectrum, sets.reference
    none = () if len(tiles.corners) else ("No spectra: no tile of 8 cells fits between the coasts.",)
    return {
        "variables": list(sets.channels),
        "held_out_states": list(sets.halves),
        "interval": LEVEL,
        **({} if sets.halves[1] else {"floor": NO_FLOOR}),
        "extractor": sets.features.name,
        "copy_ratio": COPY_RATIO,
        "grid": store.grid.name,
        "grid_fingerprint": store.grid.fingerprint(),
        "reference_fingerprint": store.fingerprint,
        "spectrum_tile_cells": tiles.tile,
        "spectrum_tiles": len(tiles.corners),
        "notes": [*sets.notes, *none],
        "generated_states": len(sets.generated),
        "training_states": len(sets.training.values),
        **sets.match.about,
    }

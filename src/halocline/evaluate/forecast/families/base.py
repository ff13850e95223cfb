"""What families of scores of forecasts are built from."""

from collections.abc import Sequence
from dataclasses import dataclass

from halocline.data.fields.variables import channel
from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.ice.families.histograms import HistogramScores
from halocline.evaluate.ice.families.spectra import SpectrumScores


def with_ice(channels: Sequence[str]) -> bool:
    """Tell whether sea ice is forecast, so that the region with ice in the climate of the day means something."""
    return any(channel(name).group == "seaice" for name in channels)


@dataclass(frozen=True, eq=False)
class Ensembles:
    """The ensembles of one source at one lead.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        draws: The members, and which of them are independent.
        shaped: Whether this is one of the leads at which the looks of states are scored (spectra and the like).
        spectra: Tiles for spectra.
        bins: Bins for distributions.
        seed: Seed of the ties in rank histograms.
        region: Whether there is a climate of the day that tells where ice is.
    """

    grid: Grid
    channels: tuple[str, ...]
    draws: Draws
    shaped: bool
    spectra: SpectrumScores
    bins: HistogramScores
    seed: int
    region: bool = True

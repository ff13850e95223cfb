"""Which figures a page shows, under which heading and with which words: of sea ice, and of ocean states."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from halocline.evaluate.engine.table import Scorecard
from halocline.evaluate.ice.pictures import Pictures
from halocline.evaluate.ocean.pictures import OceanPictures
from halocline.report.ice import curves, maps
from halocline.report.ocean import curves as ocean_curves
from halocline.report.ocean import sections as ocean_sections


@dataclass(frozen=True, eq=False)
class Shown:
    """One section of figures of a page.

    Attributes:
        heading: Its heading.
        words: What there is to see.
        figures: (text for those who cannot see it, figure) each.
    """

    heading: str
    words: str
    figures: tuple[tuple[str, Figure], ...]


def figures_of(scorecard: Scorecard) -> list[Shown]:
    """Return the figures of a scorecard, in the order of the page; none if it was read from a file."""
    pictures = scorecard.pictures
    if pictures is None:
        return []
    drawn = _ocean(pictures, scorecard) if isinstance(pictures, OceanPictures) else _ice(pictures)
    return [
        Shown(heading, words, tuple((heading, figure) for figure in found if figure is not None))
        for heading, words, *found in drawn
        if any(figure is not None for figure in found)
    ]


def _ice(pictures: Pictures) -> list[tuple[str, str, *tuple[Figure | None, ...]]]:
    return [
        (
            "States",
            "Left: the first generated states, not chosen. Right: for each, the held-out state with the nearest ice "
            "extent. One colour scale per row; land is grey.",
            maps.gallery(pictures),
        ),
        (
            "Climate",
            "Mean and standard deviation per cell over all states, and the difference generated minus held-out.",
            maps.climatology(pictures),
        ),
        (
            "Spectra",
            "Isotropic power on Hann-windowed tiles of open ocean. Band: 90 % interval of the held-out states. A "
            "generated curve that falls below the band at short wavelengths is too smooth.",
            curves.spectra(pictures),
        ),
        (
            "Histograms",
            "Area-weighted distribution over all ocean cells and states, without the values exactly at a bound; their "
            "shares are the bars at the ends (right axis). High peaks are cut; drift without ice is left out. Band: "
            "90 % interval of the held-out states.",
            curves.histograms(pictures),
        ),
        (
            "Ice cover",
            "Distribution over the states of the numbers that sum up an ice cover.",
            curves.series(pictures) if pictures.series else None,
        ),
        (
            "Copy test",
            "Distances are taken between anomalies, the seasonal cycle projected out. A copy of a training state has a "
            "ratio near 0; below one third a state is called a copy. Right: the generated state with the lowest ratio, "
            "beside the training state nearest to it.",
            curves.copy_ratios(pictures),
            maps.twins(pictures),
        ),
    ]


def _ocean(pictures: OceanPictures, scorecard: Scorecard) -> list[tuple[str, str, *tuple[Figure | None, ...]]]:
    return [
        (
            "The surface",
            "Left: the first generated states, not chosen. Right: for each, the real state with the nearest mean "
            "surface temperature. One colour scale per row; land is grey.",
            maps.gallery(pictures),
        ),
        (
            "Surface climate",
            "Mean and standard deviation per cell over all states, and the difference generated minus real.",
            maps.climatology(pictures),
        ),
        (
            "Zonal sections",
            "Mean over all states and along rows of the grid, by volume. Grey: rock.",
            ocean_sections.sections(pictures),
        ),
        (
            "Profiles",
            "Mean of each level. Lines: mean over the states; bands: the middle 90 % of the states.",
            ocean_curves.profiles(pictures),
        ),
        (
            "Spread",
            "Standard deviation over the states, as a ratio to that of the real ones: of the level means, and of "
            "cells. Dark band: 90 % interval of the floor. Left of 1 the states are too much alike.",
            ocean_curves.spreads(pictures, scorecard.rows),
        ),
        (
            "Density error",
            "Share of the volume that lies denser water above lighter, by the depth of comparison and the tolerance. "
            "Whiskers: 90 % intervals. The model's own states have some, too.",
            ocean_curves.density_errors(scorecard.rows),
        ),
        (
            "Water masses",
            "Volume by temperature and salinity (colour: root of the share, so that small volumes show), with lines of "
            "density at the surface (kg m⁻³ above 1000).",
            ocean_curves.water(pictures),
        ),
    ]

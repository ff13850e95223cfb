"""What a report draws: example states, climatological maps, spectra, histograms, and the nearest training state."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Summarised
from halocline.evaluate.engine.interval import interval
from halocline.evaluate.engine.rate import Found
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.copies import CopyScores
from halocline.evaluate.ice.families.histograms import HistogramScores
from halocline.evaluate.ice.families.maps import MapScores
from halocline.evaluate.ice.families.spectra import SpectrumScores
from halocline.evaluate.ice.histogram import Curve, Histogram, draw_histogram

_EXAMPLES = 4


@dataclass(frozen=True, eq=False)
class Maps:
    """Climatological maps of one variable, each (y, x), NaN on land."""

    mean_generated: np.ndarray
    mean_real: np.ndarray
    std_generated: np.ndarray
    std_real: np.ndarray


@dataclass(frozen=True, eq=False)
class Pictures:
    """Everything a report draws.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        generated: Example generated states (example, channel, y, x), land = 0.
        real: For each, the held-out state with the nearest ice extent.
        maps: Per variable.
        wavelengths: Of the spectra (ring,), metres, rings 1 to Nyquist.
        spectra: Per variable, (ring,), unit squared; empty if no tile fits between the coasts.
        histograms: Per variable, and ``deformation``.
        series: Integrals of all generated and all held-out states by id.
        suspect: The generated state nearest to training and that training state (2, channel, y, x).
        suspect_ratio: Its ratio of distances.
        ratios: Ratios of distances of generated and held-out states.
    """

    grid: Grid
    channels: tuple[str, ...]
    generated: np.ndarray
    real: np.ndarray
    maps: dict[str, Maps]
    wavelengths: np.ndarray
    spectra: dict[str, Curve]
    histograms: dict[str, Histogram]
    series: dict[str, tuple[np.ndarray, np.ndarray]]
    suspect: np.ndarray
    suspect_ratio: float
    ratios: tuple[np.ndarray, np.ndarray]


def draw_ice(sets: IceSets, found: Found) -> Pictures:
    """Return what the page draws, from the states and from the summaries of the first family of each name."""
    maps, spectra, histograms, copies = (found.parts[name][0] for name in ("maps", "spectra", "histograms", "copies"))
    assert isinstance(spectra, Summarised)
    assert isinstance(copies, Summarised)
    assert isinstance(maps.family, MapScores)
    assert isinstance(spectra.family, SpectrumScores)
    assert isinstance(histograms.family, HistogramScores)
    assert isinstance(copies.family, CopyScores)
    shown, (mine, truth) = sets.generated[:_EXAMPLES], (_size(cover) for cover in (sets.mine, sets.truth))
    rings = slice(1, spectra.family.spectrum.tile // 2 + 1)
    suspect = int(np.argmin(copies.generated[:, 1]))
    nearest = copies.family.nearest(sets.generated[suspect : suspect + 1])
    return Pictures(
        grid=sets.grid,
        channels=sets.channels,
        generated=shown,
        real=sets.real[np.argmin(np.abs(mine[: len(shown), None] - truth), axis=1)],
        maps=draw_maps(maps.family, maps.family.means(sets.generated), maps.family.means(sets.real)),
        wavelengths=spectra.family.spectrum.wavelengths[rings],
        spectra=_spectra(spectra.family, spectra, sets.seasons, rings),
        histograms={name: draw_histogram(sets, name) for name in histograms.family.names},
        series={name: (values, sets.truth.integrals[name]) for name, values in sets.mine.integrals.items()},
        suspect=np.stack([sets.generated[suspect], copies.family.read(nearest.pair)[0]]),
        suspect_ratio=float(nearest.ratio[0]),
        ratios=(copies.generated[:, 1], copies.real[:, 1]),
    )


def draw_maps(family: MapScores, generated: np.ndarray, real: np.ndarray) -> dict[str, Maps]:
    """Return the maps of two mean summaries (k,)."""
    mask = family.grid.mask
    full = []
    for summary in (generated, real):
        mean, std = family.maps(summary[None])
        for values in (mean[0] + family.centre, std[0]):
            field = np.full((len(family.channels), *mask.shape), np.nan, np.float32)
            field[:, mask] = values
            full.append(field)
    return {name: Maps(full[0][k], full[2][k], full[1][k], full[3][k]) for k, name in enumerate(family.channels)}


def _spectra(family: SpectrumScores, part: Summarised, weights: np.ndarray, rings: slice) -> dict[str, Curve]:
    """Return spectra, those of real states with a band from replicates (replicate, sample) of them."""
    if not family.labels:
        return {}
    bands = interval(family.powers(weights @ part.real))
    means = (family.powers(summaries.mean(axis=0)[None])[0] for summaries in (part.generated, part.real))
    curves = [each[:, rings] for each in (*means, *bands)]
    return {name: Curve(*(each[k] for each in curves)) for k, name in enumerate(family.channels)}


def _size(cover: IceCover) -> np.ndarray:
    """Return the ice extent (sample,) or, where it is not known, another number, by which states are alike."""
    found = cover.integrals
    return next(iter(found.values())) if found else _means(cover)


def _means(cover: IceCover) -> np.ndarray:
    """Return the mean of the first variable over the ocean (sample,)."""
    return np.concatenate([part.values[:, 0, cover.grid.mask].mean(axis=1) for part in cover.batches()])

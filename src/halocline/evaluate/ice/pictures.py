"""What a report draws: example states, climatological maps, spectra, histograms, and the nearest training state."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.bootstrap import interval
from halocline.evaluate.engine.family import Summarised
from halocline.evaluate.engine.wasserstein import shares
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.copies import CopyScores
from halocline.evaluate.ice.families.histograms import HistogramScores
from halocline.evaluate.ice.families.integrals import integrals
from halocline.evaluate.ice.families.maps import MapScores
from halocline.evaluate.ice.families.spectra import SpectrumScores

_EXAMPLES = 4
_BARS = 60


@dataclass(frozen=True, eq=False)
class Maps:
    """Climatological maps of one variable, each (y, x), NaN on land."""

    mean_generated: np.ndarray
    mean_real: np.ndarray
    std_generated: np.ndarray
    std_real: np.ndarray


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve of the generated set beside that of the real one and its 90 % band (all of one shape)."""

    generated: np.ndarray
    real: np.ndarray
    real_low: np.ndarray
    real_high: np.ndarray


@dataclass(frozen=True, eq=False)
class Histogram:
    """Distribution of one variable.

    Attributes:
        edges: Bins (bin + 1,).
        density: Density without the values at the bounds, and without the exact zeros of drift in open water (bin,),
            one over the unit.
        atoms: (bound, share generated, share real) for each bound of the variable.
    """

    edges: np.ndarray
    density: Curve
    atoms: tuple[tuple[float, float, float], ...]


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


def draw_ice(sets: IceSets, found: dict[str, Summarised], seasons: np.ndarray) -> Pictures:
    """Return what the page draws.

    Args:
        sets: Both sets of states.
        found: The first family of each name and its summaries.
        seasons: Replicates of the held-out states (replicate, sample).
    """
    grid, channels, generated, real = sets.grid, sets.channels, sets.generated, sets.real
    maps, spectra, histograms, copies = (found[name] for name in ("maps", "spectra", "histograms", "copies"))
    assert isinstance(maps.family, MapScores)
    assert isinstance(spectra.family, SpectrumScores)
    assert isinstance(histograms.family, HistogramScores)
    assert isinstance(copies.family, CopyScores)
    spectrum = spectra.family.spectrum
    shown, alike = examples(grid, channels, generated, real)
    twins, ratio = suspect(copies.family, generated, copies.generated[:, 1])
    return Pictures(
        grid=grid,
        channels=channels,
        generated=shown,
        real=alike,
        maps=draw_maps(maps.family, maps.generated.mean(axis=0), maps.real.mean(axis=0)),
        wavelengths=spectrum.wavelengths[1 : spectrum.tile // 2 + 1],
        spectra=draw_spectra(spectra.family, spectra.generated, spectra.real, seasons),
        histograms=draw_histograms(histograms.family, generated, real, seasons),
        series=series(grid, channels, generated, real),
        suspect=twins,
        suspect_ratio=ratio,
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


def draw_spectra(
    family: SpectrumScores, generated: np.ndarray, real: np.ndarray, weights: np.ndarray
) -> dict[str, Curve]:
    """Return spectra up to the Nyquist ring.

    Args:
        family: Knows the tiles.
        generated: Summaries of generated states (sample, k).
        real: Summaries of held-out states (sample, k).
        weights: Replicates of the held-out states (replicate, sample).
    """
    if not family.labels:
        return {}
    keep = slice(1, family.spectrum.tile // 2 + 1)
    low, high = interval(family.powers(weights @ real))
    first, second = (family.powers(part.mean(axis=0)[None])[0] for part in (generated, real))
    return {
        name: Curve(first[k, keep], second[k, keep], low[k, keep], high[k, keep])
        for k, name in enumerate(family.channels)
    }


def draw_histograms(
    family: HistogramScores, generated: np.ndarray, real: np.ndarray, weights: np.ndarray
) -> dict[str, Histogram]:
    """Return histograms of states (sample, channel, y, x), with a band from replicates of the real ones.

    Args:
        family: Knows which variables there are.
        generated: Generated states.
        real: Held-out states.
        weights: Replicates of the held-out states (replicate, sample).
    """
    found = {}
    for name in family.names:
        (a, weights_a), (b, weights_b) = family.cells(generated, name), family.cells(real, name)
        counted = [weights_a, weights_b]
        bounds = [] if name == "deformation" else [variable(name).lower, variable(name).upper]
        atoms = []
        for bound in bounds:
            if bound is not None:
                at = [np.mean((v == bound) @ w) for v, w in ((a, weights_a), (b, weights_b))]
                atoms.append((float(bound), float(at[0]), float(at[1])))
                counted = [w * (v != bound) for v, w in ((a, counted[0]), (b, counted[1]))]
        if not atoms and name != "deformation" and variable(name).zero_without_ice:
            counted = [w * (v != 0.0) for v, w in ((a, weights_a), (b, weights_b))]
        inside = np.concatenate([v[np.broadcast_to(w, v.shape) > 0] for v, w in zip((a, b), counted, strict=True)])
        low, high = np.quantile(inside, [0.0005, 0.9995]) if inside.size else (0.0, 1.0)
        edges = np.linspace(low, max(high, low + 1e-9), _BARS + 1)
        bars = [_density(v, w, edges) for v, w in zip((a, b), counted, strict=True)]
        band = interval(weights @ bars[1])
        found[name] = Histogram(edges, Curve(bars[0].mean(axis=0), bars[1].mean(axis=0), *band), tuple(atoms))
    return found


def _density(values: np.ndarray, weights: np.ndarray, edges: np.ndarray) -> np.ndarray:
    inside = (values >= edges[0]) & (values <= edges[-1])
    result: np.ndarray = shares(values, edges, weights * inside) / (edges[1] - edges[0])
    return result


def examples(
    grid: Grid, channels: tuple[str, ...], generated: np.ndarray, real: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first generated states, and for each the held-out state with the nearest ice extent."""
    shown = generated[:_EXAMPLES]
    size = [_size(states, grid, channels) for states in (shown, real)]
    nearest = np.argmin(np.abs(size[0][:, None] - size[1][None, :]), axis=1)
    return shown, real[nearest]


def series(
    grid: Grid, channels: tuple[str, ...], generated: np.ndarray, real: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the integrals of both sets."""
    first, second = integrals(generated, grid, channels), integrals(real, grid, channels)
    return {name: (first[name], second[name]) for name in first}


def suspect(family: CopyScores, generated: np.ndarray, ratios: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the generated state with the least ratio beside its nearest training state (2, channel, y, x)."""
    k = int(np.argmin(ratios))
    found = family.nearest(generated[k : k + 1])
    return np.stack([generated[k], family.read(found.pair)[0]]), float(found.ratio[0])


def _size(states: np.ndarray, grid: Grid, channels: tuple[str, ...]) -> np.ndarray:
    found = integrals(states, grid, channels)
    sizes: np.ndarray = next(iter(found.values())) if found else states[:, 0, grid.mask].mean(axis=1)
    return sizes

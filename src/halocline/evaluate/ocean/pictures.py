"""What an ocean report draws: surface maps, zonal sections, profiles with spread, temperature against salinity."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.family import Summarised
from halocline.evaluate.engine.interval import interval
from halocline.evaluate.engine.rate import Found
from halocline.evaluate.ice.pictures import Maps, draw_maps
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.families.surface import SurfaceScores, surface
from halocline.evaluate.ocean.levels import Levels

_EXAMPLES = 4
_BINS = 60


@dataclass(frozen=True, eq=False)
class Both:
    """The same of the generated and of the real states."""

    generated: np.ndarray
    real: np.ndarray


@dataclass(frozen=True, eq=False)
class WaterVolumes:
    """How the volume is shared out over temperature and salinity.

    Attributes:
        thetao: Bins (bin + 1,), degC.
        so: Bins (bin + 1,), psu.
        generated: Share of the volume, mean over the states (thetao bin, so bin).
        real: The same of the reference.
    """

    thetao: np.ndarray
    so: np.ndarray
    generated: np.ndarray
    real: np.ndarray


@dataclass(frozen=True, eq=False)
class OceanPictures:
    """Everything an ocean report draws.

    Attributes:
        channels: Surface variables.
        grid: The grid.
        generated: Surface of example generated states (example, variable, y, x), land = 0.
        real: For each, the reference state with the nearest mean surface temperature.
        maps: Surface climate per variable.
        latitude: Mean latitude of the rows (y,), degrees north.
        level_edges: Depths between the levels (level + 1,), m.
        sections: Of thetao and so, along latitude and depth: means over all states and along rows, (level, y), dry NaN.
        depth: Mean depth of the wet levels (level,), m.
        profiles: Level means of thetao and so: mean over the states and the interval that holds 90 %, (3, level) each.
        volumes: Temperature against salinity.
    """

    channels: tuple[str, ...]
    grid: Grid
    generated: np.ndarray
    real: np.ndarray
    maps: dict[str, Maps]
    latitude: np.ndarray
    level_edges: np.ndarray
    sections: dict[str, Both]
    depth: np.ndarray
    profiles: dict[str, Both]
    volumes: WaterVolumes


def draw_ocean(sets: OceanSets, found: Found) -> OceanPictures:
    """Return what the page draws, from the states and from the summaries of scores at the surface."""
    layout, grid, levels, means = sets.layout, sets.reference.grid, Levels.of(sets.layout), found.parts["surface"][0]
    assert isinstance(means, Summarised)
    assert isinstance(means.family, SurfaceScores)
    cells, both = layout.grid, (sets.mine, sets.truth)
    sections = _both(*(_sections(part.values, layout) for part in both))
    volumes = _volumes(layout, sets.generated, sets.real)
    profiles = _both(*(_profiles(part.level_means, levels) for part in both))
    tops = [surface(part.values, layout) for part in both]
    area = np.where(grid.mask, grid.area, 0.0)
    sums = [(top[:, 0] * area).sum(axis=(1, 2)) for top in tops]
    shown = tops[0][:_EXAMPLES]
    nearest = np.abs(sums[0][: len(shown), None] - sums[1]).argmin(axis=1)
    thickness = np.where(cells.wet.any(axis=(1, 2)), cells.thickness.max(axis=(1, 2)), 0.0)
    return OceanPictures(
        grid=grid,
        channels=layout.fields.names,
        generated=shown,
        real=tops[1][nearest],
        maps=draw_maps(means.family.maps, means.generated.mean(axis=0), means.real.mean(axis=0)),
        latitude=cells.known_latitude().mean(axis=1),
        level_edges=np.concatenate([[0.0], np.cumsum(thickness)]),
        sections=sections,
        depth=levels.depth,
        profiles=profiles,
        volumes=volumes,
    )


def _sections(values: np.ndarray, layout: GridLayout) -> list[np.ndarray]:
    """Return the volume-weighted means along rows of the mean thetao and so (level, y), NaN where all is dry."""
    volume = layout.grid.volume
    total = volume.sum(axis=2)
    found = []
    for field in layout.select(values, "thetao", "so"):
        along = (field.mean(axis=0, dtype=np.float64) * volume).sum(axis=2)
        found.append(np.where(total > 0, along / np.where(total > 0, total, 1.0), np.nan))
    return found


def _both(generated: list[np.ndarray], real: list[np.ndarray]) -> dict[str, Both]:
    return {name: Both(*each) for name, *each in zip(("thetao", "so"), generated, real, strict=True)}


def _profiles(means: np.ndarray, levels: Levels) -> list[np.ndarray]:
    bands = np.stack([means.mean(axis=0), *interval(means)])
    return [bands[:, levels.of_variable(name)] for name in ("thetao", "so")]


def _volumes(layout: GridLayout, generated: np.ndarray, real: np.ndarray) -> WaterVolumes:
    wet = layout.grid.wet
    share = layout.grid.volume[wet] / layout.grid.volume.sum()
    cells = [[part[:, wet] for part in layout.select(values, "thetao", "so")] for values in (generated, real)]
    edges = []
    for k in range(2):
        low, high = np.quantile(np.concatenate([cells[0][k].ravel(), cells[1][k].ravel()]), [0.0005, 0.9995])
        edges.append(np.linspace(low, max(high, low + 1e-6), _BINS + 1))
    counts = []
    for thetao, so in cells:
        weight = np.broadcast_to(share / len(thetao), thetao.shape)
        bins = (edges[0].tolist(), edges[1].tolist())
        counts.append(np.histogram2d(thetao.ravel(), so.ravel(), bins=bins, weights=weight.ravel())[0])
    return WaterVolumes(edges[0], edges[1], counts[0], counts[1])

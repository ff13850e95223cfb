"""What an ocean report draws: surface maps, zonal sections, profiles with spread, temperature against salinity."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.bootstrap import interval
from halocline.evaluate.ice.families.maps import MapScores
from halocline.evaluate.ice.pictures import Maps, draw_maps
from halocline.evaluate.ocean.families.surface import surface, surface_names
from halocline.evaluate.ocean.levels import Levels, level_means
from halocline.evaluate.ocean.states import OceanSet

_EXAMPLES = 4
_BINS = 60


@dataclass(frozen=True, eq=False)
class Section:
    """A section along latitude and depth of one variable: means over all states and along rows, (level, y), dry NaN."""

    generated: np.ndarray
    real: np.ndarray


@dataclass(frozen=True, eq=False)
class Profile:
    """Level means of one variable: mean over the states and the interval that holds 90 % of them, (3, level) each."""

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
        sections: Of thetao and so.
        depth: Mean depth of the wet levels (level,), m.
        profiles: Of thetao and so.
        volumes: Temperature against salinity.
    """

    channels: tuple[str, ...]
    grid: Grid
    generated: np.ndarray
    real: np.ndarray
    maps: dict[str, Maps]
    latitude: np.ndarray
    level_edges: np.ndarray
    sections: dict[str, Section]
    depth: np.ndarray
    profiles: dict[str, Profile]
    volumes: WaterVolumes


def draw_ocean(grid: Grid, generated: OceanSet, real: OceanSet) -> OceanPictures:
    """Return the pictures of two sets of states of one grid."""
    layout = generated.layout
    cells, levels = layout.grid, Levels.of(layout)
    tops = [surface(part.values, layout) for part in (generated, real)]
    area = np.where(grid.mask, grid.area, 0.0)
    means = [(top[:, 0] * area).sum(axis=(1, 2)) for top in tops]
    shown = tops[0][:_EXAMPLES]
    nearest = np.abs(means[0][: len(shown), None] - means[1]).argmin(axis=1)
    family = MapScores.around(grid, surface_names(layout), tops[1])
    sections = [_sections(part.values, layout) for part in (generated, real)]
    profiles = [_profiles(part.values, layout, levels) for part in (generated, real)]
    thickness = np.where(cells.wet.any(axis=(1, 2)), cells.thickness.max(axis=(1, 2)), 0.0)
    return OceanPictures(
        grid=grid,
        channels=surface_names(layout),
        generated=shown,
        real=tops[1][nearest],
        maps=draw_maps(family, *(family.summary(top).mean(axis=0) for top in tops)),
        latitude=cells.known_latitude().mean(axis=1),
        level_edges=np.concatenate([[0.0], np.cumsum(thickness)]),
        sections={name: Section(sections[0][k], sections[1][k]) for k, name in enumerate(("thetao", "so"))},
        depth=levels.depth,
        profiles={name: Profile(profiles[0][k], profiles[1][k]) for k, name in enumerate(("thetao", "so"))},
        volumes=_volumes(layout, generated.values, real.values),
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


def _profiles(values: np.ndarray, layout: GridLayout, levels: Levels) -> list[np.ndarray]:
    means = level_means(values, layout)
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

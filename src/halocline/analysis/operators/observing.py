"""H: states to what is measured, row by row of a table; on tensors with gradients and on arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from halocline.analysis.operators.combinations.base import COMBINATIONS, Where
from halocline.analysis.operators.places.base import PLACES, Places, Points
from halocline.data.fields.layout import Layout
from halocline.data.grids.grid import Grid
from halocline.data.grids.remap.axes import along_axes
from halocline.data.grids.remap.corners import on_sphere
from halocline.observations.quantities import quantity
from halocline.observations.table import Observations

OTHERS = "*"
"""Stands for all kinds of observations that are not named."""


@dataclass(frozen=True, eq=False)
class _Group:
    """The rows of one quantity and kind.

    Attributes:
        rows: Numbers in the table.
        operator: Name of the combination.
        channels: Of each variable that it needs, its channels.
        points: What each row sees of them.
        where: The observations.
    """

    rows: np.ndarray
    operator: str
    channels: list[slice]
    points: Points
    where: Where


class ObservationOperator:
    """What each row of a table would measure of states.

    The variables that a quantity needs are taken at its place (nearest cell, bilinear, mean over a footprint) and
    depth, and then combined: a ratio is one of means.

    Args:
        table: The observations.
        channels: Channels of the states.
        grid: Their grid.
        places: Place by kind of observation; ``*`` for all others, the nearest cell unless given.
        footprints: Diameter by kind, m, for means over one.
    """

    def __init__(
        self,
        table: Observations,
        channels: tuple[str, ...],
        grid: Grid,
        places: Mapping[str, str] | None = None,
        footprints: Mapping[str, float] | None = None,
    ) -> None:
        self._layout, self._grid, self._count = Layout.from_channels(channels), grid, len(table)
        self._places, self._footprints = dict(places or {}), dict(footprints or {})
        self.lacking: dict[str, tuple[str, ...]] = {}
        self._groups: list[_Group] = []
        for name in dict.fromkeys(table.variable.tolist()):
            of, here = quantity(name, on_grid=table.axes == "grid"), table.variable == name
            if missing := tuple(n for n in of.needs if n not in self._layout):
                self.lacking[name] = missing
                continue
            for kind in dict.fromkeys(table.kind[here].tolist()):
                rows = np.flatnonzero(here & (table.kind == kind))
                self._groups.append(self._group(table, rows, of.needs, of.operator, kind))

    def __len__(self) -> int:
        return self._count

    @cached_property
    def seen(self) -> np.ndarray:
        """True for rows that the states hold something for (observation,)."""
        out = np.zeros(self._count, bool)
        for group in self._groups:
            out[group.rows] = group.points.seen
        return out

    @cached_property
    def needs(self) -> set[str]:
        """The channels' variables that are looked at."""
        return {f.name for f in self._layout if any(self._layout[f.name] in g.channels for g in self._groups)}

    def __call__(self, states: Tensor) -> Tensor:
        """Return what is measured (member, observation) of states (member, channel, y, x), land any finite number.

        Rows that the states hold nothing for are 0.
        """
        out = states.new_zeros(len(states), self._count)
        for group in self._groups:
            points = torch.as_tensor(group.points.points, device=states.device)
            weights = states.new_tensor(group.points.weights)
            values = [(states[:, c].flatten(1)[:, points] * weights).sum(dim=-1) for c in group.channels]
            made = COMBINATIONS[group.operator](values, group.where)
            rows = torch.as_tensor(group.rows, device=states.device)
            seen = torch.as_tensor(group.points.seen, device=states.device)
            out = out.index_copy(1, rows, torch.where(seen, made, 0.0))
        return out

    def of_arrays(self, states: np.ndarray) -> np.ndarray:
        """Return what is measured (member, observation) of states (member, channel, y, x), land NaN; NaN if unseen."""
        with torch.no_grad():
            values = self(torch.from_numpy(np.nan_to_num(states, nan=0.0)).double()).numpy()
        return np.where(self.seen, values, np.nan)

    def _group(self, table: Observations, rows: np.ndarray, needs: tuple[str, ...], operator: str, kind: str) -> _Group:
        lat, lon, depth = table.latitude[rows], table.longitude[rows], table.depth[rows]
        place = self._places.get(kind, self._places.get(OTHERS, "nearest"))
        diameter = self._footprints.get(kind, self._footprints.get(OTHERS, 0.0))
        points = PLACES[place](self._grid, Places(lat, lon, depth, diameter))
        axes = np.zeros((len(rows), 2, 3))
        if operator in ("eastward", "northward"):
            heaviest = np.take_along_axis(points.points, points.weights.argmax(axis=1)[:, None], axis=1)[:, 0]
            axes = np.stack([axis.reshape(-1, 3)[heaviest] for axis in self._axes], axis=1)
        east, north = _east_north(lat, lon)
        channels = [self._layout[name] for name in needs]
        return _Group(rows, operator, channels, points, Where(depth, axes, east, north))

    @cached_property
    def _axes(self) -> tuple[np.ndarray, np.ndarray]:
        return along_axes(self._grid)


def _east_north(lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    turn = np.deg2rad(lon)
    east = np.stack([-np.sin(turn), np.cos(turn), np.zeros_like(turn)], axis=-1)
    return east, np.cross(on_sphere(lat, lon), east)

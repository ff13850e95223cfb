"""How well a response surface knows members that it was not shown: in kelvin and psu, by depth, and as a gate."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.data.response.member_states import MemberStates, member_states
from halocline.data.response.surface import PATTERNS, ResponseSurface, gram, left_out
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.store import StateStore
from halocline.runtime.console import columns

GATE = 0.07
"""Most error of temperature inside the range, K, with which a generator on the surface can start a model ten times
nearer than a cold start is."""


@dataclass(frozen=True, eq=False)
class Quality:
    """Leave-one-out errors of a response surface: all of it is fitted again without the member.

    Attributes:
        layout: What the states hold.
        states: The members.
        guesses: What the others say of each (member, channel, y, x).
        nearest: What the member with the nearest parameters says of each, likewise.
    """

    layout: GridLayout
    states: MemberStates
    guesses: np.ndarray
    nearest: np.ndarray

    @classmethod
    def of(cls, states: MemberStates, layout: GridLayout, patterns: int = PATTERNS) -> "Quality":
        """Leave out every member once.

        Raises:
            InputError: If there are too few members.
        """
        weights = left_out(gram(states.means, cell_weight(states, layout)), states.z, patterns)
        apart = ((states.z[:, None] - states.z[None]) ** 2).sum(axis=-1)
        np.fill_diagonal(apart, np.inf)
        guesses = np.tensordot(weights, states.means, axes=1)
        return cls(layout, states, guesses, states.means[apart.argmin(axis=1)])

    @cached_property
    def inside(self) -> np.ndarray:
        """Members (member,) that in no parameter lie at the end of the others' range; all, if there is no other."""
        z = self.states.z
        varies = np.ptp(z, axis=0) > 0
        ends = ((z == z.min(axis=0)) | (z == z.max(axis=0)))[:, varies]
        found = ~ends.any(axis=1)
        return found if found.any() else np.ones(len(z), bool)

    def errors(self, guesses: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Return the root mean square over the volume of each variable's error, for each member (member,)."""
        squares = ((self.guesses if guesses is None else guesses) - self.states.means) ** 2 * self.layout.volume
        out = {}
        for name in self.layout.fields.names:
            part = self.layout.fields[name]
            volume = np.where(self.layout.wet[part], self.layout.volume[part], 0.0)
            out[name] = np.sqrt((squares[:, part] * (volume > 0)).sum(axis=(1, 2, 3)) / volume.sum())
        return out

    def error(self, name: str, where: np.ndarray | None = None, guesses: np.ndarray | None = None) -> float:
        """Return the rms over some members (member,) of a variable's error; over those inside if None."""
        chosen = self.inside if where is None else where
        return float(np.sqrt((self.errors(guesses)[name][chosen] ** 2).mean())) if chosen.any() else float("nan")

    def by_depth(self, name: str) -> np.ndarray:
        """Return the rms error (level,) of a variable over the members inside; NaN for a level without water."""
        part = self.layout.fields[name]
        volume = np.where(self.layout.wet[part], self.layout.volume[part], 0.0)
        squares = (self.guesses - self.states.means)[self.inside][:, part] ** 2 * volume
        total = volume.sum(axis=(1, 2))
        level = squares.sum(axis=(2, 3)).mean(axis=0) / np.where(total > 0, total, np.nan)
        return np.asarray(np.sqrt(level))

    def near(self, z: np.ndarray) -> dict[str, float]:
        """Return the error to be expected at parameters z (parameter,): the rms of its nearest members'.

        As many count as there are parameters, and one more: what the surface did not know of them when each was left
        out. Beyond the members' range it is their edge that counts, and the true error is larger.
        """
        away = ((self.states.z - z) ** 2).sum(axis=1)
        closest = np.argsort(away, kind="stable")[: len(z) + 1]
        return {name: float(np.sqrt((each[closest] ** 2).mean())) for name, each in self.errors().items()}

    @property
    def passed(self) -> bool:
        """Whether temperature inside is known to GATE or better."""
        return "thetao" in self.layout.fields and self.error("thetao") <= GATE

    def rows(self) -> list[dict[str, object]]:
        """Return a row for each variable: errors inside, at the edge, of the nearest member, and the worst level."""
        from halocline.data.fields.variables import variable

        out = []
        for name in self.layout.fields.names:
            depth = self.by_depth(name)
            worst = int(np.nanargmax(depth))
            out.append(
                {
                    "variable": name,
                    "unit": variable(name).unit,
                    "inside": self.error(name),
                    "edge": self.error(name, ~self.inside),
                    "nearest member, inside": self.error(name, guesses=self.nearest),
                    "worst level": float(depth[worst]),
                    "at depth (m)": float(self.layout.grid.columns.nominal_depth[worst]) if len(depth) > 1 else 0.0,
                }
            )
        return out

    def text(self) -> str:
        """Return a table, the errors by depth, and the gate."""
        rows = self.rows()
        heads = list(rows[0])
        cells = [[v if isinstance(v, str) else f"{v:.3g}" for v in row.values()] for row in rows]
        title = (
            f"Response surface: errors of {len(self.states.members)} members, each left out once, "
            f"{int(self.inside.sum())} of them inside the others' range"
        )
        lines = [title, columns(heads, cells, right=heads[2:])]
        levelled = [name for name in self.layout.fields.levelled if len(self.by_depth(name)) > 1]
        if levelled:
            depth = self.layout.grid.columns.nominal_depth
            table = [[f"{z:.0f}", *(f"{self.by_depth(name)[k]:.3g}" for name in levelled)] for k, z in enumerate(depth)]
            lines.append(columns(["depth (m)", *levelled], table, right=["depth (m)", *levelled]))
        if "thetao" in self.layout.fields:
            found = self.error("thetao")
            lines.append(
                f"gate: {found:.3g} K inside, {'within' if self.passed else 'NOT within'} the {GATE:g} K with which a "
                "generator on this surface can save most of a spin-up"
            )
        return "\n".join(lines)


def cell_weight(states: MemberStates, layout: GridLayout) -> np.ndarray:
    """Return what the square of a difference counts (channel, y, x): volume, over the variable's variance.

    The variance is that between members, over the whole volume: each variable counts alike, and each cubic metre of it.
    """
    away = (states.means - states.means.mean(axis=0)) ** 2
    out = np.where(layout.wet, layout.volume, 0.0)
    for name in layout.fields.names:
        part = layout.fields[name]
        variance = float((away[:, part] * out[part]).sum()) / len(away)
        out[part] /= variance if variance > 0 else 1.0
    return out


def fit_surface(states: MemberStates, layout: GridLayout, patterns: int = PATTERNS) -> ResponseSurface:
    """Return the surface of members' mean states."""
    return ResponseSurface.fit(states.z, states.means, cell_weight(states, layout), patterns)


def quality_of(store: StateStore, conditions: Conditions | None = None, patterns: int = PATTERNS) -> Quality:
    """Return the leave-one-out errors over a store's training members.

    Raises:
        InputError: If the store has no parameters or too few members.
    """
    states = member_states(store, conditions)
    return Quality.of(states, GridLayout(store.layout, store.grid), patterns)

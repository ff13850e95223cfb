"""Whose equilibrium is looked for: held-out members of a DINO store, and what its training members offer them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.fields.calendar import mean_year_days
from halocline.data.response.scaling import scaled
from halocline.data.response.surface import ResponseSurface
from halocline.data.store.members import Role
from halocline.data.store.nearest import trained_width_squared
from halocline.data.store.store import StateStore
from halocline.runtime.errors import ConfigError, StoreError, require_within
from halocline.spinup.admissible import admissible
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.run import InitialState
from halocline.trials.ocean.dino_size import preset_of
from halocline.worlds.dino.parameters import NAMES, ForcingParameters

HELD_OUT: tuple[Role, ...] = ("interior", "end")


@dataclass(frozen=True)
class Target:
    """Forcing whose equilibrium is looked for.

    Attributes:
        member: The store's member that has it.
        role: ``interior`` or ``end``.
        forcing: The parameters.
    """

    member: int
    role: Role
    forcing: ForcingParameters

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"member-{self.member:03d}"


@dataclass(frozen=True, eq=False)
class Archive:
    """What is known before a target is run: the training members of a store of the DINO world.

    Attributes:
        store: The store.
    """

    store: StateStore

    def __post_init__(self) -> None:
        missing = [name for name in NAMES if name not in self.store.parameters]
        if missing or self.store.grid.vertical is None:
            raise StoreError(
                f"store {self.store.path}",
                found=f"no forcing parameter {', '.join(missing)}" if missing else "no levels",
                expected="an ensemble of DINO oceans",
                remedy="Make one with: halocline simulate dino --out DATA.zarr",
            )
        if not self._members("train"):
            raise StoreError(
                f"store {self.store.path}", found="no training member", expected="some", remedy="Simulate more members."
            )

    @property
    def preset(self) -> str:
        """Size of the basin; InputError if its cells are those of none."""
        return preset_of(self.store.grid, f"store {self.store.path}").name

    @cached_property
    def metric(self) -> Metric:
        """Norms on the store's cells; a level's scale is its standard deviation over cells and training states."""
        sd = np.array([self.store.statistics[name]["std"] for name in self.store.channels], np.float64)
        return Metric(self.store.grid, np.stack([sd[self.store.layout[name]] for name in ("thetao", "so")]))

    def targets(self, count: int) -> list[Target]:
        """Return held-out members, inside the range and at its end by turns.

        Raises:
            StoreError: If the store has none.
            ConfigError: If it has fewer than ``count``.
        """
        inside, end = (self._members(role) for role in HELD_OUT)
        turns = [m for k in range(max(len(inside), len(end))) for m in (*inside[k : k + 1], *end[k : k + 1])]
        if not turns:
            raise StoreError(
                f"store {self.store.path}",
                found="no held-out member (role interior or end)",
                expected="forcing that no model was trained on",
                remedy="Use one of 'halocline simulate dino': it holds some out.",
            )
        require_within("targets", count, 1, len(turns), ", the held-out members of the store")
        return [self.target(member) for member in turns[:count]]

    def held_out(self, members: Sequence[int]) -> list[Target]:
        """Return some held-out members, each once.

        Raises:
            ConfigError: If one is none of the store's, or was not held out: methods know training members.
        """
        chosen = [self.target(member) for member in dict.fromkeys(members)]
        known = [str(t.member) for t in chosen if t.role not in HELD_OUT]
        if known:
            raise ConfigError(
                "member",
                found=f"{', '.join(known)}, from which methods learn",
                expected=f"held-out ones: {', '.join(str(m) for role in HELD_OUT for m in self._members(role))}",
                remedy="Choose among these.",
            )
        return chosen

    def target(self, member: int) -> Target:
        """Return the forcing of a member, whatever its role.

        Raises:
            ConfigError: If the store has no such member.
        """
        require_within("member", member, 0, self.store.members - 1, ", the members of the store")
        return Target(member, self.store.roles[member], ForcingParameters.of(self.store.parameters, member))  # type: ignore[arg-type]

    def nearest(self, target: Target) -> tuple[int, InitialState]:
        """Return the training member whose forcing is nearest, and its last state."""
        trained = self._members("train")
        values = np.stack([self.store.parameters[name] for name in NAMES], axis=1)
        away = trained_width_squared(values[trained], values[target.member], values[trained])
        at = trained[int(np.argmin(away))]
        return at, self._last(at)

    def own(self, target: Target) -> InitialState:
        """Return the target's own last simulated state: what a perfect generator would give."""
        return self._last(target.member)

    def mean(self) -> InitialState:
        """Return the mean of the training members' states of January."""
        return InitialState(self._january.mean(axis=0), 0.0)

    def regression(self, target: Target) -> InitialState:
        """Return what a linear regression of the training members' January states on their forcing gives.

        With fewer members than parameters it is the regression of least norm about the mean.
        """
        trained = self._members("train")
        x, mean = self._scaled(trained), self._january.mean(axis=0)
        middle = x.mean(axis=0)
        weights = np.linalg.pinv(x - middle, rcond=1e-6)  # (parameter, member)
        at = (self._scaled([target.member])[0] - middle) @ weights
        return InitialState(mean + np.tensordot(at, self._january - mean, axes=1), 0.0)

    def surface(self, target: Target) -> InitialState:
        """Return what a response surface over the training members' January states says, made plausible and stable.

        Raises:
            InputError: If there are too few training members for one.
        """
        trained = self._members("train")
        values = np.stack([self.store.parameters[name] for name in NAMES], axis=1)
        weight = even_metric(self.store.grid).weight
        fitted = ResponseSurface.fit(scaled(values[trained], values[trained]), self._january, weight)
        state = fitted(scaled(values[[target.member]], values[trained]))[0]
        return InitialState(admissible(state, self.store.grid), 0.0)

    @cached_property
    def _january(self) -> np.ndarray:
        """Mean of each training member's states within half a sampling interval of 1 January (member, ...)."""
        days = np.array([self.store.day_of_year(k) for k in range(len(self.store.hours))])
        off = np.minimum(days, mean_year_days(self.store.calendar) - days)
        half = float(np.diff(self.store.hours).min()) / 48.0 if len(days) > 1 else 0.0
        chosen = np.flatnonzero(off <= max(float(off.min()), half))
        return np.stack([np.mean([self._state(m, int(k)) for k in chosen], axis=0) for m in self._members("train")])

    def _members(self, role: Role) -> list[int]:
        return [m for m, found in enumerate(self.store.roles) if found == role]

    def _scaled(self, members: list[int]) -> np.ndarray:
        """Return parameters (member, parameter), the training members' range of each as the unit."""
        values = np.stack([self.store.parameters[name] for name in NAMES], axis=1)
        trained = values[self._members("train")]
        width = np.ptp(trained, axis=0)
        return np.asarray(values[members] / np.where(width > 0, width, 1.0))

    def _last(self, member: int) -> InitialState:
        last = len(self.store.hours) - 1
        return InitialState(self._state(member, last), self.store.day_of_year(last))

    def _state(self, member: int, index: int) -> np.ndarray:
        sample = self.store.read(member, index).astype(np.float64)
        return np.stack(self.store.layout.select(sample, "thetao", "so"))

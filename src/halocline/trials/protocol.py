"""What a world must offer so that states can be tried in it: a plan of runs, and how they are performed and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr

from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.store.splits import Split
from halocline.runtime.errors import ConfigError, InputError
from halocline.runtime.registry import Registry
from halocline.trials.recoding import Recoding

if TYPE_CHECKING:
    from halocline.trials.judgement import Verdict
    from halocline.trials.run_table import RunTable


class Start(Protocol):
    """One state from which a model starts."""

    @property
    def group(self) -> str:
        """What it belongs to, e.g. ``truth``."""

    @property
    def member(self) -> int:
        """Its number in the group."""

    @property
    def control(self) -> str:
        """Name of the start it is compared with; empty for none."""

    @property
    def name(self) -> str:
        """Name of the run and of its folder."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the state as it is written, by variable."""


@dataclass(frozen=True)
class Run:
    """A run to be made: where, from what, under what.

    Attributes:
        start: Its state.
        folder: Its folder; ``start.npz`` lies in it.
        conditions: Under what it is run, JSON-able: with the state it says which runs are equal to the bit.
    """

    start: Any
    folder: Path
    conditions: Mapping[str, Any]


class Trial(Protocol):
    """All runs of one call in one world; made from a ``Request`` by a ``TrialKind``."""

    @property
    def starts(self) -> Sequence[Start]:
        """Every run."""

    @property
    def identity(self) -> dict[str, Any]:
        """What all runs of a folder have in common, JSON-able: protocol, seed, grid."""

    def require(self) -> None:
        """Raise an error if the world's model is not installed."""

    def conditions(self, start: Any) -> dict[str, Any]:
        """Return under what a state is run."""

    def has_begun(self, folder: Path) -> bool:
        """Tell whether a run's folder holds something from which it would go on, or its end."""

    def perform(self, runs: Sequence[Run], out: Path, jobs: int, quiet: bool) -> None:
        """Make the runs that are not finished; those that were stopped continue."""

    def collect(self, folders: Mapping[str, Path]) -> "RunTable":
        """Read what the runs wrote; folders by name of the start."""


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked of a trial; see ``halocline integrate``.

    Attributes:
        groups: States by name of the group; the controls belong to the first.
        control: Store whose held-out states are run beside them; None for no controls.
        members: Maximum number of states of each group.
        years: Length of the long part, years; the world's own if None.
        conditions: Conditions for what the states do not say themselves.
        recode: The model's encoding and back, for the group ``encoded truth``.
        noise: Amplitude of the group of true states with white noise; 0 for none.
        floor: Add the group ``another true state``.
        seed: Seed of weather and noise.
        split: Which states of the store are controls.
        choices: What the states do not say.
        options: Options of one world only, by name; None counts as not given.
    """

    groups: Mapping[str, Path | xr.Dataset]
    control: Path | None = None
    members: int = 8
    years: int | None = None
    conditions: Mapping[str, float] = field(default_factory=dict)
    recode: Recoding | None = None
    noise: float = 0.0
    floor: bool = False
    seed: int = 0
    split: Split = "test"
    choices: Choices = AS_THE_FILE_SAYS
    options: Mapping[str, Any] = field(default_factory=dict)

    def common(self) -> dict[str, Any]:
        """Return what every world's plan takes, by name: all but groups, length and options of one world only."""
        names = ("control", "members", "conditions", "recode", "noise", "floor", "seed", "split", "choices")
        return {name: getattr(self, name) for name in names}


class TrialKind(Protocol):
    """A world in which states of one group of variables are tried."""

    @property
    def variables(self) -> str:
        """The group of variables that it takes: ``ocean`` or ``seaice``."""

    @property
    def options(self) -> tuple[str, ...]:
        """Options that other worlds do not have."""

    def require(self) -> None:
        """Raise an error if the world's model is not installed."""

    def plan(self, request: Request) -> Trial:
        """Read and check all states and choose their controls; nothing is run."""

    def judge(self, runs: xr.Dataset) -> "tuple[Verdict, ...]":
        """Return the verdicts on runs."""


TRIALS: Registry[TrialKind] = Registry("world to try states in", "halocline.trials.kinds", "halocline.trials")
"""Worlds by name; each file of ``trials/kinds`` defines one."""


def kind_for(states: xr.Dataset, source: str) -> str:
    """Return the name of the world that takes states, by the variables that they hold.

    Raises:
        InputError: If there is none.
    """
    for name in TRIALS:
        if ours_of(states, TRIALS[name].variables):  # type: ignore[arg-type]
            return name
    raise InputError(
        f"states {source}",
        found=", ".join(map(str, states.data_vars)) or "no variables",
        expected="sea ice (sit, sic) or an ocean (thetao, so)",
        remedy="Give the file of drawn states; 'halocline inspect FILE' tells how it is read.",
    )


def refuse_store(path: Path) -> InputError:
    """Return the error of a store that was given for a file of drawn states."""
    return InputError(
        f"states {path}",
        found="a state store",
        expected="generated states (.nc, .zarr)",
        remedy="Give the store with --control; its held-out states are run as truth.",
    )


def check_options(kind: str, request: Request) -> dict[str, Any]:
    """Return the options that were given; raise ConfigError for one that this world has not."""
    given = {name: value for name, value in request.options.items() if value not in (None, False)}
    for name in given:
        if name not in TRIALS[kind].options:
            raise ConfigError(
                f"--{name.replace('_', '-')}",
                found=f"states of the world '{kind}'",
                expected="an option of this world: " + (", ".join(TRIALS[kind].options) or "it has none of its own"),
                remedy="Leave it out.",
            )
    return given

"""Constraints on any dataset of states, without a model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import xarray as xr

from halocline.constraints.level_means import Kind
from halocline.constraints.project_all import ProjectionReport, merged, project_all
from halocline.constraints.protocol import Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.constraints.taken import Taken
from halocline.data.fields.variables import variable
from halocline.data.files.ice import IceStates, ice_states
from halocline.data.files.ocean import OceanStates, ocean_states
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.ocean.mesh import Mesh
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError

_Parts = list[tuple[np.ndarray, Setting]]


def constrain(
    dataset: xr.Dataset,
    constraints: Sequence[str],
    *,
    reference: Reference = "local",
    eos: EquationOfState = DINO_EOS,
    contents_from: xr.Dataset | None = None,
    kind: Kind = "level-means",
    patterns_from: xr.Dataset | None = None,
    patterns: int = 60,
    seed: int = 0,
    positive: str | None = None,
    source: str = "the dataset",
    choices: Choices = AS_THE_FILE_SAYS,
    mesh: Mesh | None = None,
) -> tuple[xr.Dataset, list[ProjectionReport]]:
    """Project states onto constraints, in the order given, and tell how far each moved them.

    Args:
        dataset: Sea-ice states with dimensions (..., y, x) for "ice-bounds"; ocean states of any origin (see
            data/files/ocean.py) for all others. Of states with a thickness at each record each has its own.
        constraints: Names out of ``CONSTRAINTS``. "patterns": projection on the leading patterns of other states.
            "contents": level or basin means imposed. "stability": smallest change, column heat and salt kept. "sort":
            the same water re-stacked. "southern-border": the published repair. "ice-bounds": bounds and
            one ice mask.
        reference: Depth of comparison for stability: "local", metres (0 = surface), or "both".
        eos: Equation of state for stability.
        contents_from: States whose contents are taken: one state's for all members; of several (3 or more) a
            Gaussian is fitted and each member draws its own.
        kind: "level-means" or "basin".
        patterns_from: States, more than ``patterns``, whose leading patterns are taken.
        patterns: How many.
        seed: Seed of the draws.
        positive: Direction of the depth coordinate if it does not say.
        source: Name for errors.
        choices: What the states do not say.
        mesh: A file of their grid.

    Returns:
        The dataset with the corrected variables and the attribute ``halocline_constraints``; one report a
        constraint. Where names, units or order were others than ours it is the dataset as it was read, and the
        attribute ``halocline_reading`` says what was done.

    Raises:
        ConfigError: If a name or a setting is wrong.
        InputError: If the dataset cannot be used.
    """
    read = partial(ocean_states, positive=positive, choices=choices, mesh=mesh)
    taken = Taken(read, contents_from, kind, seed, patterns_from, patterns)
    constrained = Task(constraints, taken, reference, eos, source, choices).applied(dataset)
    return constrained.dataset, constrained.reports


@dataclass(frozen=True, eq=False)
class Constrained:
    """States that constraints were applied to.

    Attributes:
        dataset: The states.
        reports: What each constraint did to them.
        grid: The cells of ocean states.
    """

    dataset: xr.Dataset
    reports: list[ProjectionReport]
    grid: Grid | None


@dataclass(frozen=True, eq=False)
class Task:
    """Constraints to apply, and all that they need.

    Attributes:
        constraints: Their names, in order.
        taken: What is taken from other states.
        reference: Depth of comparison for stability.
        eos: Equation of state for stability.
        source: Name of the states, for errors.
        choices: What they do not say.
    """

    constraints: Sequence[str]
    taken: Taken
    reference: Reference = "local"
    eos: EquationOfState = DINO_EOS
    source: str = "the dataset"
    choices: Choices = AS_THE_FILE_SAYS

    def __post_init__(self) -> None:
        if not self.constraints:
            raise ConfigError(
                "constraints",
                found="none",
                expected="at least one name",
                remedy=f"Valid names: {', '.join(CONSTRAINTS)}.",
            )

    def applied(self, dataset: xr.Dataset, numbers: Sequence[int] | None = None) -> Constrained:
        """Apply them to states in memory.

        Args:
            dataset: The states, all of a file or some of its records.
            numbers: The members' numbers, by which means are drawn; as the dataset says if None.
        """
        fits = "ocean" if "thetao" in ours_of(dataset, "ocean") else "ice"
        needs = [CONSTRAINTS[name].needs for name in self.constraints]
        where = [fits if need == "any" else need for need in needs]
        groups = {group: self._read(dataset, group, numbers) for group in dict.fromkeys(where)}
        out, told = dataset, list[str]()
        for found, _ in groups.values():
            if found.dataset is not dataset:
                out, told = found.dataset, [*told, *found.notes.told()]
        reports: dict[int, ProjectionReport] = {}
        grid = None
        for group, (found, parts) in groups.items():
            places = [k for k, there in enumerate(where) if there == group]
            done = []
            for some, setting in parts:
                chosen = [CONSTRAINTS[self.constraints[k]].of(setting) for k in places]
                done.append(project_all(some, chosen, found.channel_names))
            moved = merged([reports for _, reports in done], [len(some) for some, _ in parts])
            reports |= dict(zip(places, moved, strict=True))
            out = found.into(out, done[0][0] if len(done) == 1 else np.concatenate([states for states, _ in done]))
            grid = found.layout.grid if isinstance(found, OceanStates) else grid
        past = dataset.attrs.get("halocline_constraints")
        words = ", ".join([*([str(past)] if past else []), *self.constraints])
        about = {"halocline_constraints": words, **({"halocline_reading": "; ".join(told)} if told else {})}
        return Constrained(out.assign_attrs(about), [reports[k] for k in range(len(self.constraints))], grid)

    def _read(
        self, dataset: xr.Dataset, group: str, numbers: Sequence[int] | None
    ) -> tuple[IceStates | OceanStates, _Parts]:
        """Return states, and their parts of one thickness each with what constraints are made from."""
        if group == "ice":
            ice = ice_states(dataset, self.source, self.choices)
            return ice, [(ice.states, Setting(ice.variables))]
        found = self.taken.read(dataset, source=self.source)
        found = found if numbers is None else replace(found, numbers=tuple(numbers))
        labels = tuple(variable(label) for label in found.channel_names)

        def setting(part: OceanStates) -> Setting:
            return Setting(
                labels,
                part.layout,
                self.reference,
                self.eos,
                lambda: self.taken.means_for(found, part.members()),
                self.taken.kind,
                lambda: self.taken.patterns_for(found),
            )

        return found, [(part.states, setting(part)) for part in found.records()]

"""Ocean states read one after the other, on the cells of POP's grid: one in memory, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from halocline.bridge.fit import misfit
from halocline.bridge.restarts.members import Member, Members, chosen, provenance_of
from halocline.data.files.ocean import OceanStates, ocean_states
from halocline.data.files.open import Source
from halocline.data.files.states import StateFile, open_state_file
from halocline.data.grids.compare import differences
from halocline.data.reading.choices import Choices
from halocline.data.reading.notes import Notes
from halocline.data.reading.ocean.mesh import Mesh
from halocline.runtime.errors import InputError

FIELDS = ("thetao", "so", "zos")


@dataclass(frozen=True, eq=False)
class OceanMembers(Members):
    """Ocean states; see ``Members``.

    Attributes:
        mesh: The cells of the model's file, if there is one; the states' own are compared with them.
    """

    mesh: Mesh | None = None

    def _member(self, index: int, notes: Notes) -> Member:
        ocean = _read(self.file, index, self.mesh)
        notes.extend(ocean.notes)
        _require_cells(ocean, self, index)
        wet, own = self.grid.wet, ocean.layout.grid.levels
        fields = {"zos": np.where(wet[0], ocean.layout.select(ocean.states[0], "zos")[0], 0.0).astype(np.float64)}
        for name, values in zip(FIELDS[:2], ocean.layout.select(ocean.states[0], *FIELDS[:2]), strict=True):
            fields[name] = np.zeros(wet.shape)
            np.copyto(fields[name][:own], values, where=wet[:own])
        return Member(self._number(index), fields, None, self._date(index), self._along("weight", index, None))

    def wind_at_45s(self, index: int) -> float | None:
        """Return the forcing parameter ``wind_stress`` of a state, as ``generate`` writes it for DINO, N m-2."""
        value = self._along("wind_stress", index, None)
        return None if value is None else float(value)


def open_ocean_members(
    states: Source, choices: Choices, wanted: Sequence[int] | None, mesh: Mesh | None = None
) -> OceanMembers:
    """Open ocean states of any origin and read the first, so that all that is wrong with it is told before any work.

    Args:
        states: File, folder, store or dataset with thetao, so and zos.
        choices: What it does not say.
        wanted: Which states, counted from 0; all if None.
        mesh: Cells of the model, which lend the states what they do not say of theirs.

    Raises:
        InputError: It lists what is wrong.
    """
    if mesh is not None:  # their thickness is the model's
        choices = replace(choices, layer_thickness=choices.layer_thickness or "depth")
    file = open_state_file(states, choices=choices, group="ocean")
    numbers = chosen(file, wanted)
    ocean = _read(file, numbers[0], mesh)
    if "zos" not in ocean.layout.fields:
        raise InputError(
            f"variable 'zos' of {file.source}",
            found="none",
            expected="the sea-surface height, m, of which PSURF_CUR is made",
            remedy="Add it; a field of zeros is legal and adjusts within days.",
        )
    if mesh is not None and (found := misfit(ocean.layout.grid, mesh)) is not None:
        raise InputError(
            f"mesh of {file.source} against {mesh.grid.name}",
            found=found,
            expected="the same cells in both",
            remedy="Use the grid that the states belong to, or regrid the states first.",
        )
    grid = ocean.layout.grid if mesh is None else mesh.grid
    return OceanMembers(file, grid, numbers, FIELDS, Notes(), provenance_of(file, states), mesh)


def _read(file: StateFile, index: int, mesh: Mesh | None) -> OceanStates:
    return ocean_states(file.record(index), source=file.source, choices=file.choices, mesh=mesh)


def _require_cells(ocean: OceanStates, members: OceanMembers, index: int) -> None:
    """Raise InputError if a later state has other wet cells than the first, or than the model."""
    grid = ocean.layout.grid
    if members.mesh is not None:
        found = misfit(grid, members.mesh)
    else:
        differ = [name for name in differences(grid, members.grid) if name not in ("thickness", "depth")]
        found = f"another {', '.join(differ)} than the first state's" if differ else None
    if found is not None:
        raise InputError(
            f"state {index} of {members.file.source}",
            found=found,
            expected="the same wet cells in all states",
            remedy="Give --mesh FILE, or a variable level_mask (depth, y, x) beside the states.",
        )

"""Read states or forcing of any origin: one way for all commands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import xarray as xr

from halocline.data.fields.variables import registered, variable
from halocline.data.grids.grid import Grid
from halocline.data.reading.axes import join_versions, name_axes, order_axes
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.facing import face
from halocline.data.reading.flags import clear_flags
from halocline.data.reading.humidity import humidity_of_dew_point, with_stand_ins
from halocline.data.reading.known_place import KnownPlace
from halocline.data.reading.meaning import settle_damage, settle_thickness
from halocline.data.reading.missing import clear_land, fill_open_water
from halocline.data.reading.names import ours_of, rename_variables
from halocline.data.reading.notes import Notes
from halocline.data.reading.ocean.cell_thickness import settle_cell_thickness
from halocline.data.reading.ocean.inner import join_inner
from halocline.data.reading.ocean.level_mask import check_columns, settle_level_mask
from halocline.data.reading.ocean.levels import settle_levels
from halocline.data.reading.ocean.mesh import Mesh
from halocline.data.reading.ocean.mesh_files import mesh_beside, without_files
from halocline.data.reading.ocean.teos10 import settle_teos10
from halocline.data.reading.ocean.weighted import undo_weights
from halocline.data.reading.ocean_mask import settle_mask
from halocline.data.reading.place import place_cells
from halocline.data.reading.units import convert_units
from halocline.data.reading.values import check, round_to_bounds
from halocline.data.reading.vectors import turn_vectors
from halocline.data.reading.work import Group, Work

Step = Callable[[xr.Dataset, tuple[str, ...], Work], xr.Dataset]


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read.

    Attributes:
        dataset: Under our names, in our units, dimensions out of (member, time, depth, y, x), vectors along the grid's
            axes, land missing; x, y, lat, lon, area, mask and projection beside them as ``Grid.from_dataset`` reads it.
        names: The variables that were read.
        notes: What was done.
        place: Where the cells lie, for the next slab of the same files.
    """

    dataset: xr.Dataset
    names: tuple[str, ...]
    notes: Notes
    place: KnownPlace | None = None

    @cached_property
    def grid(self) -> Grid:
        """The grid of the states."""
        return Grid.from_dataset(self.dataset)


def read_states(
    dataset: xr.Dataset,
    *,
    group: Group,
    wanted: Iterable[str] | None = None,
    choices: Choices = AS_THE_FILE_SAYS,
    source: str = "the dataset",
    target: Grid | None = None,
    like: Grid | None = None,
    needs_grid: bool = True,
    place: KnownPlace | None = None,
    mesh: Mesh | None = None,
) -> Reading:
    """Read the variables of a group from a dataset with anybody's names, units, axes and conventions.

    Args:
        dataset: In memory; a slab of a few records of a large file.
        group: Which variables are looked for.
        wanted: Variables that must be there; all others are left out. None takes what is found.
        choices: What the file does not say.
        source: Its name, for errors and notes.
        target: The grid on which the file must lie; rows are turned to its order.
        like: A grid on which the file may lie: where the positions fit, it is the target.
        needs_grid: Whether positions and a mask must be known. Without, values are read that shall be corrected, and
            are not checked.
        place: Of the slab before: one that says the same of its cells is not looked at again.
        mesh: A file of the grid beside the states, which tells what they do not: positions, mask, levels, thickness.

    Raises:
        InputError: It lists all that is wrong and all that must be asked.
    """
    mesh = mesh_beside(dataset, choices) if mesh is None else mesh
    work = Work(source, group, choices, target, like, mesh, needs_grid)
    for line in filter(None, str(dataset.attrs.get("halocline_left_out", "")).split("\n")):
        name, _, why = line.partition(": ")
        work.notes.add("dropped", name, why)
    dataset = name_axes(join_versions(join_inner(without_files(dataset)), work), work)
    wanted = None if wanted is None else with_stand_ins(wanted, ours_of(dataset, group))
    dataset = rename_variables(dataset, wanted, work)
    names = tuple(v.name for v in registered(group) if v.name in dataset.data_vars)
    names = names if wanted is None else tuple(n for n in wanted if n in names)
    if wanted is None and not names:
        work.wrong(
            "variables",
            found=f"none of ours among {', '.join(map(str, dataset.data_vars)) or 'none'}",
            expected=", ".join(v.name for v in registered(group)),
            remedy='Name them in a mapping file: [sic] and below it from = "NAME".',
        )
    work.problems.raise_all()
    dataset = order_axes(dataset, names, work)
    work.problems.raise_all()
    if place is not None and place.fits(dataset, names):
        dataset = place.applied(dataset, names)
    else:
        before = dataset
        dataset = face(place_cells(KnownPlace.marked(dataset), work), names, work)
        work.problems.raise_all()
        place = KnownPlace.learnt(before, dataset, names)
        dataset = KnownPlace.unmarked(dataset)
    dataset = clear_flags(dataset, names, work)
    work.problems.raise_all()
    for step in _BEFORE_UNITS.get(group, ()):
        dataset = step(dataset, names, work)
        work.problems.raise_all()
    for name in names:
        dataset[name] = convert_units(dataset[name], variable(name), work)
    for step in _STEPS[group]:
        dataset = step(dataset, names, work)
    work.problems.raise_all()
    if group == "forcing":
        dataset = humidity_of_dew_point(dataset, names, work)
        names = tuple(dict.fromkeys("q2m" if n == "d2m" else n for n in names))
    return Reading(clear_land(dataset, names) if group != "forcing" else dataset, names, work.notes, place)


_BEFORE_UNITS: dict[Group, tuple[Step, ...]] = {
    "ocean": (settle_levels, settle_level_mask, settle_cell_thickness, undo_weights, settle_teos10),
}
_STEPS: dict[Group, tuple[Step, ...]] = {
    "seaice": (
        round_to_bounds,
        settle_mask,
        settle_thickness,
        settle_damage,
        turn_vectors,
        fill_open_water,
        check,
    ),
    "ocean": (round_to_bounds, settle_mask, turn_vectors, check_columns, check),
    "forcing": (round_to_bounds, settle_mask, turn_vectors, check),
}

"""Records of files: where their times are, and slabs of a few of them, read into our form."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, cast, get_args

import numpy as np
import xarray as xr

from halocline.bridge.importing.timeline import Gaps, Records
from halocline.bridge.mapping import Rename, apply_mapping
from halocline.bridge.sources.base import Kind, Part, Read
from halocline.data.fields.variables import is_variable, variable
from halocline.data.files.validate import check_unit
from halocline.data.reading.axes import axis_of, name_axes
from halocline.data.reading.choices import Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.notes import Notes
from halocline.data.reading.read import Reading, read_states
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Group, Work
from halocline.runtime.errors import InputError

_OPEN = 2  # datasets kept open


class SourceFiles(Protocol):
    """Files as an import sees them.

    Attributes:
        parts: The files in groups.
        gaps: What becomes of missing and repeated times where the user does not say.
        by_slab: Whether slabs are read one by one, in any process; otherwise all is in memory from the beginning.
    """

    parts: list[Part]
    gaps: Gaps
    by_slab: bool

    def records(self, part: int) -> Records:
        """Return when the records of a part are."""

    def members(self) -> int:
        """Return the number of members, the same in all parts."""

    def along_members(self) -> xr.Dataset:
        """Return what is told of each member (member,), roles and forcing parameters, as coordinates."""

    def close(self) -> None:
        """Close the files; they may be written again."""

    def read(self, part: int, first: int, last: int, member: int, before: Reading | None) -> Reading:
        """Return the records first ... last - 1 of a part and a member, in our form.

        Args:
            part: Number of the part.
            first: The first record.
            last: The one after the last.
            member: The member.
            before: A slab read before, on whose grid they must lie; None for the first.
        """


class OfKind:
    """Files of a kind, read by the one reader.

    Args:
        kind: The kind.
        files: The files.
        renames: A mapping's.
        choices: What the files do not say.
    """

    gaps: Gaps = "refuse"
    by_slab = True

    def __init__(self, kind: Kind, files: Sequence[Path], renames: tuple[Rename, ...], choices: Choices) -> None:
        self._kind, self._renames, self._choices = kind, renames, choices
        self._without_time = tuple(rename for rename in renames if rename.name != "time")
        self.parts = kind.parts(files)
        self._open: OrderedDict[int, xr.Dataset] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the files open there anew."""
        return {**vars(self), "_open": OrderedDict()}

    def records(self, part: int) -> Records:
        """Return when the records of a part are."""
        work = self._work(part)
        places = tuple(rename for rename in self._renames if not is_variable(rename.name))  # states stay unread
        dataset = name_axes(apply_mapping(self._dataset(part), places, work.source), work)
        axis = time_axis(dataset, work)
        work.problems.raise_all()
        if axis is None:
            raise InputError(
                f"time in {work.source}",
                found=f"no time axis among the dimensions {', '.join(map(str, dataset.dims))}",
                expected="a CF time axis",
                remedy="Give each file the times of its states, or name its axis in a mapping file: [time] from = …",
            )
        chunks = (v.encoding.get("preferred_chunks", {}) for v in dataset.variables.values())
        theirs = self._axis(part, "time")
        return Records(axis.hours, axis.calendar, max((c.get(theirs, 1) for c in chunks), default=1))

    def members(self) -> int:
        """Return the number of members, the same in all parts."""
        axis = self._axis(0, "member")
        return 1 if axis is None else self._dataset(0).sizes[axis]

    def close(self) -> None:
        """Close the files."""
        while self._open:
            self._open.popitem()[1].close()

    def along_members(self) -> xr.Dataset:
        """Return what the first part tells of each member."""
        return _along(self._dataset(0), self._axis(0, "member"))

    def read(self, part: int, first: int, last: int, member: int, before: Reading | None) -> Reading:
        """Return records of a part and a member, in our form."""
        words, where = self._work(part).source, {self._axis(part, "time"): slice(first, last)}
        if (members := self._axis(part, "member")) is not None:
            where[members] = slice(member, member + 1)
        slab = self._kind.tidy(self._dataset(part).isel(where))  # type: ignore[arg-type]
        dates = [name for name in slab.coords if slab[name].dims == (self._axis(part, "time"),)]
        slab = apply_mapping(slab.drop_vars(dates), self._without_time, words)
        groups = self._groups(slab)
        slab = _single(slab, groups)
        known: dict[str, Any] = {} if before is None else {"target": before.grid, "place": before.place}
        readings = [
            read_states(slab, group=group, choices=self._choices, source=words, **known) for group in self._groups(slab)
        ]
        whole = readings[0]
        for more in readings[1:]:
            whole.notes.extend(more.notes)
            both = whole.dataset.assign({name: more.dataset[name] for name in more.names})
            whole = Reading(both, whole.names + more.names, whole.notes, whole.place)
        return whole

    def _groups(self, slab: xr.Dataset) -> tuple[Group, ...]:
        """Return the groups of which a slab has variables, if the kind leaves it to the files."""
        if self._kind.group is not None:
            return (self._kind.group,)
        return tuple(group for group in get_args(Group) if ours_of(slab, group)) or ("seaice",)

    def _dataset(self, part: int) -> xr.Dataset:
        if part not in self._open:
            self._open[part] = self._kind.open(self.parts[part])
            if len(self._open) > _OPEN:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(part)
        return self._open[part]

    def _axis(self, part: int, ours: str) -> str | None:
        """Return a dimension's name in the files."""
        told = {rename.name: rename.theirs for rename in self._renames}
        dims = [str(dim) for dim in self._dataset(part).dims]
        return next((d for d in dims if told.get(ours, "") == d or axis_of(self._dataset(part), d) == ours), None)

    def _work(self, part: int) -> Work:
        return Work(words_of(self.parts[part].files), self._kind.group or "seaice", self._choices, None)


class InMemory:
    """A dataset in our form that a function makes of all files.

    Args:
        read: The function.
        files: The files.
        renames: A mapping's.
    """

    gaps: Gaps = "list"
    by_slab = False

    def __init__(self, read: Read, files: Sequence[Path], renames: tuple[Rename, ...]) -> None:
        self.parts = [Part(tuple(files))]
        self._words = words_of(files)
        self._states = apply_mapping(read(files), renames, self._words)
        self._names = tuple(name for name in map(str, self._states.data_vars) if is_variable(name))
        if not self._names or "time" not in self._states.dims:
            raise InputError(
                f"dataset of {self._words}",
                found=f"variables {', '.join(map(str, self._states.data_vars))}; "
                f"dimensions {', '.join(map(str, self._states.dims))}",
                expected="registered variables with a dimension time",
                remedy="See halocline.write_store; a variables.toml beside the data adds a variable of your own.",
            )
        for name in self._names:
            check_unit(self._states[name], variable(name), self._words)

    def records(self, part: int) -> Records:
        """Return when the records are."""
        work = Work(self._words, "seaice", Choices(), None)
        axis = time_axis(self._states, work)
        work.problems.raise_all()
        assert axis is not None
        return Records(axis.hours, axis.calendar)

    def members(self) -> int:
        """Return the number of members."""
        return self._states.sizes.get("member", 1)

    def close(self) -> None:
        """Close the files."""
        self._states.close()

    def along_members(self) -> xr.Dataset:
        """Return what the states tell of each member."""
        return _along(self._states, "member")

    def read(self, part: int, first: int, last: int, member: int, before: Reading | None) -> Reading:
        """Return records of a member."""
        where = {"time": slice(first, last)} | ({"member": slice(member, member + 1)} if self.members() > 1 else {})
        return Reading(self._states.isel(where), self._names, Notes())


def _single(slab: xr.Dataset, groups: tuple[Group, ...]) -> xr.Dataset:
    """Return a slab whose packed states are in single precision: more digits than a packing has, for half the work."""
    packed = {n for n, v in slab.data_vars.items() if "scale_factor" in v.encoding and v.dtype == np.float64}
    names = {name for group in groups for found in ours_of(slab, group).values() for name in found} if packed else set()
    for name in names & packed:
        single = slab[name].astype(np.float32)
        single.encoding = dict(slab[name].encoding)
        slab = slab.assign({name: single})
    return slab


def source_files(
    kind: Kind | Read, files: Sequence[Path], renames: tuple[Rename, ...], choices: Choices
) -> SourceFiles:
    """Return files of a kind as an import sees them; a plain function is read whole."""
    if hasattr(kind, "parts"):
        return OfKind(cast(Kind, kind), files, renames, choices)
    return InMemory(cast(Read, kind), files, renames)


def _along(dataset: xr.Dataset, axis: str | None) -> xr.Dataset:
    names = [name for name, values in dataset.variables.items() if values.dims == (axis,)]
    found = dataset[names].set_coords(names)
    return found if axis in (None, "member") else found.rename({axis: "member"})


def words_of(files: Sequence[Path]) -> str:
    """Return the name of a file, or of the first of several."""
    return files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more"

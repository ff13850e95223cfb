"""Where the files of an export go: one state to a file, several to a folder, whole or not at all, with a manifest."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np

from halocline.bridge.restarts.members import Member, Members
from halocline.runtime import files
from halocline.runtime.errors import OutputError

MANIFEST = "export.json"


def each_file(
    out: Path,
    members: Members,
    stem: str,
    write: Callable[[int, Member, Path], None],
    also: Callable[[Path, list[str]], list[str]] | None = None,
    kind: str = "",
) -> list[str]:
    """Write one file a state, one after the other, and return their names.

    Args:
        out: The file of one state; the folder of several.
        members: The states.
        stem: Beginning of the names in a folder: ``stem_m003.nc``, numbered as the states are.
        write: ``write(k, member, path)``.
        also: ``also(folder, names)`` writes what stands beside the files and returns its names; then even one state
            makes a folder.
        kind: Of the export; ``stem`` if left out.

    Raises:
        OutputError: If ``out`` exists or has another ending than it should.
    """
    require_name(out, folder=len(members) > 1 or also is not None)
    if len(members) == 1 and also is None:
        with files.new_path(out) as hidden:
            write(0, next(iter(members)), hidden)
        return [out.name]
    names = []
    with files.new_folder(out) as folder:
        for k, member in enumerate(members):
            name = f"{stem}_m{member.number:03d}.nc"
            files.require_absent(folder / name, field="two states of one number:")
            write(k, member, folder / name)
            names.append(name)
        beside = [] if also is None else also(folder, names)
        write_manifest(folder, kind or stem, members, [*names, *beside])
    return names


def first_path(out: Path, names: list[str]) -> str:
    """Return the first file of an export as it is named beside its output: with its folder, where there is one."""
    return names[0] if names[0] == out.name else f"{out.name}/{names[0]}"


def require_name(out: Path, *, folder: bool) -> None:
    """Raise OutputError if a file's name does not end in .nc, or a folder's does, or it exists."""
    if (out.suffix == ".nc") == folder:
        raise OutputError(
            f"output {out}",
            found="the name of a file" if folder else "a name that does not end in .nc",
            expected="a folder, for several states" if folder else "a file *.nc, for one state",
            remedy="Choose one state with --member, or another name.",
        )
    files.require_absent(out)


def write_manifest(folder: Path, kind: str, members: Members, names: list[str], **more: Any) -> None:
    """Write what a folder holds, and from where it comes, beside its files."""
    table = {"export": kind, "files": names, "members": list(members.numbers), **more, **members.provenance}
    (folder / MANIFEST).write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


@contextmanager
def netcdf(path: Path, members: Members, member: Member, title: str) -> Iterator[netCDF4.Dataset]:
    """Yield a new NetCDF 4 file that says where its state comes from."""
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts(attributes_of(members, member, title))
        yield file


def attributes_of(members: Members, member: Member, title: str) -> dict[str, Any]:
    """Return the global attributes that say where a state comes from."""
    attrs = {"title": title, "halocline_member": np.int32(member.number), **members.provenance}
    return attrs if member.weight is None else attrs | {"halocline_weight": float(member.weight)}


def put(file: netCDF4.Dataset, name: str, dims: tuple[str, ...], values: Any, unit: str = "", words: str = "") -> None:
    """Write one double-precision variable, defined already or not."""
    variable = file[name] if name in file.variables else file.createVariable(name, np.float64, dims)
    if unit:
        variable.units = unit
    if words:
        variable.long_name = words
    variable[...] = values

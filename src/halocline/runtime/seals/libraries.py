"""Errors of the libraries that read files, in the form of ours: a traceback is never the answer to a file."""

import contextlib
from collections.abc import Iterator

from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.seals.json_object import damaged

_READERS = ("zarr", "numcodecs", "netCDF4", "h5netcdf", "xarray.backends", "xarray.coding", "safetensors", "cftime")


@contextlib.contextmanager
def reading(field: str, error: type[HaloclineError] = InputError) -> Iterator[None]:
    """Turn what libraries raise on a damaged file into an error that names it.

    Args:
        field: The file and what it is.
        error: The class to raise.
    """
    try:
        yield
    except HaloclineError:
        raise
    except Exception as problem:
        if isinstance(problem, OSError) or of_a_reader(problem):
            raise damaged(
                field, f"values that cannot be read ({type(problem).__name__}: {problem})", error
            ) from problem
        raise


def of_a_reader(error: BaseException) -> bool:
    """Tell whether an error came out of a library that reads files, called by us."""
    trace, names = error.__traceback__, list[str]()
    while trace is not None:
        names.append(str(trace.tb_frame.f_globals.get("__name__", "")))
        trace = trace.tb_next
    ours = max((k for k, name in enumerate(names) if name.startswith("halocline")), default=-1)
    return any(name.startswith(_READERS) for name in names[ours + 1 :])

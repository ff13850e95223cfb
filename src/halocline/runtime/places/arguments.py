"""Addresses among the arguments of a command or a function: inputs become mirrors, the output is uploaded."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar

from halocline.runtime.errors import ConfigError
from halocline.runtime.places.address import address_of
from halocline.runtime.places.reading import all_at_hand, at_hand
from halocline.runtime.places.writing import staged

P = ParamSpec("P")
R = TypeVar("R")
READ = (
    *("climate", "contents_from", "data", "files", "forcing", "grid", "mapping", "mesh", "model", "observations"),
    *("path", "patterns_from", "prior", "reference", "source", "start", "states", "store", "template", "weather"),
)
"""Names of arguments that are read, wherever they appear."""
KEPT = ("dask", "from_")
"""Names of arguments that stay addresses: a scheduler's, or noted in what is made; who reads them has them on hand."""


@contextlib.contextmanager
def reached(given: Mapping[str, Any], *, writes: bool) -> Iterator[dict[str, Any]]:
    """Yield arguments in which local paths stand for addresses; what the block wrote to ``out`` is then uploaded.

    Args:
        given: Arguments by name.
        writes: Whether ``out`` may be an address.

    Raises:
        ConfigError: If an argument is an address and none is taken there.
        InputError: If an address cannot be read.
        OutputError: If an address cannot be written.
    """
    found = dict(given)
    if given.get("dask") is not None:
        _no_address_for_workers(given)
    with contextlib.ExitStack() as stack:
        for name, value in given.items():
            if name in KEPT or not _has_address(value):
                continue
            if name in READ and not _named_address(value):
                found[name] = _mirrored(value)
            elif name == "out" and writes and not given.get("overwrite"):
                found[name] = stack.enter_context(staged(value))
            else:
                raise _refused(name, value, bool(name == "out" and writes))
        yield found


def reaches_places(function: Callable[P, R], *, writes: bool = False) -> Callable[P, R]:
    """Decorate a function whose arguments may be addresses; see ``reached``.

    Args:
        function: The function.
        writes: Whether its ``out`` may be one.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def reaching(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(*args, **kwargs)
        if not any(map(_has_address, bound.arguments.values())):
            return function(*args, **kwargs)
        with reached(bound.arguments, writes=writes) as found:
            bound.arguments.update(found)
            return function(*bound.args, **bound.kwargs)

    return reaching


def uploads(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function whose arguments, ``out`` too, may be addresses; see ``reached``."""
    return reaches_places(function, writes=True)


def _mirrored(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [type(each)(path) for each in value for path in all_at_hand(each)]
    return type(value)(at_hand(value)) if isinstance(value, str) else at_hand(value)


def _has_address(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_address, value))
    return address_of(value) is not None or _named_address(value)


def _named_address(value: Any) -> bool:
    """Tell whether a text is NAME=ADDRESS, or one of several is."""
    if isinstance(value, list | tuple):
        return any(map(_named_address, value))
    return isinstance(value, str) and address_of(value.partition("=")[2]) is not None and "://" in value


def _no_address_for_workers(given: Mapping[str, Any]) -> None:
    """Raise ConfigError if a cluster shall work on what lies at an address: its workers have no mirror of it."""
    for name, value in given.items():
        if name not in KEPT and _has_address(value):
            told = address_of(value) or str(value)
            raise ConfigError(
                "--dask",
                found=f"given with the address {told!r}",
                expected="paths of a file system that all workers see",
                remedy="Copy what is there with: halocline copy ADDRESS FOLDER"
                if name != "out"
                else "Write to a file system, then: halocline copy FOLDER ADDRESS",
            )


def _refused(name: str, value: Any, overwrite: bool) -> ConfigError:
    if overwrite:
        return ConfigError(
            "--overwrite",
            found=f"given with the address {address_of(value)}",
            expected="a path on a file system: in an object store nothing is replaced at one stroke",
            remedy="Remove what is there first, or choose another address.",
        )
    told = address_of(value) or str(value)
    return ConfigError(
        f"{'output' if name == 'out' else name.rstrip('_')} {told!r}",
        found="the address of an object store or a web server",
        expected="a path on a file system",
        remedy="Copy what is there with: halocline copy ADDRESS FOLDER"
        if name != "out"
        else "Write to a file system, then: halocline copy FOLDER ADDRESS",
    )

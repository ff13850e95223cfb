"""Open registries: things of one kind, found by the file that defines them, by entry point, or registered at run time.

A package of the registry holds one file for each thing, named after it (``heun_t.py`` defines ``heun-t``), so that the
names are known without importing anything. Other distributions add theirs by an entry point of the registry's group::

    [project.entry-points."halocline.solvers"]
    midpoint = "my_package.solvers:Midpoint"
"""

import functools
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata, resources
from typing import Generic, TypeVar

from halocline.runtime.errors import ConfigError, require_choice

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Name to thing, in order: the package's files, then entry points, then what was registered at run time.

    Args:
        kind: What its things are, for errors, e.g. ``solver``.
        package: Package whose files define one thing each; a file whose name begins with ``_`` defines none.
        group: Entry-point group through which other distributions add things, e.g. ``halocline.solvers``.
        leave_out: Files of the package that define none, e.g. the protocol's.
    """

    def __init__(self, kind: str, package: str = "", group: str = "", leave_out: tuple[str, ...] = ("base",)) -> None:
        self.kind, self.group = kind, group
        self._package, self._leave_out = package, leave_out
        self._things: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that registers what it decorates under ``name`` and returns it unchanged.

        Raises:
            ConfigError: If the name is taken by something else.
        """

        def add(thing: T) -> T:
            if self._things.setdefault(name, thing) is not thing:
                raise ConfigError(
                    f"{self.kind} '{name}'",
                    found="another one of this name",
                    expected="a name of its own",
                    remedy="Register it under another name.",
                )
            return thing

        return add

    def __getitem__(self, name: str) -> T:
        """Return the thing called ``name``, importing its file or entry point at first use.

        Raises:
            ConfigError: If there is none; it names the nearest.
        """
        if name not in self._things:
            if name in self._files():
                importlib.import_module(f"{self._package}.{name.replace('-', '_')}")
            elif name in (points := self._entry_points()):
                self._things[name] = points[name].load()
        if name not in self._things:
            require_choice(self.kind, name, self)
        return self._things[name]

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._files(), *self._entry_points(), *self._things)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _files(self) -> list[str]:
        return [name for name in _files_of(self._package) if name.replace("-", "_") not in self._leave_out]

    def _entry_points(self) -> dict[str, metadata.EntryPoint]:
        return dict(_named(metadata.entry_points, self.group, tuple(sys.path))) if self.group else {}


@functools.cache
def _files_of(package: str) -> tuple[str, ...]:
    """Return what the files of a package define, in order; the files that this process found first."""
    if not package:
        return ()
    names = [m.name for m in pkgutil.iter_modules([str(resources.files(package))]) if not m.name.startswith("_")]
    return tuple(name.replace("_", "-") for name in sorted(names))


@functools.lru_cache(maxsize=64)
def _named(
    look: Callable[..., Iterable[metadata.EntryPoint]], group: str, where: tuple[str, ...]
) -> Mapping[str, metadata.EntryPoint]:
    """Return the entry points of a group by name; to look through all that is installed takes as long as a small model.

    Args:
        look: ``metadata.entry_points``.
        group: The group.
        where: ``sys.path``: they are looked for anew when it changes.
    """
    return {point.name: point for point in look(group=group)}

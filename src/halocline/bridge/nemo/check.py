"""The validator of NEMO restarts: every rule, each broken one named."""

from pathlib import Path

from halocline.bridge.nemo.files import open_nemo
from halocline.bridge.nemo.mesh import NemoMesh
from halocline.bridge.nemo.rules import RULES, Context
from halocline.runtime.errors import InputError


def broken_rules(path: Path | str, mesh: NemoMesh | None = None, *, name: str | None = None) -> list[InputError]:
    """Return one error for each rule that a restart breaks; none if NEMO 4.2 and 5.0 can read it with an Euler step.

    Args:
        path: The restart.
        mesh: The mesh it shall fit. Without it land is where salinity is 0, and faces and levels go unchecked.
        name: The name it will have, if not that of ``path``.
    """
    with open_nemo(Path(path), "restart") as file:
        context = Context(file, name or Path(path).name, mesh)
        found = [(rule, rule.found(context)) for rule in RULES]
    return [
        InputError(f"{rule.name} of restart {context.name}", found=what, expected=rule.expected, remedy=rule.remedy)
        for rule, what in found
        if what is not None
    ]


def check_restart(path: Path | str, mesh: NemoMesh | None = None, *, name: str | None = None) -> None:
    """Raise the first broken rule as an InputError; it counts the others."""
    broken = broken_rules(path, mesh, name=name)
    if broken:
        first, rest = broken[0], [error.field.split(" of restart")[0] for error in broken[1:]]
        also = f" Also broken: {', '.join(rest)}." if rest else ""
        raise InputError(first.field, found=first.found, expected=first.expected, remedy=first.remedy + also)

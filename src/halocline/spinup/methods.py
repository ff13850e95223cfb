"""The ways to an equilibrium that are compared: where a run starts, and whether Anderson helps it on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halocline.runtime.errors import ConfigError, require_choice


@dataclass(frozen=True)
class Method:
    """A way to an equilibrium.

    Attributes:
        name: For the command line and for folders.
        words: For tables.
        start: The plain method whose start it has; its own name if it is plain.
    """

    name: str
    words: str
    start: str

    @property
    def accelerated(self) -> bool:
        """Whether Anderson acceleration acts between blocks."""
        return self.start != self.name


METHODS: Mapping[str, Method] = {
    m.name: m
    for m in (
        Method("cold", "cold start", "cold"),
        Method("own", "the target's own simulated state", "own"),
        Method("cold-anderson", "cold start, Anderson", "cold"),
        Method("mean", "mean training state", "mean"),
        Method("nearest", "nearest training member's last state", "nearest"),
        Method("nearest-anderson", "nearest training member, Anderson", "nearest"),
        Method("regression", "linear regression on the forcing", "regression"),
        Method("generated", "a generated state", "generated"),
        Method("generated-mean", "mean of generated states", "generated-mean"),
        Method("generated-anderson", "mean of generated states, Anderson", "generated-mean"),
    )
}
GENERATED = tuple(name for name in METHODS if name.startswith("generated"))
REFERENCES = ("cold", "own")
"""Methods that are run to the end, always: where they come to rest is what counts as equilibrium."""


def choose(names: Sequence[str] | None, *, generated: bool) -> list[Method]:
    """Return methods by name, in the order of METHODS; the references are always among them.

    Args:
        names: Which; all if None.
        generated: Whether there are generated states.

    Raises:
        ConfigError: If a name is unknown, or asks for generated states where there are none.
    """
    wanted = set(METHODS if names is None else names)
    for name in sorted(wanted):
        require_choice("method", name, METHODS)
        if name in GENERATED and names is not None and not generated:
            remedy = "Give one of them, or leave the method out."
            raise ConfigError(
                f"method '{name}'", found="no generated states", expected="--model or --states", remedy=remedy
            )
    out = [m for m in METHODS.values() if m.name in wanted or m.name in REFERENCES]
    return [m for m in out if generated or m.name not in GENERATED]

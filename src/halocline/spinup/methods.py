"""The ways to an equilibrium that are compared: where a run starts, and what helps it on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from halocline.runtime.errors import ConfigError, require_choice


@dataclass(frozen=True)
class Method:
    """A way to an equilibrium.

    Attributes:
        name: For the command line and for folders.
        words: For tables.
        start: The plain method whose start it has; its own name if it is plain.
        by: What acts between blocks: Anderson's method, jumps by the pooled map, or nothing.
    """

    name: str
    words: str
    start: str
    by: Literal["", "anderson", "jump"] = ""

    @property
    def accelerated(self) -> bool:
        """Whether anything acts between blocks."""
        return bool(self.by)


METHODS: Mapping[str, Method] = {
    m.name: m
    for m in (
        Method("cold", "cold start", "cold"),
        Method("own", "the target's own simulated state", "own"),
        Method("cold-anderson", "cold start, Anderson", "cold", "anderson"),
        Method("cold-jump", "cold start, pooled jumps", "cold", "jump"),
        Method("mean", "mean training state", "mean"),
        Method("nearest", "nearest training member's last state", "nearest"),
        Method("nearest-anderson", "nearest training member, Anderson", "nearest", "anderson"),
        Method("nearest-jump", "nearest training member, pooled jumps", "nearest", "jump"),
        Method("regression", "linear regression on the forcing", "regression"),
        Method("surface", "response surface over the training members", "surface"),
        Method("surface-anderson", "response surface, Anderson", "surface", "anderson"),
        Method("surface-jump", "response surface, pooled jumps", "surface", "jump"),
        Method("generated", "a generated state", "generated"),
        Method("generated-mean", "mean of generated states", "generated-mean"),
        Method("generated-anderson", "mean of generated states, Anderson", "generated-mean", "anderson"),
        Method("generated-jump", "mean of generated states, pooled jumps", "generated-mean", "jump"),
    )
}
GENERATED = tuple(name for name in METHODS if name.startswith("generated"))
WITHOUT_DATA = ("cold", "own", "cold-anderson")
"""Methods that need no other run: what the training data cost is not theirs."""
NOT_LEARNED = ("cold-anderson", "cold-jump")
"""Ways to help a cold start on that need no generator and no surface; what starts from data should beat them."""
REFERENCES = ("cold", "own")
"""Methods that are run to the end where no equilibrium is known: where they come to rest is what counts as one."""
ALWAYS = ("cold",)
"""Methods that are always run: others are compared with them."""


def choose(
    names: Sequence[str] | None, *, generated: bool, histories: bool = False, known: bool = False
) -> list[Method]:
    """Return methods by name, in the order of METHODS; those that must run are always among them.

    Args:
        names: Which; all that are possible if None.
        generated: Whether there are generated states.
        histories: Whether there are histories of other runs, which teach jumps.
        known: Whether equilibria are known; else the references must run.

    Raises:
        ConfigError: If a name is unknown, or asks for what is not there.
    """
    wanted = set(METHODS if names is None else names)
    for name in sorted(wanted):
        require_choice("method", name, METHODS)
        for there, needs, what, option in (
            (generated, name in GENERATED, "generated states", "--model or --states"),
            (histories, METHODS[name].by == "jump", "histories of other runs", "--histories"),
        ):
            if needs and names is not None and not there:
                remedy = "Give it, or leave the method out."
                raise ConfigError(f"method '{name}'", found=f"no {what}", expected=option, remedy=remedy)
    must = ALWAYS if known else REFERENCES
    out = [m for m in METHODS.values() if m.name in wanted or m.name in must]
    out = [m for m in out if histories or m.by != "jump"]
    if known and names is None:
        out = [m for m in out if m.name != "own"]  # it is not available in practice
    return [m for m in out if generated or m.name not in GENERATED]

"""Names of the groups of runs that a trial compares: what was drawn, and the controls beside it."""

import re
from collections.abc import Iterable

from halocline.runtime.errors import ConfigError

TRUTH, ENCODED, MEAN, FLOOR = "truth", "encoded truth", "mean state", "another true state"
RESERVED = (TRUTH, ENCODED, MEAN, FLOOR)


def noise_group(amplitude: float) -> str:
    """Return the name of the group of true states with white noise of an amplitude."""
    return f"white noise {amplitude:g}"


def slug(group: str) -> str:
    """Return a group's name as it stands in names of folders."""
    return re.sub("[^A-Za-z0-9.]+", "-", group).strip("-")


def run_name(group: str, member: int) -> str:
    """Return the name of a run and of its folder."""
    return f"{slug(group)}-{member:03d}"


def check_groups(groups: Iterable[str]) -> None:
    """Raise ConfigError unless each group has a name of its own that no control has, and makes a folder of its own."""
    names = list(groups)
    slugs = [slug(name) for name in names]
    for name, short in zip(names, slugs, strict=True):
        if name in RESERVED or name.startswith("white noise") or not 0 < len(short) <= 100 or slugs.count(short) > 1:
            raise ConfigError(
                f"group '{name}'",
                found="a name that is taken, empty, longer than 100 letters, or too like another",
                expected="a name of its own, other than " + ", ".join(RESERVED),
                remedy="Choose another name before the '='.",
            )


def without_control(name: str) -> ConfigError:
    """Return the error of an option that needs true states."""
    remedy = "Give the store of the world, or leave the option out."
    return ConfigError(name, found="no true states", expected="--control STORE", remedy=remedy)

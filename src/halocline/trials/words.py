"""Groups of states and conditions as people write them: NAME=FILE, NAME=NUMBER."""

from collections.abc import Sequence
from pathlib import Path

from halocline.runtime.errors import ConfigError


def parse_groups(words: Sequence[str]) -> dict[str, Path]:
    """Return files by group of ``NAME=FILE`` words.

    Raises:
        ConfigError: If a word has another form or a name comes twice.
    """
    out: dict[str, Path] = {}
    for word in words:
        name, equals, path = word.partition("=")
        if not (name and equals and path) or name in out:
            raise ConfigError(
                f"group '{word}'",
                found="not NAME=FILE, or a name that comes twice",
                expected="for example --group unconstrained=raw.nc",
                remedy="Correct the option.",
            )
        out[name] = Path(path)
    return out


def parse_conditions(words: Sequence[str]) -> dict[str, float]:
    """Return numbers by name of ``NAME=VALUE`` words.

    Raises:
        ConfigError: If a word has another form.
    """
    out: dict[str, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            out[name] = float(value)
        except ValueError:
            raise ConfigError(
                f"condition '{word}'",
                found="not NAME=NUMBER",
                expected="for example --condition warming=1.5",
                remedy="Correct the option.",
            ) from None
    return out

"""Options written as NAME=VALUE words."""

import math
from collections.abc import Sequence

from halocline.runtime.errors import ConfigError


def named_values(words: Sequence[str], example: str) -> dict[str, str]:
    """Return the values of ``NAME=VALUE`` words by name.

    Args:
        words: The words.
        example: How one is written, for errors, e.g. ``--group unconstrained=raw.nc``.

    Raises:
        ConfigError: If a word has another form or a name comes twice.
    """
    out: dict[str, str] = {}
    for word in words:
        name, _, value = (part.strip() for part in word.partition("="))
        if not (name and value) or name in out:
            raise _error(word, "a name that comes twice" if value and name else "not NAME=VALUE", example)
        out[name] = value
    return out


def named_numbers(words: Sequence[str], example: str) -> dict[str, float]:
    """Return the numbers of ``NAME=NUMBER`` words by name; see ``named_values``.

    Raises:
        ConfigError: If a word has another form, a name comes twice, or a value is no number.
    """
    out: dict[str, float] = {}
    for name, value in named_values(words, example).items():
        try:
            out[name] = float(value)
            if not math.isfinite(out[name]):
                raise ValueError
        except ValueError:
            raise _error(f"{name}={value}", f"'{value}', which is no number", example) from None
    return out


def _error(word: str, found: str, example: str) -> ConfigError:
    return ConfigError(f"option '{word}'", found=found, expected=f"for example {example}", remedy="Correct the option.")

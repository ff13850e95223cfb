"""Networks by name: what a denoiser can be built from."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from torch import nn

from halocline.runtime.errors import require_choice
from halocline.runtime.registry import Registry

NetworkBuilder = Callable[[int, int, int, Mapping[str, Any]], nn.Module]
"""``build(inputs, outputs, vector, options)``: a network F(x, level, vector, mask) from channels in and out, the length
of the condition vector (0 for none) and its sizes by name."""

NETWORKS: Registry[NetworkBuilder] = Registry(
    "network", __package__, "halocline.networks", leave_out=("base", "layers", "local_attention", "autoencoder")
)
"""Networks by name."""


def check_options(network: type[nn.Module], options: Mapping[str, Any]) -> None:
    """Raise ConfigError unless every option is a keyword of a network's constructor; it names the nearest."""
    for name in options:
        require_choice(f"option of {network.__name__}", name, _keywords(network))  # type: ignore[arg-type] # a class is hashable


@cache
def _keywords(network: type[nn.Module]) -> tuple[str, ...]:
    parameters = inspect.signature(network).parameters.values()
    return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

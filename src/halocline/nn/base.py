"""Networks by name: what a denoiser can be built from."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from halocline.runtime.registry import Registry

NetworkBuilder = Callable[[int, int, int, Mapping[str, Any]], nn.Module]
"""``build(inputs, outputs, vector, options)``: a network F(x, level, vector, mask) from channels in and out, the length
of the condition vector (0 for none) and its sizes by name."""

NETWORKS: Registry[NetworkBuilder] = Registry(
    "network", __package__, "halocline.networks", leave_out=("base", "layers", "local_attention", "autoencoder")
)
"""Networks by name."""

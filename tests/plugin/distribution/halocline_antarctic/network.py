"""A network: dilated convolutions at full resolution, for fields of any size."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from halocline.nn.layers import FourierFeatures


class Dilated(nn.Module):
    """Convolutions with dilation 1, 2, 4, ..., each shifted by an embedding of the noise level and the conditions.

    Source: Yu and Koltun 2016, "Multi-scale context aggregation by dilated convolutions".

    Args:
        inputs: Channels in.
        outputs: Channels out.
        vector: Length of the condition vector; 0 for none.
        width: Channels.
        depth: Number of convolutions between the first and the last.
    """

    def __init__(self, inputs: int, outputs: int, vector: int, width: int = 16, depth: int = 3) -> None:
        super().__init__()
        self.level = FourierFeatures(width)
        self.vector = nn.Linear(vector, width) if vector else None
        self.first = nn.Conv2d(inputs, width, 3, padding=1)
        self.middle = nn.ModuleList(nn.Conv2d(width, width, 3, padding=2**k, dilation=2**k) for k in range(depth))
        self.last = nn.Conv2d(width, outputs, 3, padding=1)

    def forward(self, x: Tensor, level: Tensor, vector: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Map (batch, inputs, y, x) to (batch, outputs, y, x)."""
        embedding = self.level(level)
        if self.vector is not None and vector is not None:
            embedding = embedding + self.vector(vector)
        h = self.first(x)
        for layer in self.middle:
            h = h + nn.functional.silu(layer(h + embedding[:, :, None, None]))
        return self.last(h)


def build(inputs: int, outputs: int, vector: int, options: Mapping[str, Any]) -> Dilated:
    """Return the network; options: width, depth."""
    return Dilated(inputs, outputs, vector, **options)

"""What a field is drawn for: conditions and weather alike."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Given(NamedTuple):
    """What is known beside the noisy field; each part may be absent.

    Attributes:
        fields: Other fields of the same place (batch, field, y, x), of order one, 0 outside the mask.
        mask: Cells that count (batch, 1 or channel, y, x), 1 or 0, where they differ between samples; a network sees
            where any channel's do.
        vector: Season, parameters, labels (batch, number), of order one.
    """

    fields: Tensor | None = None
    mask: Tensor | None = None
    vector: Tensor | None = None

    def map(self, change: Callable[[Tensor], Tensor]) -> "Given":
        """Return the parts that are there, each changed."""
        return Given(*(None if part is None else change(part) for part in self))

    def to(self, device: torch.device, *, non_blocking: bool = True) -> "Given":
        """Return the parts on a device."""
        return self.map(lambda part: part.to(device, non_blocking=non_blocking))


NOTHING = Given()
"""An unconditional draw."""

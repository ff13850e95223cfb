"""What codecs of variables on one plane share: their channels, their shape and where they count."""

import numpy as np

from halocline.data.codecs.padding import Padding
from halocline.data.fields.variables import Variable


class PlaneCodec:
    """A channel for each variable, one ocean mask, cells around the plane.

    Attributes:
        variables: The variables, in channel order.
        mask: Ocean cells (y, x).
        padding: Around the plane.
    """

    variables: tuple[Variable, ...]
    mask: np.ndarray
    padding: Padding

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(v.name for v in self.variables)

    @property
    def network_variables(self) -> tuple[str, ...]:
        """The variable of each channel in network space: the same."""
        return self.channels

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) in network space."""
        return len(self.variables), *self.padding.padded(self.mask.shape)  # type: ignore[arg-type]

    @property
    def network_mask(self) -> np.ndarray:
        """Ocean cells (1, y, x) in network space float32; zeros around the plane are land."""
        return self.padding.pad(self.mask[None].astype(np.float32))

    @property
    def loss_mask(self) -> np.ndarray:
        """The same: nothing is padded."""
        return self.network_mask


def column(values: np.ndarray) -> np.ndarray:
    """Return values (channel,) as (channel, 1, 1)."""
    return values[:, None, None]

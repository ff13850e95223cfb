"""What every codec is: physical states to network space and back."""

from typing import Any, Protocol

import numpy as np


class StateCodec(Protocol):
    """Physical states (..., channel, y, x) to network space, and the exact inverse."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the physical channels, in order."""

    @property
    def network_variables(self) -> tuple[str, ...]:
        """The variable of each channel in network space."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (channel, y, x) in network space."""

    @property
    def network_mask(self) -> np.ndarray:
        """Wet cells in network space (channel or 1, y, x) float32."""

    @property
    def loss_mask(self) -> np.ndarray:
        """The same, each cell of the plane once: without what padding shows a second time along a periodic axis."""

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return network-space values (..., channel, y, x) float32 of physical ones; land becomes 0."""

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return physical values (..., channel, y, x) float32 of network-space ones; land is NaN."""

    def bounds_in_network_space(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (lower, upper), each (channel,) float32, -inf or +inf where there is none."""

    def to_card(self) -> dict[str, Any]:
        """Return the JSON form."""

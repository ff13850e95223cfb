"""What a model's encoding does to states: through it and back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Recoding:
    """A model's encoding and back.

    Attributes:
        channels: Channels that it takes, in order.
        apply: States (member, channel, y, x), physical units, 0 or NaN where dry, to what is left of them.
    """

    channels: tuple[str, ...]
    apply: Callable[[np.ndarray], np.ndarray]

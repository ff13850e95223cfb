"""What a system is: its configuration, how it is trained, and the model that a folder of it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from halocline.chain.forecast.baselines import Persistence
from halocline.chain.forecast.surrogate import Surrogate
from halocline.chain.generator import Generator
from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore
from halocline.runtime.device import Compute
from halocline.runtime.registry import Registry
from halocline.systems.base_config import SystemConfig
from halocline.systems.run import TrainingRun

Model = Generator | Surrogate | Persistence


@dataclass(frozen=True, eq=False)
class Trained:
    """What a system hands to the model folder beside its weights.

    Attributes:
        codec: The codec's card.
        conditions: The conditions' card; None without.
        arrays: What the folder stores beside the grid.
        about: What else the card says.
    """

    codec: dict[str, Any]
    conditions: dict[str, Any] | None = None
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Folder:
    """A model folder that was read.

    Attributes:
        path: Where it lies.
        weights: Tensors by name, each with its stage's name before the first dot.
        arrays: Grid and fitted parts.
        card: Its card.
    """

    path: Path
    weights: dict[str, Any]
    arrays: dict[str, np.ndarray]
    card: dict[str, Any]

    @cached_property
    def grid(self) -> Grid:
        """The grid of the training data."""
        return Grid.from_arrays(self.arrays, self.card["grid"])


class System(Protocol):
    """A system over the chain."""

    @property
    def config(self) -> type[SystemConfig]:
        """Its configuration, which a preset fills."""

    @property
    def compiles(self) -> bool:
        """Whether its network can be compiled block by block (``--compile``)."""
        ...

    def train(self, config: Any, store: StateStore, run: TrainingRun) -> Trained:
        """Fit what the data determine, then train each stage by ``run.fit``."""

    def load(self, config: Any, folder: Folder, compute: Compute) -> Model:
        """Compose the model from its trained parts."""


SYSTEMS: Registry[System] = Registry("recipe", "halocline.systems.published", "halocline.systems")
"""Systems by the name that a configuration's key ``recipe`` gives."""

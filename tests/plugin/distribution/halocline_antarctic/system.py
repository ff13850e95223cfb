"""A fourth system: sea ice around a continent, whose network is told the longitude by its harmonics."""

from typing import Any, Literal

import numpy as np
from pydantic import Field

from halocline.chain.placed import Placed
from halocline.constraints.named.ice_bounds import IceBounds
from halocline.constraints.protocol import Setting
from halocline.data.codecs.standard import Codec
from halocline.data.grids.grid import Grid
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.store import StateStore
from halocline.systems.base_config import Section
from halocline.systems.generators import GeneratorSystem, Parts, others
from halocline.systems.protocol import Folder
from halocline.systems.sections import GeneratorConfig


class AroundConfig(Section):
    """What the network knows of where it is around the pole.

    Attributes:
        harmonics: Waves around the pole, 1 to this one.
    """

    harmonics: int = Field(default=2, ge=0)


class AntarcticConfig(GeneratorConfig):
    """Antarctic sea ice in data space.

    Attributes:
        variables: What is drawn.
        around: What the network knows of the longitude.
    """

    recipe: Literal["antarctic-generator"]
    variables: tuple[str, ...] = ("sit", "sic", "siu", "siv", "sipl")
    space: Literal["data"] = "data"
    around: AroundConfig = AroundConfig()


class AntarcticGenerator(GeneratorSystem):
    """Normalised fields, a denoiser that knows the longitude, and every registered constraint on ice."""

    config = AntarcticConfig

    def fit(self, config: Any, store: StateStore, *, quiet: bool) -> Parts:
        """Return codec and conditions as the training states determine them."""
        codec = Codec.from_statistics(config.variables, store.statistics, store.grid.mask)
        conditions = Conditions.of(store, config.condition) if config.condition else None
        return Parts(codec, maps(store.grid, config.around.harmonics), conditions=conditions)

    def restore(self, config: Any, folder: Folder) -> Parts:
        """Return codec and conditions of a model folder."""
        card, grid = folder.card, folder.grid
        conditions = Conditions.from_card(card["conditions"]) if card.get("conditions") else None
        codec = Codec.from_card(card["codec"], grid.mask)
        return Parts(codec, maps(grid, config.around.harmonics), conditions=conditions)

    def offered(self, config: Any, parts: Parts, grid: Grid) -> tuple[Placed, ...]:
        """Return other constraints, to be chosen by name, then bounds with one ice mask."""
        codec: Any = parts.codec
        bounds = IceBounds(codec.variables)
        more = others("ice", Setting(codec.variables), own=(bounds.name,))
        return (*more, Placed(bounds.name, lambda draw: bounds))


def maps(grid: Grid, harmonics: int) -> np.ndarray:
    """Return mask, position, and cosine and sine of the longitude's multiples (map, y, x)."""
    angles = [k * np.deg2rad(grid.lon) for k in range(1, harmonics + 1)]
    waves = [wave(angle) for angle in angles for wave in (np.cos, np.sin)]
    return np.concatenate([grid.static_maps(), np.stack(waves)]).astype(np.float32) if waves else grid.static_maps()


SYSTEM = AntarcticGenerator()

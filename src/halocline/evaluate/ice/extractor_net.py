"""The shipped feature extractor: the encoder of a small autoencoder, trained apart from every model it judges.

``tools/train_extractor.py`` made it: Gaussian likelihood, a seed of its own, the training years of the released 100-km
data; only its encoder ships. The features are the means and standard deviations over the ocean of its latent channels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from halocline.data.codecs.standard import Codec
from halocline.data.grids.grid import Grid
from halocline.evaluate.ice.features import FeatureExtractor, pooled
from halocline.nn.autoencoder import Autoencoder
from halocline.runtime.model_folder import read_model

BATCH = 32


def load(grid: Grid, channels: Sequence[str]) -> FeatureExtractor | None:
    """Return the shipped extractor on ``grid``; None if it is absent or lacks one of its variables.

    The normalisation is the extractor's own, never that of the data it is shown: only so are distances comparable.

    Args:
        grid: Grid of the states; any size whose sides are multiples of the encoder's factor.
        channels: Variables of the states, in order.

    Raises:
        ModelError: If the shipped files are damaged.
    """
    folder = Path(str(resources.files("halocline.evaluate.ice") / "extractor"))
    if not (folder / "card.json").is_file():
        return None
    weights, _, card = read_model(folder)
    names = list(card["codec"]["variables"])
    network = make_encoder(card["network"], grid)
    if any(name not in channels for name in names) or any(n % network.factor for n in grid.shape):
        return None
    network.encoder.load_state_dict({name: value.float() for name, value in weights.items()})
    codec = Codec.from_card(card["codec"], grid.mask)
    order = [list(channels).index(name) for name in names]
    return EncoderFeatures(network.eval(), codec, order, f"{card['name']} ({card['files']['model.safetensors'][:8]})")


def make_encoder(sizes: Mapping[str, Any], grid: Grid) -> Autoencoder:
    """Return an autoencoder of the given sizes on a grid."""
    maps = torch.from_numpy(grid.static_maps())
    return Autoencoder(
        int(sizes["variables"]),
        maps,
        latent=int(sizes["latent"]),
        width=int(sizes["width"]),
        levels=int(sizes["levels"]),
        patch=int(sizes["patch"]),
    )


@dataclass(frozen=True, eq=False)
class EncoderFeatures:
    """Pooled latent means; see FeatureExtractor.

    Attributes:
        network: The autoencoder, float32.
        codec: Its normalisation on this grid's mask.
        order: Index of each of its variables among the states' channels.
        name: Name and fingerprint.
    """

    network: Autoencoder
    codec: Codec
    order: list[int]
    name: str

    @torch.no_grad()
    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Return (sample, 2 * latent) features of (sample, channel, y, x) physical states, land = 0."""
        ocean = nn.functional.avg_pool2d(self.network.maps[None, :1], self.network.factor)[0, 0].numpy()
        parts = []
        for start in range(0, len(states), BATCH):
            x = torch.from_numpy(self.codec.encode(states[start : start + BATCH, self.order]))
            parts.append(pooled(self.network.encode(x).mean.numpy(), ocean))
        return np.concatenate(parts)

"""Whether the pack is made of lines, which power cannot tell: coherence of gradients, correlation of neighbours."""

from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.disk_states import batches
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.wasserstein import shares, wasserstein
from halocline.evaluate.ice import pack
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.places import TILE, places
from halocline.physics.quads import quad_mask
from halocline.physics.texture import coherence
from halocline.physics.tiles import tiles_of

_EDGES = np.linspace(0.0, 1.0, 51)
_LAGS = (1, 2, 3)


@dataclass(frozen=True, eq=False)
class TextureScores:
    """Coherence of gradients in the pack, and correlation of cells, in the fields in which cracks are seen.

    Attributes:
        channels: Variables, in order.
        mask: True on ocean (y, x).
        names: The fields.
    """

    channels: tuple[str, ...]
    mask: np.ndarray
    names: tuple[str, ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """For each field the mean coherence, the distance of its distributions, the correlations."""
        labels = []
        for name in self.names:
            words = "orientation coherence in the pack"
            labels.append(Label("pack_coherence", words, name, "1", "reference"))
            labels.append(Label("pack_coherence_distribution", f"{words}, distribution distance", name, "1", "lower"))
            for lag in _LAGS:
                words, distance = "correlation of cells in the pack", f"{lag} cell{'s' if lag > 1 else ''} apart"
                labels.append(Label(f"pack_correlation_{lag}", words, name, "1", "reference", distance, signed=True))
        return tuple(labels)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return for each field the sums that the scores are ratios of (sample, k)."""
        inside = pack.whole(quad_mask(pack.pack_cells(states, self.channels, self.mask)))
        tiles = places(states, self.channels, self.mask)["pack"]
        found = []
        for name in self.names:
            values = pack.field(name, states, self.channels)
            found += [*_coherence(values, inside), _products(values, tiles)]
        return np.concatenate(found, axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the scores (replicate, field * score)."""
        found, size = [], 1 + len(_EDGES) - 1 + 1 + len(_LAGS)
        for k in range(len(self.names)):
            one, other = (x[:, k * size : (k + 1) * size] for x in (a, b))
            bars, sums = slice(1, len(_EDGES)), slice(len(_EDGES), size)
            weight = one[:, bars].sum(axis=1, keepdims=True)
            distance = wasserstein(one[:, bars], other[:, bars], _EDGES)[:, None]
            correlations = one[:, sums][:, 1:] / np.maximum(one[:, sums][:, :1], 1e-12)
            found += [one[:, :1] / np.maximum(weight, 1e-12), distance, correlations]
        return np.concatenate(found, axis=1)


def _coherence(values: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of coherence (sample, 1) and its histogram (sample, bin), each quad weighted with its gradient."""
    found, gradient = coherence(values, pack.WINDOW)
    weight = np.where(inside, gradient, 0.0).reshape(len(values), -1)
    found = found.reshape(len(values), -1)
    return (found * weight).sum(axis=1, keepdims=True), shares(found, _EDGES, weight)


def _products(values: np.ndarray, qualifies: np.ndarray) -> np.ndarray:
    """Return sums over the pack's tiles of mean squares and of mean products at the lags (sample, 1 + lag)."""
    tiles = tiles_of(values, TILE)[qualifies].astype(np.float64)
    tiles -= tiles.mean(axis=(1, 2), keepdims=True)
    means = [(tiles**2).mean(axis=(1, 2))]
    for lag in _LAGS:
        pairs = [(tiles[:, lag:] * tiles[:, :-lag]), (tiles[:, :, lag:] * tiles[:, :, :-lag])]
        means.append(np.mean([part.mean(axis=(1, 2)) for part in pairs], axis=0))
    sample = np.nonzero(qualifies)[0]
    return np.stack([np.bincount(sample, mean, len(values)) for mean in means], axis=1)


@ICE_SCORES.register("texture")
def texture(sets: IceSets) -> list[TextureScores]:
    """Return the scores of those fields that the variables allow; none where the pack has no room for a tile."""
    names = pack.log_names(sets.channels)
    if "sic" not in sets.channels or min(sets.grid.shape) < TILE:
        return []
    mask, real = sets.grid.mask, sets.real
    there = any(places(real[part], sets.channels, mask)["pack"].any() for part in batches(real))
    return [TextureScores(sets.channels, mask, names)] if there else []

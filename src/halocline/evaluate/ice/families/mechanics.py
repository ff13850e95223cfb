"""What belongs together in the pack: deformation of the drift, and small scales of one variable with another's."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.disk_states import States, batches
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.wasserstein import bin_edges, shares, wasserstein
from halocline.evaluate.ice import pack
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.physics.deformation import StrainRates, strain_rates
from halocline.physics.quads import quad_mask, quad_mean, quad_spacing

_BINS = 600
_LINKS = {
    ("sit", "log_damage"): ("thickness_damage", ("sit", "sid")),
    ("log_open_water", "log_damage"): ("open_water_damage", ("sid",)),
    ("divergence", "log_open_water"): ("divergence_open_water", ("siu", "siv")),
}
"""Pairs of fields whose small scales belong together: id, and the variables needed beside concentration."""

_STRONGEST = 0.1
"""Share of the quads, those that deform most, whose share of all deformation tells how localised it is."""


@dataclass(frozen=True, eq=False)
class DeformationScores:
    """Total deformation of the drift in the pack: mean, distribution, and how much of it few quads hold.

    A quad counts where its four cells are ocean with a concentration above 0.8.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        edges: Bins (bin + 1,), s-1.
    """

    grid: Grid
    channels: tuple[str, ...]
    edges: np.ndarray

    @classmethod
    def over(cls, sets: IceSets) -> "DeformationScores":
        """Build the family with bins that hold the values of both sets."""
        both = (sets.generated, sets.real)
        mine, real = (_ends(states, sets.channels, sets.grid) for states in both)
        return cls(sets.grid, sets.channels, bin_edges(real, mine, _BINS))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Mean, localisation, distance of the distributions."""
        words = "total deformation in the pack"
        strongest = f"share of the {words} in the tenth of the quads that deform most"
        return (
            Label("pack_deformation", f"mean {words}", "all", "s-1", "reference"),
            Label("pack_deformation_top", strongest, "all", "1", "reference"),
            Label("pack_deformation_distribution", f"{words}, distribution distance", "all", "s-1", "lower"),
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return number of quads and sum, whether there are any and the strongest's share, and the bins (sample, k)."""
        return self.of(*deformation_in_pack(states, self.channels, self.grid))

    def of(self, total: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Return the summary of states whose deformation is known."""
        number, whole = inside.sum(axis=1), total.sum(axis=1)
        ordered = np.sort(total[:, inside.any(axis=0)], axis=1)[:, ::-1]
        top = (ordered * (np.arange(ordered.shape[1]) < np.ceil(_STRONGEST * number)[:, None])).sum(axis=1)
        share = np.divide(top, whole, out=np.zeros_like(whole), where=whole > 0)
        binned = shares(total, self.edges, inside.astype(np.float64))
        return np.concatenate([np.stack([number, whole, whole > 0, share], axis=1), binned], axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the scores (replicate, 3)."""
        tiny = np.finfo(np.float64).tiny
        means = (a[:, top] / np.maximum(a[:, below], tiny) for top, below in ((1, 0), (3, 2)))
        return np.stack([*means, wasserstein(a[:, 4:], b[:, 4:], self.edges)], axis=1)


@dataclass(frozen=True, eq=False)
class LinkScores:
    """Correlation of the small scales of two fields in the pack: values minus their mean over 5 x 5 quads.

    It is the linear correlation over all quads of all states whose 5 x 5 quads all lie in the pack.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        pairs: Names of the two fields, ``divergence`` that of the drift.
    """

    grid: Grid
    channels: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """One correlation per pair."""
        words = "correlation of small scales in the pack"
        return tuple(
            Label(f"pack_link_{_LINKS[pair][0]}", words, "all", "1", "reference", f"{pair[0]} with {pair[1]}", True)
            for pair in self.pairs
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return sums of squares and products of each pair (sample, pair * 3)."""
        inside = pack.whole(quad_mask(pack.pack_cells(states, self.channels, self.grid.mask)))
        fields = {name: self._small(name, states) * inside for name in {name for pair in self.pairs for name in pair}}
        sums = [
            np.einsum("syx,syx->s", fields[one], fields[other], dtype=np.float64)
            for a, b in self.pairs
            for one, other in ((a, a), (b, b), (a, b))
        ]
        return np.stack(sums, axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the correlations of the first set (replicate, pair)."""
        sums = a.reshape(len(a), -1, 3)
        size = np.sqrt(sums[..., 0] * sums[..., 1])
        return np.divide(sums[..., 2], size, out=np.zeros_like(size), where=size > 0)

    def _small(self, name: str, states: np.ndarray) -> np.ndarray:
        if name == "divergence":
            return pack.small_scale(drift_of(states, self.channels, self.grid).divergence)
        return pack.small_scale(quad_mean(pack.field(name, states, self.channels)))


def deformation_in_pack(states: np.ndarray, channels: tuple[str, ...], grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return total deformation, s-1, 0 outside the pack, and True inside, both (sample, quad)."""
    inside = quad_mask(pack.pack_cells(states, channels, grid.mask))
    total = np.where(inside, drift_of(states, channels, grid).total, 0.0)
    return total.reshape(len(states), -1), inside.reshape(len(states), -1)


def _ends(states: States, channels: tuple[str, ...], grid: Grid) -> np.ndarray:
    """Return 0 and the largest total deformation in the pack (2,), s-1."""
    most = 0.0
    for part in batches(states):
        total, _ = deformation_in_pack(states[part], channels, grid)
        most = max(most, float(total.max(initial=0.0)))
    return np.array([0.0, most])


def drift_of(states: np.ndarray, channels: tuple[str, ...], grid: Grid) -> StrainRates:
    """Return divergence and shear of the drift of states (sample, channel, y, x), s-1, at quads."""
    u, v = (states[:, channels.index(name)] for name in ("siu", "siv"))
    return strain_rates(u, v, quad_spacing(grid.area).astype(np.float32))


@ICE_SCORES.register("mechanics")
def mechanics(sets: IceSets) -> list[LinkScores | DeformationScores]:
    """Return the scores that the variables allow; none where no real state has a pack."""
    grid, channels, there = sets.grid, sets.channels, set(sets.channels)
    if "sic" not in there:
        return []
    if not any(quad_mask(pack.pack_cells(sets.real[part], channels, grid.mask)).any() for part in batches(sets.real)):
        return []
    pairs = tuple(pair for pair, (_, needed) in _LINKS.items() if there >= set(needed))
    families: list[LinkScores | DeformationScores] = [LinkScores(grid, channels, pairs)] if pairs else []
    if there >= {"siu", "siv"}:
        families.append(DeformationScores.over(sets))
    return families

"""Ratios of spectral power by place: in the pack, and at the ice edge."""

from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.disk_states import States, batches
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice import pack
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.spectra import octaves
from halocline.physics.sea_ice import ICE_EDGE
from halocline.physics.spectra import TileSpectrum
from halocline.physics.tiles import BandPower, count_in_tiles, tiles_of

TILE = 8
"""Cells on a side of a tile."""

PLACES = ("pack", "edge")
_LEAST_TILES = 24
"""Fewest tiles of the real states at a place that is scored."""


def places(states: np.ndarray, channels: tuple[str, ...], mask: np.ndarray) -> dict[str, np.ndarray]:
    """Return which tiles (sample, row, column) of 8 x 8 cells, two apart, lie in the pack and which at the edge.

    Of the tiles without land, those of the pack have a concentration above 0.8 on every cell; those of the edge have
    ice, above 0.15, on a cell and 0.8 or less on another. All others are open water.
    """
    sic, size = states[:, channels.index("sic")], TILE**2
    sea = count_in_tiles(mask, TILE) == size
    packed = count_in_tiles(pack.pack_cells(states, channels, mask), TILE)
    return {"pack": packed == size, "edge": sea & (packed < size) & (count_in_tiles(sic > ICE_EDGE, TILE) > 0)}


@dataclass(frozen=True, eq=False)
class PlaceScores:
    """Power per tile of a place of one set over that of the other, per field and band; tiles qualify in each state.

    Attributes:
        channels: Variables, in order.
        mask: True on ocean (y, x).
        fields: Fields of each place: the variables, and in the pack the fields in which cracks are seen.
        bands: (id, name) of each octave of wavelength.
        power: Power of tiles.
    """

    channels: tuple[str, ...]
    mask: np.ndarray
    fields: dict[str, tuple[str, ...]]
    bands: tuple[tuple[str, str], ...]
    power: BandPower

    @classmethod
    def on(cls, channels: tuple[str, ...], mask: np.ndarray, spacing: float, real: States) -> "PlaceScores":
        """Build the family for the places that real states (sample, channel, y, x) have; ``spacing`` in metres."""
        spectrum = TileSpectrum.on(np.ones((TILE, TILE), bool), spacing, tile=TILE)
        names = {"pack": (*channels, *pack.log_names(channels)), "edge": channels}
        number = dict.fromkeys(PLACES, 0)
        for part in batches(real):
            for place, found in places(real[part], channels, mask).items():
                number[place] += int(found.sum())
        bands = octaves(spectrum)
        return cls(
            channels,
            mask,
            {place: names[place] for place in PLACES if number[place] >= _LEAST_TILES},
            tuple(each[:2] for each in bands),
            BandPower.of(spectrum, np.stack([rings for *_, rings in bands])),
        )

    @property
    def labels(self) -> tuple[Label, ...]:
        """One ratio per place, field and band."""
        words = {"pack": "spectral power ratio in the pack", "edge": "spectral power ratio at the ice edge"}
        return tuple(
            Label(f"{place}_psd_ratio_{id}", words[place], name, "1", "one", band)
            for place, names in self.fields.items()
            for name in names
            for id, band in self.bands
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return for each place the number of tiles of each state, then their summed power by field and band."""
        found, parts = places(states, self.channels, self.mask), []
        for place, names in self.fields.items():
            qualifies = found[place]
            count = qualifies.sum(axis=(1, 2))
            first = np.concatenate([[0], np.cumsum(count)])
            parts.append(count[:, None].astype(np.float64))
            for name in names:
                power = self.power(tiles_of(pack.field(name, states, self.channels), TILE)[qualifies])
                sums = np.concatenate([np.zeros((1, power.shape[1])), np.cumsum(power, axis=0, dtype=np.float64)])
                parts.append(sums[first[1:]] - sums[first[:-1]])
        return np.concatenate(parts, axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the ratios (replicate, place * field * band); 0 where the first set has no tile."""
        first, second = self._per_tile(a), self._per_tile(b)
        return first / np.maximum(second, np.finfo(np.float64).tiny)

    def _per_tile(self, mean: np.ndarray) -> np.ndarray:
        found, start = [], 0
        for names in self.fields.values():
            stop = start + 1 + len(names) * len(self.bands)
            found.append(mean[:, start + 1 : stop] / np.maximum(mean[:, start : start + 1], 1e-12))
            start = stop
        return np.concatenate(found, axis=1)


@ICE_SCORES.register("places")
def place_scores(sets: IceSets) -> list[PlaceScores]:
    """Return the ratios by place; none without concentration, or where too few tiles fit between the coasts."""
    if "sic" not in sets.channels or min(sets.grid.shape) < TILE:
        return []
    family = PlaceScores.on(sets.channels, sets.grid.mask, sets.grid.spacing, sets.real)
    return [family] if family.fields else []

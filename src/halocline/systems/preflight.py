"""What a training pays for the smallest scales of its own data: reckoned before it starts, in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.codecs.protocol import StateCodec
from halocline.data.codecs.told import training_codec
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.diffusion.incentive import WORTH, LevelWeights, balanced, mode_losses
from halocline.diffusion.paths.base import SCHEDULES
from halocline.physics.mode_power import ModePower
from halocline.runtime.console import columns
from halocline.systems.learning import make_objective, make_times
from halocline.systems.sections import DenoiserConfig, GeneratorConfig

BANDS = {"2-4": (0.0, 4.0), "4-8": (4.0, 8.0)}
"""Bands of wavelengths in cells: longer than the first number, up to the second."""
_STATES, _BYTES = 128, 2e8

LATENT = (
    "No pre-flight of a latent space: what is left of waves of 2-4 cells is decided by the autoencoder, not by the "
    "denoiser's loss. 'halocline score' tells what the trained model keeps."
)


@dataclass(frozen=True, eq=False)
class Place:
    """A part of the plane in which small scales are looked at.

    Attributes:
        name: What it is called.
        inside: (state or 1, channel or 1, y, x) in network space.
        least: Least share of a tile that is inside.
    """

    name: str
    inside: np.ndarray
    least: float = 1.0


@dataclass(frozen=True, eq=False)
class Preflight:
    """What each variable's bands are worth: the loss that drawing the band saves, over the loss that remains anyway.

    The loss that remains is that of the exact denoiser of a Gaussian field of the training states' spectrum; the loss
    saved is what a network adds that returns the blur instead of the band. Below 30 % a band vanishes in the noise of
    the gradient; 100 to 600 % is sound.

    Attributes:
        variables: Their names.
        places: Names of the places; the first one counts.
        share: (place, variable, band); NaN where no tile is inside.
        weights: What each variable counts in the loss (variable,).
        remedies: Keys to set, if a share is too small.
    """

    variables: tuple[str, ...]
    places: tuple[str, ...]
    share: np.ndarray
    weights: np.ndarray
    remedies: tuple[str, ...] = ()

    @property
    def small(self) -> tuple[str, ...]:
        """Variables whose smallest band is worth too little at the first place."""
        return tuple(v for v, s in zip(self.variables, self.share[0, :, 0], strict=True) if s < WORTH)

    def rows(self) -> list[dict[str, object]]:
        """Return a row for each variable, shares as numbers; None where there are none."""
        heads = [f"{place} {band} cells" for place in self.places for band in BANDS]
        numbers = np.moveaxis(self.share, 0, 1).reshape(len(self.variables), -1)
        return [
            {"variable": name, "weight": float(weight)}
            | {head: float(s) if np.isfinite(s) else None for head, s in zip(heads, shares, strict=True)}
            for name, weight, shares in zip(self.variables, self.weights, numbers, strict=True)
        ]

    def text(self) -> str:
        """Return a table, and a warning if a share is too small."""
        rows = self.rows()
        heads = list(rows[0])
        cells = [
            [str(row["variable"]), f"{row['weight']:.2f}", *(_percent(row[head]) for head in heads[2:])] for row in rows
        ]
        title = "What the loss pays for the smallest scales (loss that drawing them saves, over the loss that remains)"
        shown = f"{title}\n{columns(heads, cells, right=heads[1:])}"
        if not self.small:
            return shown
        return (
            f"{shown}\nwarning: less than {WORTH:.0%} for {next(iter(BANDS))} cells of {', '.join(self.small)}: they "
            f"will come out smooth. Try {' '.join(f'--set {remedy}' for remedy in self.remedies)}"
        )


def _percent(share: object) -> str:
    if not isinstance(share, float):
        return "-"
    return f"{share:.0%}" if share >= 0.1 else f"{100 * share:.2g}%"


def some_fields(
    config: GeneratorConfig, codec: StateCodec, store: StateStore, conditions: Conditions | None = None
) -> np.ndarray:
    """Return training states in network space (state, channel, y, x), at most 128, evenly spread."""
    pairs = samples_of(store, "train", every=config.every)
    count = int(np.clip(_BYTES / (4 * np.prod(codec.shape)), 8, _STATES))
    picked = np.linspace(0, len(pairs) - 1, min(count, len(pairs))).astype(int)
    channels = [store.channels.index(name) for name in codec.channels]
    out = []
    for n in picked:
        vector = None if conditions is None else conditions.encode(conditions.of_samples(store, [pairs[n]]))
        out.append(training_codec(codec, vector).encode(store.read(*pairs[n])[None, channels])[0])
    return np.stack(out)


def preflight(config: GeneratorConfig, codec: StateCodec, fields: np.ndarray, places: Sequence[Place]) -> Preflight:
    """Return what a recipe's loss pays for the smallest bands of fields.

    Args:
        config: The recipe, in data space.
        codec: Names the channels, and says where there is water.
        fields: Training states in network space (state, channel, y, x).
        places: Where to look; shares at the first give the weights, where the recipe leaves them to the pre-flight.
    """
    part = config.denoiser
    levels = LevelWeights.of(SCHEDULES[part.schedule](), make_times(part), make_objective(part))
    names = tuple(dict.fromkeys(codec.network_variables))
    of = np.array([[channel == name for channel in codec.network_variables] for name in names], float)
    found = [_losses(fields, codec, place, levels, of) for place in places]
    share = np.array([saved / remains[:, None] for remains, saved in found])
    remains = found[0][0]
    weights = _weights(part, names, share[0, :, 0], remains)
    rate = weights * np.nansum(remains) / np.nansum(weights * remains) if np.isfinite(remains).any() else weights
    return Preflight(names, tuple(p.name for p in places), share * rate[None, :, None], weights, _remedies(part))


def _losses(
    fields: np.ndarray, codec: StateCodec, place: Place, levels: LevelWeights, of: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss that remains (variable,) and what is saved (variable, band); NaN without tiles."""
    power = ModePower.of(fields, codec.loss_mask, place.inside, least=place.least)
    if power is None:
        return np.full(len(of), np.nan), np.full((len(of), len(BANDS)), np.nan)
    remains, saved = (power.count * part for part in mode_losses(power.power, levels))
    bands = np.stack([saved[:, power.band(*limits)].sum(axis=1) for limits in BANDS.values()], axis=1)
    there = np.flatnonzero(power.tiles)
    of = of[:, there]
    of = np.where(of.sum(axis=1, keepdims=True) > 0, of, np.nan)
    return of @ remains[there].sum(axis=1), of @ bands[there]


def _weights(part: DenoiserConfig, names: tuple[str, ...], share: np.ndarray, loss: np.ndarray) -> np.ndarray:
    if part.channel_weights == "auto":
        known, weights = np.isfinite(share) & (share > 0), np.ones(len(names))
        if known.any():
            weights[known] = balanced(share[known], loss[known])
        return weights
    return np.array([part.channel_weights.get(name, 1.0) for name in names])


def _remedies(part: DenoiserConfig) -> tuple[str, ...]:
    steep = {"times": "lognormal", "weighting": "edm", "prediction": "karras"}
    missing = tuple(f"denoiser.{key}={value}" for key, value in steep.items() if getattr(part, key) != value)
    if missing:
        return missing
    if part.channel_weights != "auto":
        return ("denoiser.channel_weights=auto",)
    return (f"denoiser.p_mean={part.p_mean - 0.4:g}",)

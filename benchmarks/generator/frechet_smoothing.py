"""Does the Fréchet distance see smoothing? Real validation-year states, smoothed, against real test-year states.

    python benchmarks/generator/frechet_smoothing.py DATA.zarr

Prints the distance of 128 validation states, smoothed over the ocean with a Gaussian of 0 to 1.5 cells, in the features
of the shipped autoencoder and in the hand-made features.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from halocline.data.store.splits import samples_of
from halocline.data.store.store import open_store
from halocline.evaluate.engine.samples import read_states
from halocline.evaluate.ice import extractor_net
from halocline.evaluate.ice.families.frechet import frechet_distance
from halocline.evaluate.ice.features import HandFeatures

CHANNELS = ("sit", "sic", "sid", "siu", "siv")
WIDTHS = (0.0, 0.5, 0.7, 1.0, 1.5)


def smoothed(states: np.ndarray, mask: np.ndarray, width: float) -> np.ndarray:
    """Smooth (sample, channel, y, x) over ocean cells only."""
    if width == 0:
        return states
    share = gaussian_filter(mask.astype(float), width)
    return np.where(mask, gaussian_filter(states, (0, 0, width, width)) / np.maximum(share, 1e-6), 0).astype(np.float32)


def main() -> None:
    """Print one Markdown table."""
    store = open_store(Path(sys.argv[1]))
    test = read_states(store, samples_of(store, "test", every=8), CHANNELS).values
    pairs = samples_of(store, "validation")
    picked = [pairs[k] for k in np.linspace(0, len(pairs) - 1, 128).astype(int)]
    validation = read_states(store, picked, CHANNELS).values
    encoder = extractor_net.load(store.grid, CHANNELS)
    assert encoder is not None
    print("| features | " + " | ".join("not smoothed" if w == 0 else f"{w} cells" for w in WIDTHS) + " |")
    print("|---" * (len(WIDTHS) + 1) + "|")
    for name, features in (
        ("autoencoder", encoder),
        ("hand-made", HandFeatures.of(store.grid, CHANNELS, store.statistics)),
    ):
        real = features(test)
        cells = [frechet_distance(features(smoothed(validation, store.grid.mask, w)), real) for w in WIDTHS]
        print(f"| {name} | " + " | ".join(f"{c:.3f}" for c in cells) + " |")


if __name__ == "__main__":
    main()

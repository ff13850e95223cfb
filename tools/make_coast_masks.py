"""Make the bit-packed Arctic ocean masks that ship in the wheel.

A development tool: it needs ``global-land-mask`` (MIT; its elevation data are the public GLOBE data of NOAA), which
Halocline never imports at run time. Run it from the repository root::

    python tools/make_coast_masks.py
"""

from pathlib import Path

import numpy as np
from global_land_mask import globe
from scipy import ndimage

from halocline.data.grids.projection import PolarStereographic

OUT = Path("src/halocline/worlds/arctic/masks")
WIDTH = 6_400_000.0  # m, side of the square domain
SUBSAMPLES = 9  # per cell and direction
SMALLEST_SEA = 3e11  # m2, connected seas below this are filled


def ocean_mask(resolution_km: int) -> np.ndarray:
    """Return the ocean mask (y, x): at least half of the sub-samples wet, and part of a large connected sea."""
    n = round(WIDTH / 1000 / resolution_km)
    projection = PolarStereographic()
    fine = (np.arange(n * SUBSAMPLES) + 0.5) / (n * SUBSAMPLES) * WIDTH - WIDTH / 2
    lat, lon = projection.inverse(fine[None, :], fine[:, None])
    wet = globe.is_ocean(lat, lon).reshape(n, SUBSAMPLES, n, SUBSAMPLES).mean(axis=(1, 3))
    centre = (np.arange(n) + 0.5) / n * WIDTH - WIDTH / 2
    lat, _ = projection.inverse(centre[None, :], centre[:, None])
    area = (WIDTH / n / projection.scale(lat)) ** 2
    seas, count = ndimage.label(wet >= 0.5)
    sizes = ndimage.sum_labels(area, seas, np.arange(1, count + 1))
    return np.isin(seas, 1 + np.flatnonzero(sizes > SMALLEST_SEA))


def main() -> None:
    """Write ``masks/{100,50,25}km.bits`` and print the number of ocean cells."""
    OUT.mkdir(exist_ok=True)
    for resolution in (100, 50, 25):
        mask = ocean_mask(resolution)
        (OUT / f"{resolution}km.bits").write_bytes(np.packbits(mask).tobytes())
        print(f"{resolution} km: {mask.shape[0]} x {mask.shape[1]} cells, {mask.sum()} ocean")


if __name__ == "__main__":
    main()

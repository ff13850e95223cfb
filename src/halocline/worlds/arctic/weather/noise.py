"""Random weather patterns: a spectral first-order autoregressive field, keyed by (seed, member, step).

Each Fourier mode of a 12800-km periodic square forgets its past with its own decorrelation time; the modes' variances
follow a spectrum that is flat beyond 3000 km and falls as k^-slope (2-D density) below it.
"""

import numpy as np

from halocline.runtime import keyed
from halocline.worlds.arctic.weather.coarse import CELLS, SPACING

POINTS = 2 * CELLS  # of the periodic square, per direction
STEP_DAYS = 0.25


class SpectralNoise:
    """A random field of unit variance that remembers.

    Args:
        seed: Seed of the run.
        member: Member number.
        name: Purpose; fields with different names are independent.
        slope: Exponent of the 2-D spectral density at short waves.
        memory_days: Decorrelation time of the long waves; shorter waves forget as k^(-2/3).
        flat_km: Wavelength beyond which the spectrum is flat.
    """

    def __init__(
        self, seed: int, member: int, name: str, *, slope: float, memory_days: float, flat_km: float = 3000.0
    ) -> None:
        self._seed, self._name, self._member = seed, name, member
        kx = 2.0 * np.pi * np.fft.rfftfreq(POINTS, SPACING)[None, :]
        ky = 2.0 * np.pi * np.fft.fftfreq(POINTS, SPACING)[:, None]
        self.kx, self.ky = kx, ky
        k = np.hypot(kx, ky)
        corner = 2.0 * np.pi / (flat_km * 1e3)
        amplitude = (np.maximum(k, corner) / corner) ** (-slope / 2.0)
        amplitude[0, 0] = 0.0
        weight = np.where((kx > 0) & (kx < kx.max()), 2.0, 1.0)
        self._amplitude = amplitude * POINTS**2 / np.sqrt((weight * amplitude**2).sum())
        memory = memory_days * (np.maximum(k, corner) / corner) ** (-2.0 / 3.0)
        self._keep = np.exp(-STEP_DAYS / memory)
        self.modes = np.zeros(amplitude.shape, np.complex128)  # until ``start``

    def _draw(self, step: int) -> np.ndarray:
        random = keyed.generator(self._seed, "weather", self._name, self._member, step)
        pair = random.standard_normal((2, *self._amplitude.shape))
        return (pair[0] + 1j * pair[1]) / np.sqrt(2.0) * self._amplitude

    def start(self, step: int) -> None:
        """Draw the stationary field of ``step``, without a past."""
        self.modes = self._draw(step)

    def advance(self, step: int) -> None:
        """Move from step - 1 to ``step``."""
        self.modes = self._keep * self.modes + np.sqrt(1.0 - self._keep**2) * self._draw(step)

    def field(self) -> np.ndarray:
        """Return the field on the weather grid (64, 64)."""
        return _inner(self.modes)

    def gradient(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (d/dx, d/dy) of the field on the weather grid, 1/m."""
        return _inner(1j * self.kx * self.modes), _inner(1j * self.ky * self.modes)


def _inner(modes: np.ndarray) -> np.ndarray:
    return np.fft.irfft2(modes, s=(POINTS, POINTS))[:CELLS, :CELLS]

"""A generator of which everything is known: a Gaussian field of 64 cells with its exact denoiser.

The cells are those of a circle, for the covariance, and lie row by row on a grid of 8 x 8.
"""

import numpy as np
import torch

from halocline.chain.chain import Chain
from halocline.chain.generator import Generator
from halocline.data.codecs.standard import Codec
from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.paths.base import SCHEDULES
from halocline.observations.table import Observations
from halocline.runtime.device import choose_compute

CELLS = 64
NAME = "siu"


def covariance(cells=CELLS):
    """Spectrum 1 / (1 + (k / 3)^3), variance 1."""
    k = np.abs(np.fft.fftfreq(cells, 1 / cells))
    row = np.fft.ifft(1 / (1 + (k / 3) ** 3)).real
    row /= row[0]
    at = np.arange(cells)
    return row[np.abs(at[:, None] - at) % cells]


class Exact(torch.nn.Module):
    """E[x_0 | x_t] = alpha C (alpha^2 C + sigma^2)^-1 x_t; a network sees x_t / n and ln(sigma / alpha) / 4."""

    def __init__(self, c):
        super().__init__()
        value, vectors = np.linalg.eigh(c)
        self.value, self.vectors = torch.from_numpy(value.clip(0)), torch.from_numpy(vectors)

    def forward(self, fields, level, vector, mask):
        ratio = torch.exp(4.0 * level.double())[:, None]  # sigma / alpha
        y = (fields.double().flatten(1) * (1 + ratio**2).sqrt()) @ self.vectors  # x_t / alpha
        gain = self.value / (self.value + ratio**2)
        return ((gain * y) @ self.vectors.T).reshape(fields.shape).float()


def grid():
    """8 x 8 cells between 60 and 74 degrees north."""
    lat, lon = np.arange(60.0, 76.0, 2.0), np.arange(0.0, 40.0, 5.0)
    both = np.meshgrid(lat, lon, indexing="ij")
    plane = {"grid_mapping_name": "latitude_longitude"}
    return Grid("square", lon, lat, *both, np.full((8, 8), 1e10), np.ones((8, 8), bool), 2e5, plane)


def gaussian_generator(steps=32, solver="heun"):
    """The generator."""
    one = np.ones(1)
    codec = Codec((variable(NAME),), 0 * one, one, np.ones((8, 8), bool))
    schedule = SCHEDULES["cosine"]()
    denoiser = NetworkDenoiser(Exact(covariance()), schedule, "x")
    chain = Chain(codec, schedule, solver, steps, choose_compute("cpu", "fp32"))
    return Generator(chain, denoiser, grid(), {"name": "gaussian"})


def kalman(c, cells, y, sigma):
    """Mean and standard deviation of the exact posterior."""
    h = np.eye(len(c))[cells]
    gain = c @ h.T @ np.linalg.inv(h @ c @ h.T + sigma**2 * np.eye(len(cells)))
    return gain @ y, np.sqrt(np.diag(c - gain @ h @ c))


def observed(cells, y, sigma):
    """A table of some cells."""
    place = {"latitude": grid().lat.ravel()[cells], "longitude": grid().lon.ravel()[cells]}
    return Observations.of(time=0.0, variable="siu_cell", value=y, error=sigma, kind="cell", **place)


def table(members=1500):
    """Print the table of docs/explanation/observations.md: python -m tests.analysis.gaussian."""
    from halocline.analysis.methods.base import Settings
    from halocline.analysis.run import analyse
    from halocline.observations.quantities import QUANTITIES, Quantity

    QUANTITIES.register("siu_cell")(Quantity("siu_cell", "", "drift along x", "m s-1", (-40.0, 40.0), (NAME,)))
    seen, rng = np.arange(0, CELLS, 6), np.random.default_rng(3)
    truth = np.linalg.cholesky(covariance() + 1e-9 * np.eye(CELLS)) @ rng.standard_normal(CELLS)
    noise = rng.standard_normal(len(seen))
    rows = [("mmps", k) for k in (1, 2, 3)] + [(m, 2) for m in ("pgdm", "sda", "dps")]
    print("| method | error 0.1: mean | spread | error 0.5: mean | spread |")
    print("| --- |" + " ---: |" * 4)
    for method, iterations in rows:
        cells = [f"{method}, {iterations} iterations" if method == "mmps" else method]
        for sigma in (0.1, 0.5):
            y = truth[seen] + sigma * noise
            mean, sd = kalman(covariance(), seen, y, sigma)
            made = observed(seen, y, sigma)
            setting = Settings(iterations)
            states, _ = analyse(
                gaussian_generator(), made, members, 1, method=method, settings=setting, batch=members, quiet=True
            )
            x = states[NAME].values.reshape(members, CELLS)
            error, ratio = np.abs(x.mean(axis=0) - mean) / sd, x.std(axis=0) / sd
            rest = np.setdiff1d(np.arange(CELLS), seen)
            cells += [f"{of[seen].mean():.2f} \\| {of[rest].mean():.2f}" for of in (error, ratio)]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    table()

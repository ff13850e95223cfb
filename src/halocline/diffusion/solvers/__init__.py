"""Solvers: noise to x_0 in N passes of a denoiser; one file each."""

from halocline.diffusion.solvers.base import AfterStep, Noise, Solver, time_grid, unchanged
from halocline.diffusion.solvers.ddim import DDIM
from halocline.diffusion.solvers.ddpm import DDPM
from halocline.diffusion.solvers.heun import Heun
from halocline.diffusion.solvers.multistep import Multistep
from halocline.runtime.errors import ConfigError, did_you_mean

SOLVERS: dict[str, type[DDPM] | type[DDIM] | type[Heun] | type[Multistep]] = {
    "ddpm": DDPM,
    "ddim": DDIM,
    "heun": Heun,
    "multistep": Multistep,
}


def make_solver(name: str) -> Solver:
    """Return the solver called ``name``.

    Raises:
        ConfigError: If there is none.
    """
    if name not in SOLVERS:
        raise ConfigError(
            f"solver '{name}'",
            found="no such solver",
            expected="a solver's name",
            remedy=did_you_mean(name, SOLVERS),
        )
    return SOLVERS[name]()


__all__ = [
    "DDIM",
    "DDPM",
    "SOLVERS",
    "AfterStep",
    "Heun",
    "Multistep",
    "Noise",
    "Solver",
    "make_solver",
    "time_grid",
    "unchanged",
]

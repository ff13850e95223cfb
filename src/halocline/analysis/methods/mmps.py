"""Moment matching posterior sampling: the calibrated one."""

from typing import Any

from halocline.analysis.methods.base import METHODS, Guiding, Settings
from halocline.diffusion.denoiser import Denoiser


class Mmps(Guiding):
    """See diffusion/guided/moment_matching.py."""

    trusts_jacobian = True
    uses: tuple[str, ...] = ("iterations",)

    def guide(self, denoiser: Denoiser, schedule: Any, measured: Any, settings: Settings) -> Denoiser:
        """Return the guided denoiser."""
        from halocline.diffusion.guided.moment_matching import MomentMatching

        return MomentMatching(denoiser, schedule, measured, settings.iterations)


METHODS.register("mmps")(Mmps())

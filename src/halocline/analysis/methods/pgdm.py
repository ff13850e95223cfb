"""Pseudoinverse-guided diffusion (Song et al. 2023): not calibrated, to compare with."""

from typing import Any

from halocline.analysis.methods.base import METHODS, Guiding, Settings
from halocline.diffusion.denoiser import Denoiser


class Pgdm(Guiding):
    """See diffusion/guided/others.py."""

    def guide(self, denoiser: Denoiser, schedule: Any, measured: Any, settings: Settings) -> Denoiser:
        """Return the guided denoiser."""
        from halocline.diffusion.guided.others import PseudoInverse

        return PseudoInverse(denoiser, schedule, measured)


METHODS.register("pgdm")(Pgdm())

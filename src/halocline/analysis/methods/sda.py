"""Score-based data assimilation (Rozet & Louppe 2023): not calibrated, to compare with."""

from typing import Any

from halocline.analysis.methods.base import METHODS, Guiding, Settings
from halocline.diffusion.denoiser import Denoiser


class Sda(Guiding):
    """See diffusion/guided/others.py."""

    uses = ("strength",)

    def guide(self, denoiser: Denoiser, schedule: Any, measured: Any, settings: Settings) -> Denoiser:
        """Return the guided denoiser."""
        from halocline.diffusion.guided.others import ScoreAssimilation

        return ScoreAssimilation(denoiser, schedule, measured, 0.1 if settings.strength is None else settings.strength)


METHODS.register("sda")(Sda())

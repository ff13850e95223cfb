"""Two power-function averages of the weights, and after training any other: the one with the least validation error."""

import copy
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from halocline.training.averages.ema import Judge
from halocline.training.averages.power_profile import coefficients, decay, exponent
from halocline.training.averages.snapshots import read_snapshots, snapshot_steps, write_snapshot

KEPT = {"average": 0.05, "average_wide": 0.10}
"""sigma_rel of the averages that are kept, by the prefix of their weights in a checkpoint."""
CANDIDATES = (0.03, 0.05, 0.075, 0.10, 0.15, 0.20)
"""sigma_rel that are compared after training."""


class PowerAverages:
    """Keeps averages of KEPT, writes snapshots of both, and reconstructs others from them by least squares.

    Source: Karras et al. 2024, arXiv 2312.02696, section 3.

    Args:
        trained: The network that is trained.
        steps: Steps of the whole training.
        snapshots: How many snapshots are written, evenly spread, the last one at the end.
    """

    def __init__(self, trained: nn.Module, steps: int, snapshots: int) -> None:
        self.modules: Mapping[str, nn.Module] = {
            prefix: copy.deepcopy(trained).requires_grad_(False) for prefix in KEPT
        }
        self.module = self.modules["average"]
        self._theirs: list[Tensor] = list(trained.parameters())
        self._ours: dict[str, list[Tensor]] = {prefix: list(m.parameters()) for prefix, m in self.modules.items()}
        self._steps = steps
        self._due = snapshot_steps(steps, snapshots)

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move both averages towards the trained weights after step number ``step``."""
        for prefix, sigma_rel in KEPT.items():
            torch._foreach_lerp_(self._ours[prefix], self._theirs, 1.0 - decay(step, exponent(sigma_rel)))

    def keep(self, folder: Path, done: int) -> None:
        """Write a snapshot after ``done`` steps, if one is due."""
        if done in self._due:
            write_snapshot(folder, done, self.modules)

    def chosen(self, folder: Path, judge: Judge) -> tuple[nn.Module, dict[str, float]]:
        """Return the average of the candidate that is judged best, and its figures with ``ema_sigma_rel``.

        Raises:
            ModelError: If a snapshot is missing.
        """
        found = {sigma_rel: judge.validate(self.fill(folder, sigma_rel)) for sigma_rel in CANDIDATES}
        best = min(found, key=lambda sigma_rel: judge.error(found[sigma_rel]))
        return self.fill(folder, best), found[best] | {"ema_sigma_rel": best}

    @torch.no_grad()
    def fill(self, folder: Path, sigma_rel: float) -> nn.Module:
        """Put the average of a width, as of the end of training, into ``module`` and return it.

        Args:
            folder: Where the snapshots are.
            sigma_rel: Relative width, from about 0.02 to 0.25.

        Raises:
            ModelError: If a snapshot is missing.
        """
        t = np.repeat(np.array(self._due, float), len(KEPT))
        gamma = np.tile([exponent(kept) for kept in KEPT.values()], len(self._due))
        share = coefficients(t, gamma, float(self._steps), exponent(sigma_rel)).reshape(len(self._due), len(KEPT))
        total = {name: torch.zeros(p.shape, dtype=torch.float64) for name, p in self.module.named_parameters()}
        for row, tensors in zip(share, read_snapshots(folder, self._due), strict=True):
            for weight, prefix in zip(row.tolist(), KEPT, strict=True):
                for name, value in total.items():
                    value.add_(tensors[f"{prefix}.{name}"].double(), alpha=weight)
        for name, parameter in self.module.named_parameters():
            parameter.copy_(total[name])
        return self.module

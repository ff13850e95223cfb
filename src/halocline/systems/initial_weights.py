"""Initial weights as a function of (seed, purpose)."""

from dataclasses import dataclass

import torch

from halocline.runtime import keyed


@dataclass
class keyed_initialisation:
    """Draw initial weights from a generator of their own, leaving PyTorch's global one as it was."""

    seed: int
    purpose: str

    def __enter__(self) -> None:
        self._fork = torch.random.fork_rng(devices=[])
        self._fork.__enter__()
        torch.manual_seed(int(keyed.generator(self.seed, "initial-weights", self.purpose).integers(2**62)))

    def __exit__(self, *exception: object) -> None:
        self._fork.__exit__(None, None, None)

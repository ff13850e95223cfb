"""A training run: where its stages lie, what they were trained to."""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from halocline.runtime.device import Compute
from halocline.runtime.errors import ConfigError
from halocline.runtime.ranks import Ranks
from halocline.systems.initial import Initial
from halocline.systems.weights import require_room_to_train
from halocline.training.loop import Task, fit
from halocline.training.room import require_room_to_pass
from halocline.training.settings import TrainingSettings


@dataclass(eq=False)
class TrainingRun:
    """Trains stages one after the other; a stage that is done is read from its checkpoint.

    Attributes:
        work: Folder of the unfinished training.
        compute: Device and precision.
        quiet: Show no progress.
        initial: The model whose weights the stages start from; None for fresh ones.
        ranks: The processes that train together; the first one alone writes.
        share_packed: Whether packed records stay beside the store for other trainings.
        weights: Trained tensors so far, each with its stage's name before the first dot.
        metrics: Validation figures by stage.
    """

    work: Path
    compute: Compute
    quiet: bool = False
    initial: Initial | None = None
    ranks: Ranks = field(default_factory=Ranks)
    share_packed: bool = False
    weights: dict[str, torch.Tensor] = field(default_factory=dict)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)

    def fit(self, task: Task, settings: TrainingSettings) -> nn.Module:
        """Train a stage, from the initial model's weights if it has some, and return its averaged module."""
        if self.initial is not None and self.initial.has(task.name):
            self.initial.fill(task.module, task.name)
        require_room_to_train(task.name, task.module)
        require_room_to_pass(task, settings.batch, self.compute, self.ranks)
        module, self.metrics[task.name] = fit(
            task, settings, self.work / task.name, self.compute, ranks=self.ranks, quiet=self.quiet
        )
        self.weights |= {f"{task.name}.{key}": value for key, value in module.named_parameters()}
        return module

    def keep(self, stage: str, module: nn.Module) -> nn.Module:
        """Take a stage over from the initial model, untrained, and return its module."""
        assert self.initial is not None
        self.initial.fill(module, stage)
        self.metrics[stage] = dict(self.initial.card.get("metrics", {}).get(stage, {}))
        self.weights |= {f"{stage}.{key}": value for key, value in module.named_parameters()}
        return module

    def latent_moments(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and standard deviation (z, 1, 1) of the initial model's latents."""
        assert self.initial is not None
        return self.initial.weights["latent.mean"], self.initial.weights["latent.std"]

    def seed(self, seed: int) -> int:
        """Return the seed of what is drawn in training: the recipe's, or another one for weights that have seen it."""
        return seed if self.initial is None else self.initial.seed(seed)

    def compile(self, network: nn.Module) -> None:
        """Have a network's blocks compiled at their first call, if the user wants it.

        Raises:
            ConfigError: If the network has no blocks to compile.
        """
        if self.compute.compiled:
            compile_network(network)

    def parameters(self) -> dict[str, int]:
        """Return the number of trained parameters by stage."""
        sizes = {name: value.numel() for name, value in self.weights.items()}
        return {stage: sum(n for k, n in sizes.items() if k.startswith(f"{stage}.")) for stage in self.metrics}


def compile_network(network: nn.Module) -> None:
    """Have a network's blocks compiled at their first call.

    Raises:
        ConfigError: If it has none.
    """
    compile_blocks = getattr(network, "compile_blocks", None)
    if compile_blocks is None:
        raise ConfigError(
            "--compile",
            found=f"a network '{type(network).__name__}' that cannot be compiled block by block",
            expected="a transformer or a U-Net",
            remedy="Leave --compile out.",
        )
    compile_blocks()

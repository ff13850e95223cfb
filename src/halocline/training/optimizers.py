"""The optimisers of one network: AdamW for all of it, or Muon for what its blocks hold and AdamW for the rest."""

from collections.abc import Sequence

from torch import nn
from torch.optim import AdamW, Muon, Optimizer

from halocline.training.kernel_muon import KernelMuon
from halocline.training.settings import TrainingSettings

_KERNELS = "kernels"


def make_optimizers(module: nn.Module, settings: TrainingSettings) -> tuple[Optimizer, ...]:
    """Return optimisers that own every parameter of ``module`` once.

    Muon moves a matrix by the nearest orthogonal one to its momentum, scaled to the size of AdamW's steps, so that one
    learning rate serves both. It is for hidden layers: what reads the input, writes the output, or maps time and
    labels is AdamW's.

    Source: Jordan et al. 2024 (Muon); Liu et al. 2025, arXiv 2502.16982 (the scaling).
    """
    blocks = [part for part in module.modules() if isinstance(part, nn.ModuleList) and settings.optimizer != "adamw"]
    inside = {id(p) for part in blocks for p in part.parameters()}
    matrices = [p for p in module.parameters() if id(p) in inside and p.ndim == 2 and min(p.shape) > 2]
    kernels = (
        [p for p in module.parameters() if id(p) in inside and p.ndim == 4] if _KERNELS in settings.optimizer else []
    )
    hidden = {id(p) for p in (*matrices, *kernels)}
    rest = [p for p in module.parameters() if id(p) not in hidden]
    rate, decay = settings.learning_rate, settings.weight_decay
    decayed = {"params": [p for p in rest if p.ndim > 1], "weight_decay": decay}
    plain = {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0}
    made: list[Optimizer] = [AdamW([decayed, plain], lr=rate, betas=(0.9, settings.beta2), fused=True)]
    if kernels:
        made.insert(0, KernelMuon(kernels, lr=rate, weight_decay=decay))
    if matrices:
        made.insert(0, Muon(matrices, lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw"))
    return tuple(made)


def set_rate(optimizers: Sequence[Optimizer], rate: float) -> None:
    """Set the learning rate of all of them."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate

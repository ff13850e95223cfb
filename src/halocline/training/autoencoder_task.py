"""Training the autoencoder: ELBO with a Gaussian or a censored-Gaussian likelihood over wet cells."""

import numpy as np
import torch
from torch import Tensor, nn

from halocline.data.sampling.part import WHOLE, Part
from halocline.data.sampling.samples import BatchOrder, Samples
from halocline.diffusion.likelihoods import LIKELIHOODS, Likelihood
from halocline.nn.autoencoder import Autoencoder
from halocline.runtime.noise.device import NoiseKind, Pending, batch_noise
from halocline.training.batches import require_room, spread


class AutoencoderTask:
    """loss = (sum of -ln p(x|z) over wet cells of all variables + beta * KL) / ocean cells.

    The KL is summed over the latent numbers and divided by the number of ocean cells (wet at the surface), like the
    likelihood, so that beta = 1 is the evidence lower bound. Dry cells of a level count nowhere.

    Source: Finn et al. 2024 (arXiv 2406.18417), section on the censored autoencoder; Kingma & Welling 2014.

    Args:
        module: The autoencoder.
        train: Training samples.
        validation: Validation samples.
        likelihood: ``gaussian`` or ``censored``.
        bounds: (lower, upper) in network space, each (variable,).
        mask: Where the likelihood counts (1 or variable, y, x), 1 or 0.
        beta: Weight of the KL.
        batch: Samples a step.
        seed: The run's seed.
        device: Where batches go.
        noise: Where the noise comes from.
    """

    name = "autoencoder"

    def __init__(
        self,
        module: Autoencoder,
        train: Samples,
        validation: Samples,
        *,
        likelihood: Likelihood,
        bounds: tuple[np.ndarray, np.ndarray],
        mask: np.ndarray,
        beta: float,
        batch: int,
        seed: int,
        device: torch.device,
        noise: NoiseKind = "keyed",
    ) -> None:
        self.module, self._noise = module, noise
        self._train, self._seed, self._device, self._beta = train, seed, device, beta
        self._mask = torch.from_numpy(mask).to(device)
        self._latent = (module.latent, *module.latent_mask.shape[-2:])
        self._nll = LIKELIHOODS[likelihood]
        self._lower, self._upper = (torch.as_tensor(b, device=device)[:, None, None] for b in bounds)
        self._validation = torch.from_numpy(validation.take(spread(len(validation))))
        require_room(batch, self._validation.shape[1:])
        self._batch, self._order = batch, BatchOrder(len(train), batch, seed)

    def batch(self, step: int, part: Part = WHOLE) -> tuple[Tensor, Tensor | Pending]:
        """Return the fields of a part of a step and the noise of their latents."""
        x = torch.from_numpy(self._train.take(self._order.numbers(step)[part.slice(self._batch)]))
        shape = (self._batch, *self._latent)
        return x, batch_noise(self._noise, part.slice(self._batch), self._seed, shape, "autoencoder-noise", step)

    def counts(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """Return the ocean cells of a batch (1,)."""
        return self.module.maps[:1].sum()[None] * len(batch[0])

    def loss(self, batch: tuple[Tensor, Tensor], whole: Tensor | None = None) -> Tensor:
        """Return the loss of a batch, or of a part of one with ``whole`` ocean cells (1,) in all."""
        x, eps = (part.to(self._device, non_blocking=True) for part in batch)
        model = self.module
        posterior = model.encode(x)
        location = model.decode(posterior.sample(eps))
        wet = (self.counts(batch) if whole is None else whole)[0]
        log_scale = model.log_scale.clamp(min=-6.0)[:, None, None]
        nll = (self._nll(x, location, log_scale, self._lower, self._upper) * self._mask).sum() / wet
        kl = (posterior.kl() * model.latent_mask).sum() / wet
        return nll + self._beta * kl

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return reconstruction RMSE per variable (network space, clipped, wet cells) and the KL per ocean cell."""
        assert isinstance(module, Autoencoder)
        squared, kl = torch.zeros(len(module.log_scale)), 0.0
        for x in self._validation.split(32):
            x = x.to(self._device)
            posterior = module.encode(x)
            decoded = torch.clamp(module.decode(posterior.mean), self._lower, self._upper)
            squared += ((decoded - x) ** 2 * self._mask).sum(dim=(0, 2, 3)).cpu()
            kl += float((posterior.kl() * module.latent_mask).sum())
        cells = self._mask.expand(len(squared), -1, -1).sum(dim=(1, 2)).cpu() * len(self._validation)
        rmse = (squared / cells.clamp(min=1.0)).sqrt()
        wet = float(module.maps[:1].sum()) * len(self._validation)
        return {f"rmse_{k}": float(v) for k, v in enumerate(rmse)} | {"kl": kl / wet}

    def error(self, figures: dict[str, float]) -> float:
        """Return the mean of the variables' RMSE."""
        return float(np.mean([value for name, value in figures.items() if name.startswith("rmse_")]))

"""The noise of a batch: made on the host, or where it is needed."""

import torch
from torch import Tensor

from halocline.data.sampling.part import Part
from halocline.runtime import keyed
from halocline.runtime.keyed import Key
from halocline.runtime.noise.device import NoiseKind, Pending


def batch_noise(
    kind: NoiseKind, part: Part, samples: int, seed: int, shape: tuple[int, ...], *key: Key
) -> Tensor | Pending:
    """Return a part's standard normal noise of a batch.

    ``philox`` travels as its key and is made on the device, for the samples of the part alone; ``keyed`` is drawn here,
    for all of the batch.

    Args:
        kind: Which generator.
        part: The part.
        samples: Samples of the batch.
        seed: The run's seed.
        shape: Of the batch's noise, (sample, channel, y, x) or (member, sample, channel, y, x).
        *key: Purpose and step.
    """
    if kind == "philox":
        return Pending(seed, key, tuple(shape), part.slice(samples))
    return torch.from_numpy(part.of_noise(keyed.normal(seed, shape, *key), samples))

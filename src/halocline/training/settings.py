"""Settings of one training stage."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ADAPTING_SAMPLES = 4000
ADAPTING_RATE = 3e-4


def truth_is_no_number(section: type[BaseModel], raw: Any) -> Any:
    """Return the raw values of a section unless true or false stands where a number, or a list of them, belongs."""
    for name, value in raw.items() if isinstance(raw, Mapping) else ():
        values = value if isinstance(value, (list, tuple)) else [value]
        if not any(isinstance(each, bool) for each in values):
            continue
        field = section.model_fields.get(name)
        if field is not None and "bool" not in str(field.annotation):
            raise ValueError(f"{name}: a number or a word, and not true or false")
    return raw


class TrainingSettings(BaseModel):
    """How long and how fast one network is trained.

    Attributes:
        samples: Training samples seen in all; steps = samples / batch.
        batch: Samples a step.
        optimizer: ``adamw``; ``muon`` for the matrices of the blocks and AdamW for the rest; or ``muon-kernels``, Muon
            for the kernels of convolutions too.
        learning_rate: Peak learning rate.
        weight_decay: Decoupled decay, on matrices and kernels only.
        warmup: Share of the steps in which the rate rises linearly.
        cooldown: Share of the steps, at the end, in which the rate falls linearly to 0.
        decay: ``linear`` as above, or ``cosine``: half a cosine from the peak to 0 over all steps, cooldown ignored.
        beta2: AdamW's decay of the squared gradient.
        ema: Decay of the exponential moving average of the weights (reached gradually); 0 for none.
        ema_profile: ``exponential``; or ``power``: averages whose width is chosen after training, by the validation
            error (training/averages/power_averages.py), ``ema`` ignored.
        ema_snapshots: Snapshots of ``power`` in the training's folder, each twice the size of the weights.
        noise: ``keyed``, drawn on the host; ``philox``, made on the device: other numbers of the same statistics, and
            nothing crosses the bus (runtime/noise).
        clip: Largest gradient norm.
        checkpoint_every: Steps between checkpoints.
        validate_every: Steps between validations, each on the same 128 fields, or 64 patches, of the validation years.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    added: ClassVar[frozenset[str]] = frozenset({"ema_profile", "ema_snapshots", "noise"})

    samples: int = Field(gt=0, le=10**12)
    batch: int = Field(default=32, gt=0, le=10**6)
    optimizer: Literal["adamw", "muon", "muon-kernels"] = "adamw"
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.05, ge=0, le=1)
    cooldown: float = Field(default=0.3, ge=0, le=1)
    decay: Literal["linear", "cosine"] = "linear"
    beta2: float = Field(default=0.99, gt=0, lt=1)
    ema: float = Field(default=0.999, ge=0, lt=1)
    ema_profile: Literal["exponential", "power"] = "exponential"
    ema_snapshots: int = Field(default=16, ge=4, le=1000)
    noise: Literal["keyed", "philox"] = "keyed"
    clip: float = Field(default=1.0, gt=0)
    checkpoint_every: int = Field(default=500, gt=0)
    validate_every: int = Field(default=500, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, raw: Any) -> Any:
        return truth_is_no_number(cls, raw)

    def adapting(self) -> "TrainingSettings":
        """Return the same training as it goes on from trained weights on other data: shorter and slower.

        Numbers by docs/howto/adapt.md.
        """
        rate = min(self.learning_rate, ADAPTING_RATE)
        return self.model_copy(update={"samples": min(self.samples, ADAPTING_SAMPLES), "learning_rate": rate})

    @property
    def steps(self) -> int:
        """Number of optimiser steps."""
        return max(1, self.samples // self.batch)

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: warm-up, then ``decay``; a function of the step alone."""
        rise = (step + 1) / max(1.0, self.warmup * self.steps)
        if self.decay == "cosine":
            return self.learning_rate * min(1.0, rise) * 0.5 * (1.0 + math.cos(math.pi * step / self.steps))
        fall = (self.steps - step) / max(1.0, self.cooldown * self.steps)
        return self.learning_rate * min(1.0, rise, fall)

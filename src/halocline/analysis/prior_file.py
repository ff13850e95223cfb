"""Members of a prior that were drawn before."""

from pathlib import Path

import numpy as np
import xarray as xr

from halocline.chain.generator import Generator
from halocline.data.fields.layout import Layout
from halocline.data.files.open import read_dataset
from halocline.runtime.errors import InputError


def read_prior(prior: Path | str | xr.Dataset, model: Generator, members: int) -> np.ndarray:
    """Return states (member, channel, y, x) of a file that the same model has drawn.

    Raises:
        InputError: If they are of another grid or model, or too few.
    """
    dataset = prior if isinstance(prior, xr.Dataset) else read_dataset(prior)
    name = "the prior" if isinstance(prior, xr.Dataset) else str(prior)
    layout = Layout.from_channels(model.codec.channels)
    missing = [field.name for field in layout if field.name not in dataset]
    if missing or dataset.sizes.get("member", 0) < members:
        raise InputError(
            name,
            found=f"no {', '.join(missing)}" if missing else f"{dataset.sizes.get('member', 0)} members",
            expected=f"{members} members of {', '.join(layout.names)}, as halocline generate draws them",
            remedy="Draw them with the same model: halocline generate MODEL --members N --out PRIOR.nc",
        )
    parts = []
    for field in layout:
        dims = ("member", "y", "x") if field.levels is None else ("member", "depth", "y", "x")
        values = dataset[field.name].transpose(*dims).values[:members]
        parts.append(values[:, None] if field.levels is None else values)
    states = np.concatenate(parts, axis=1).astype(np.float32)
    own, theirs = model.grid.to_dataset().attrs["grid_fingerprint"], dataset.attrs.get("grid_fingerprint")
    if states.shape[-2:] != model.grid.shape or (theirs is not None and theirs != own):
        raise InputError(
            f"grid of {name}",
            found=f"{states.shape[-2]} x {states.shape[-1]} cells of {dataset.attrs.get('grid', 'another grid')}",
            expected=f"the model's: {model.grid.name}",
            remedy="Draw the prior with the same model.",
        )
    return states

"""Thickness categories: the sum over them is the value of the cell."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from halocline.bridge.sources._completed import done


def sum_categories(dataset: xr.Dataset, names: Mapping[str, str], dims: Sequence[str]) -> xr.Dataset:
    """Return the dataset with a per-category field summed under the name of the whole.

    Args:
        dataset: With fields of areas or volumes per area of the cell, such as ``a_i`` or ``aicen``.
        names: Name of the sum by name of the per-category field; a sum that is already there stays.
        dims: Names that the dimension of categories goes by.
    """
    for theirs, whole in names.items():
        if theirs not in dataset.data_vars:
            continue
        dim = next((d for d in dims if d in dataset[theirs].dims), None)
        if dim is not None and (whole == theirs or whole not in dataset.data_vars):
            field = dataset[theirs]
            total = field.sum(dim, skipna=True).where(field.notnull().any(dim)).assign_attrs(field.attrs)
            total = done(total.astype(np.result_type(field.dtype, np.float32)), f"{field.sizes[dim]} categories summed")
            dataset = dataset.drop_vars(theirs).assign({whole: total})
    return dataset

"""Dimensions that XIOS 3 of NEMO 5.0 names twice: ``x_grid_T`` and ``x_grid_T_3D_inner`` are one where equally long."""

import xarray as xr

from halocline.data.reading.names import coordinate_names


def join_inner(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with the dimensions ``*_inner`` under the name of the others, where there are others."""
    main = {}
    for role in ("depth", "y", "x"):
        main[role] = next(
            (d for d in map(str, dataset.dims) if not d.endswith("_inner") and d.lower() in coordinate_names(role)),
            None,
        )
    renames = {}
    for dim in (str(d) for d in dataset.dims if str(d).endswith("_inner")):
        other = main[dim[0] if dim[:2] in ("y_", "x_") else "depth"]
        if other is not None and dataset.sizes[dim] == dataset.sizes[other]:
            renames[dim] = other
    dataset = dataset.drop_vars([n for n, v in dataset.variables.items() if n in renames])
    dataset = dataset.drop_vars([n for n in dataset.coords if set(dataset[n].dims) & set(renames)])
    for name, variable in {n: v for n, v in dataset.variables.items() if set(v.dims) & set(renames)}.items():
        dims = [renames.get(str(d), d) for d in variable.dims]
        dataset = dataset.drop_vars([name]).assign({name: xr.Variable(dims, variable._data, variable.attrs)})
    return dataset

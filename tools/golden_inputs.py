"""Inputs of tools/golden.py that no command of Halocline makes."""

import shutil
from pathlib import Path

import numpy as np
import xarray as xr


def broken_ice(states: Path, out: Path) -> None:
    """Write sea-ice states beyond their bounds, with more than one ice mask: states with noise."""
    rng = np.random.default_rng(0)
    with xr.open_dataset(states) as dataset:
        dataset = dataset.load()
    for name, size in {"sit": 0.1, "sic": 0.1, "sid": 0.1, "siu": 0.01, "siv": 0.01}.items():
        dataset[name] = dataset[name] + (size * rng.standard_normal(dataset[name].shape)).astype(np.float32)
    dataset.to_netcdf(out)


def nemo_states(data: Path, inputs: Path) -> None:
    """Copy NEMO's restart and mesh, and write the restart's water as states: dino4.nc."""
    restart, mesh = data / "DINO4_00005760_restart.nc", data / "mesh_mask_4deg.nc"
    for file in (restart, mesh):
        shutil.copy(file, inputs / file.name)
    with xr.open_dataset(restart, decode_times=False) as r, xr.open_dataset(mesh, decode_times=False) as m:
        wet = m["tmask"].values[0] > 0
        dims = ("depth", "y", "x")
        fields = {
            "thetao": (dims, np.where(wet, r["tn"].values[0], np.nan), {"units": "degC"}),
            "so": (dims, np.where(wet, r["sn"].values[0], np.nan), {"units": "1e-3"}),
            "zos": (("y", "x"), np.where(wet[0], r["sshn"].values[0], np.nan), {"units": "m"}),
            "e3t": (dims, m["e3t_0"].values[0], {"units": "m"}),
            "area": (("y", "x"), (m["e1t"] * m["e2t"]).values[0], {"units": "m2"}),
        }
        depth = ("depth", m["gdept_1d"].values[0], {"units": "m", "positive": "down"})
        xr.Dataset(fields, coords={"depth": depth}).to_netcdf(inputs / "dino4.nc")

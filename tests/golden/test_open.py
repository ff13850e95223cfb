"""What version 0.1.0 wrote still opens, and its models draw what they drew (README.md tells how it was made)."""

import sys
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

import halocline
from halocline.cli import main

HERE = Path(__file__).parent
ICE = ["sit", "sic", "sid", "siu", "siv"]
FP32 = ["--device", "cpu", "--precision", "fp32", "--quiet"]


@pytest.fixture
def typed(monkeypatch, tmp_path):
    """Run the command line with words in which OUT is a new path; return that path."""

    def run(*words, out=""):
        path = tmp_path / out
        monkeypatch.setattr(sys, "argv", ["halocline", *(str(path) if w == "OUT" else str(w) for w in words)])
        with pytest.raises(SystemExit) as done:
            main()
            raise SystemExit(0)
        assert done.value.code in (0, None)
        return path

    return run


def raw(path):
    return (xr.open_zarr(path, consolidated=False, decode_times=False, chunks=None) if path.suffix == ".zarr"
            else xr.open_dataset(path, decode_times=False)).load()  # fmt: skip


def assert_same(made, expected, names):
    """Equal to rounding: other processors and libraries sum in another order."""
    for name in names:
        assert np.nanstd(expected[name]) > 0, name
        np.testing.assert_allclose(made[name], expected[name], rtol=1e-4, atol=1e-5, err_msg=name)

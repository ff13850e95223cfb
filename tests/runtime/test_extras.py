"""Optional packages: without them the core works, and what needs one says which extra brings it."""

import subprocess
import sys

import pytest

from halocline.runtime.errors import MissingExtraError
from halocline.runtime.extras import EXTRAS, extra_of, require_extra

# As where the wheel alone is installed: these modules cannot be imported.
BLOCKED = """
import sys
for name in ("numba", "llvmlite", "matplotlib", "cmocean", "jinja2", "PIL", "veros", "jax"):
    sys.modules[name] = None
sys.argv = ["halocline", *sys.argv[1:]]
from halocline.cli import main
main()
"""


def bare(*arguments):
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, *map(str, arguments)], capture_output=True, text=True, timeout=600
    )


def test_help_needs_no_extra():
    assert bare("--help").returncode == 0


@pytest.mark.parametrize("model", ["arctic-100km", "dino-R4"])
def test_shipped_models_draw_the_same_bits_with_the_wheel_alone(model, tmp_path):
    import xarray as xr

    done = bare("generate", model, "--members", 1, "--steps", 2, "--out", tmp_path / "bare.nc")
    assert done.returncode == 0, done.stderr
    words = ["generate", model, "--members", "1", "--steps", "2", "--out", tmp_path / "full.nc"]
    done = subprocess.run([sys.executable, "-m", "halocline", *words], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(tmp_path / "bare.nc") as one, xr.open_dataset(tmp_path / "full.nc") as two:
        assert one.equals(two)


def test_the_arctic_world_names_its_extra(tmp_path):
    done = bare("simulate", "arctic", "--out", tmp_path / "D.zarr")
    assert done.returncode == 2, done.stderr
    assert "halocline[simulate]" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_module_that_is_absent_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(EXTRAS, "simulate", ("numba", "no_such_module"))
    with pytest.raises(MissingExtraError, match=r"no_such_module.*halocline\[simulate\]"):
        require_extra("simulate", "simulating")
    assert extra_of("matplotlib.figure") == "report"
    assert extra_of("numpy") is None

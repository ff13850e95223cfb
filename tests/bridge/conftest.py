import pytest

from halocline.bridge.nemo.dates import Calendar
from halocline.bridge.nemo.mesh import read_mesh
from halocline.bridge.nemo.restart import write_restart
from halocline.data.files.ocean import ocean_states
from tests.bridge.nemo.toy_nemo import write_mesh, write_template
from tests.ocean_toy import toy_ocean_dataset


@pytest.fixture
def mesh_path(tmp_path):
    return write_mesh(tmp_path / "mesh_mask.nc")


@pytest.fixture
def mesh(mesh_path):
    return read_mesh(mesh_path)


@pytest.fixture
def template_path(tmp_path):
    return write_template(tmp_path / "template.nc")


@pytest.fixture
def ocean():
    return ocean_states(toy_ocean_dataset())


@pytest.fixture
def restart(tmp_path, mesh_path, ocean):
    """A sound restart made from the mesh."""
    write_restart(ocean, mesh_path, tmp_path / "restart_start.nc", calendar=Calendar(2700.0))
    return tmp_path / "restart_start.nc"

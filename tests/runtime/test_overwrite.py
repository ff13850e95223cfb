"""Replacing an older output: never by default, never half, never something of another kind."""

import pytest

from halocline.runtime.errors import OutputError
from halocline.runtime.overwrite import replacing


def model(path, name):
    path.mkdir()
    (path / "card.json").write_text(name)


def test_nothing_there_or_not_asked_for_gives_the_path_itself(tmp_path):
    with replacing(tmp_path / "M", "a model", overwrite=True) as target:
        assert target == tmp_path / "M"
    model(tmp_path / "M", "old")
    with replacing(tmp_path / "M", "a model", overwrite=False) as target:
        assert target == tmp_path / "M"


def test_a_folder_is_replaced_when_the_block_succeeds_and_kept_when_it_fails(tmp_path):
    out = tmp_path / "M"
    model(out, "old")
    with pytest.raises(FileExistsError), replacing(out, "a model", overwrite=True) as target:
        [model(path, "half") for path in (target, target)]
    assert (out / "card.json").read_text() == "old"
    with replacing(out, "a model", overwrite=True) as again:
        assert again == target, "what can be continued is found again"
        (again / "card.json").write_text("new")
        assert (out / "card.json").read_text() == "old"
    assert (out / "card.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["M"]


def test_a_file_takes_the_place_of_a_folder_of_states_and_back(tmp_path):
    out = tmp_path / "s.zarr"
    out.mkdir()
    (out / "zarr.json").write_text('{"node_type": "group"}')
    with replacing(out, "a file of states", overwrite=True) as target:
        target.write_text("states")
    assert out.read_text() == "states"
    with replacing(out, "a file of states", overwrite=True) as target:
        target.mkdir()
    assert out.is_dir()


@pytest.mark.parametrize("kind", ["a file", "a file of states", "a forecast", "a model", "a report"])
def test_a_state_store_and_other_peoples_folders_are_never_replaced(tmp_path, kind):
    store = tmp_path / "D.zarr"
    store.mkdir()
    (store / "zarr.json").write_text('{"node_type": "group", "attributes": {"halocline_store": 1}}')
    home = tmp_path / "home"
    home.mkdir()
    for out in (store, home):
        with pytest.raises(OutputError, match="something else"), replacing(out, kind, overwrite=True):
            pytest.fail("would be replaced")
    assert (store / "zarr.json").is_file()

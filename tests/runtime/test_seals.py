"""Seals: what fits opens, what was changed is told, what a kill leaves in between fits, and copies have none."""

import json
import shutil

import netCDF4
import numpy as np
import pytest
import xarray as xr

from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.log import JsonLines
from halocline.runtime.seals import zarr_group
from halocline.runtime.seals.arrays import read_arrays, read_npz, write_arrays
from halocline.runtime.seals.file_end import check_file, is_sealed, seal_file
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.runtime.seals.zarr_group import change_attributes, check_seal, seal_folder, settle_seal


@pytest.fixture
def group(tmp_path):
    path = tmp_path / "g.zarr"
    field = xr.Dataset({"a": (("t", "x"), np.arange(6.0).reshape(2, 3))}, {"x": [0, 1, 2]}, {"grid": "toy"})
    field.to_zarr(path, zarr_format=3, consolidated=False)
    seal_folder(path, ["a"], whole=True)
    return path


def test_a_group_fits_and_every_file_counts(group):
    assert check_seal(group, whole=True) is not None
    for file in sorted(p for p in group.rglob("*") if p.is_file()):
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        if b'"seal"' in content and json.loads(content) == _json(file):
            continue
        with pytest.raises(InputError):
            check_seal(group, whole=True)
        file.write_bytes(content)
    (group / "x" / "more").write_bytes(b"1")
    with pytest.raises(InputError, match="not written with it"):
        check_seal(group, whole=True)


def test_a_seal_is_the_same_bytes_in_whatever_order_arrays_are_named(group):
    """Zarr lists the arrays of a group as they come."""
    seals = []
    for bulk in (["a", "x"], ["x", "a"]):
        seal_folder(group, bulk, whole=True)
        seals.append((group / "seal" / "zarr.json").read_bytes())
    assert seals[0] == seals[1]


def _json(file):
    try:
        return json.loads(file.read_bytes())
    except ValueError:
        return None


def test_a_kill_while_attributes_change_leaves_a_group_that_fits(group, monkeypatch):
    writes, real = [], files.write_bytes

    def stop_at(limit):
        def write(path, data):
            if len(writes) == limit:
                raise KeyboardInterrupt
            writes.append(path)
            real(path, data)

        return write

    for limit in range(3):
        writes.clear()
        monkeypatch.setattr(files, "write_bytes", stop_at(limit))
        with pytest.raises(KeyboardInterrupt):
            change_attributes(group, {"complete": limit})
        monkeypatch.undo()
        assert check_seal(group, whole=True) is not None
        settle_seal(group)
        assert len(check_seal(group, whole=True)["heads"]["zarr.json"]) == 1
    change_attributes(group, {"complete": True}, whole=["a"])
    assert json.loads((group / "zarr.json").read_bytes())["attributes"] == {"grid": "toy", "complete": True}
    assert check_seal(group, whole=True)["heads"]["zarr.json"][1:] == []


def test_a_copy_by_another_program_has_no_seal(group, tmp_path):
    xr.open_zarr(group, consolidated=False).assign(a=lambda d: 2 * d["a"]).to_zarr(tmp_path / "h.zarr", zarr_format=3)
    assert check_seal(tmp_path / "h.zarr") is None
    shutil.rmtree(group / zarr_group.SEAL)
    assert check_seal(group, whole=True) is None


def test_a_file_carries_its_seal_until_it_is_written_to(tmp_path):
    path = tmp_path / "a.nc"
    xr.Dataset({"a": ("x", np.arange(4.0))}).to_netcdf(path)
    seal_file(path)
    assert is_sealed(path)
    check_file(path)
    assert float(xr.load_dataset(path)["a"].sum()) == 6
    content = path.read_bytes()
    for place in (0, len(content) // 2, len(content) - 20):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        with pytest.raises(InputError, match="checksum"):
            check_file(path)
    path.write_bytes(content)
    with netCDF4.Dataset(path, "a") as file:
        file["a"][0] = 5.0
    assert not is_sealed(path)


def test_json_holds_its_own_sum_and_old_json_opens(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"step": 7, "rate": 0.1, "names": ["a"]})
    assert read_json(path, "record") == {"step": 7, "rate": 0.1, "names": ["a"]}
    text = path.read_text()
    for old, new in (('"step": 7', '"step": 6'), ('"seal"', '"sebl"'), ('"sha256"', '"sha257"')):
        path.write_text(text.replace(old, new))
        with pytest.raises(InputError, match="checksum"):
            read_json(path, "record")
    for wrong in ("[]", "null", "{", ""):
        path.write_text(wrong)
        with pytest.raises(InputError):
            read_json(path, "record")
    path.write_text('{"step": 7}')
    assert read_json(path, "record") == {"step": 7}


def test_lines_are_told_one_by_one(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"day": 0}\n')  # by an older version
    for day in (1, 2):
        JsonLines(path).write({"day": day})
    with open(path, "a") as file:
        file.write('{"day": 3')  # a kill
    assert [r["day"] for r in JsonLines(path).records()] == [0, 1, 2]
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:1], lines[1].replace("1", "4", 1), lines[2]]) + "\n")
    with pytest.raises(InputError, match="line 2"):
        JsonLines(path).records()
    path.write_text("\n".join([lines[1], lines[0]]) + "\n")
    with pytest.raises(InputError, match="line 2"):
        JsonLines(path).records()


def test_arrays_hold_their_own_sum_and_equal_ones_are_equal_bytes(tmp_path):
    arrays = {"b": np.arange(3), "a": np.eye(2, dtype=np.float32)}
    for name in ("x", "y"):
        write_arrays(tmp_path / name, arrays, {"version": "1", "grid": "toy"})
    content = (tmp_path / "x").read_bytes()
    assert content == (tmp_path / "y").read_bytes()
    found, notes, sealed = read_arrays(tmp_path / "x", "restart")
    np.testing.assert_array_equal(found["a"], np.eye(2))
    assert (notes, sealed) == ({"version": "1", "grid": "toy"}, True)
    for place in range(0, len(content), 7):
        (tmp_path / "y").write_bytes(content[:place] + bytes([content[place] ^ 2]) + content[place + 1 :])
        with pytest.raises(InputError):
            read_arrays(tmp_path / "y", "restart")
    files.write_npz(tmp_path / "z.npz", arrays)
    with pytest.raises(InputError, match="restart"):
        read_npz(tmp_path / "z.npz", "restart", "c")

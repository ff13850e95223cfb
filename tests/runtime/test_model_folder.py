"""Model folders: every flipped bit is found, nothing is overwritten, no pickle is read."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

import halocline
from halocline.runtime import keyed
from halocline.runtime.errors import ModelError, OutputError
from halocline.runtime.files import sha256_of
from halocline.runtime.model_folder import _card_hash, read_model, write_model


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "model"
    write_model(path, {"w": torch.arange(12.0).reshape(3, 4)}, {"mask": np.eye(3, dtype=np.uint8)}, {"name": "t"})
    return path


def test_round_trip(folder):
    weights, grid, card = read_model(folder)
    assert torch.equal(weights["w"], torch.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(grid["mask"], np.eye(3))
    assert card["name"] == "t"


def test_every_flipped_bit_is_found(folder, tmp_path):
    rng = keyed.generator(0, "flips")
    files = sorted(folder.iterdir())
    for trial in range(150):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        file = copy / files[trial % len(files)].name
        content = bytearray(file.read_bytes())
        place = int(rng.integers(len(content)))
        content[place] ^= 1 << int(rng.integers(8))
        file.write_bytes(content)
        if file.name == "card.json" and _same_json(folder / file.name, file):
            continue  # a flipped blank changes no value
        with pytest.raises(ModelError):
            read_model(copy)


def _same_json(a, b):
    try:
        return json.loads(a.read_bytes()) == json.loads(b.read_bytes())
    except ValueError:
        return False


@pytest.mark.parametrize("name", ["model.safetensors", "grid.safetensors", "card.json"])
def test_truncated_and_missing_files_are_named(folder, name):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=name.split(".")[0]):
        read_model(folder)
    (folder / name).unlink()
    with pytest.raises(ModelError):
        read_model(folder)


HALF = torch.tensor([1.0, float("inf")], dtype=torch.float16)
WRONG = {"NaN": torch.tensor([1.0, float("nan")]), "infinite": torch.tensor([float("-inf")]), "half": HALF}


@pytest.mark.parametrize("wrong", [*WRONG.values(), torch.arange(3)], ids=[*WRONG, "int64"])
def test_weights_that_are_no_finite_numbers_are_named(folder, wrong):
    good, huge = torch.ones(3, 4), torch.full((2,), 3e38)  # whose sum overflows
    replace_weights(folder, {"a": good, "b": good.half(), "c": huge})
    assert read_model(folder)[0].keys() == {"a", "b", "c"}
    for weights in ({"a": good, "wrong": wrong, "z": -good}, {"b": good.half(), "wrong": wrong}):
        replace_weights(folder, weights)
        with pytest.raises(ModelError, match="weights 'wrong'"):
            read_model(folder)


def replace_weights(folder, weights):
    """Put other weights into a model, with checksums that fit."""
    safetensors.torch.save_file(weights, folder / "model.safetensors")
    card = json.loads((folder / "card.json").read_bytes())
    card["files"]["model.safetensors"] = sha256_of(folder / "model.safetensors")
    card["card_sha256"] = _card_hash(card)
    (folder / "card.json").write_text(json.dumps(card))


def test_existing_folder_is_kept(folder):
    with pytest.raises(OutputError):
        write_model(folder, {}, {}, {})
    assert read_model(folder)[2]["name"] == "t"


def test_no_pickle_on_any_load_path():
    source = Path(halocline.__file__).parent
    words = ("import pickle", "torch.load(", "allow_pickle=True", "joblib", "shelve")
    texts = {f: f.read_text().replace("safetensors.torch.load(", "") for f in source.rglob("*.py")}
    found = [(f, w) for f, text in texts.items() for w in words if w in text]
    assert not found

"""Numbers, names of outputs and memory are looked at before the work; text from files is text."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch

from halocline.runtime.console import PlainStream
from halocline.runtime.device import choose_compute, set_threads
from halocline.runtime.errors import ConfigError, HaloclineError, ModelError, OutputError
from halocline.runtime.limits import LIMITS, check_name, check_numbers, memory_bytes, require_memory
from halocline.runtime.model_folder import write_model
from halocline.runtime.text import plain
from halocline.systems.weights import built


@pytest.mark.parametrize("number", [float("nan"), float("inf"), True, -1, 10**30])
def test_what_is_no_number_of_members_is_refused(number):
    with pytest.raises(ConfigError, match="members"):
        check_numbers({"members": number})


def test_limits_are_in_the_error():
    check_numbers({"members": 8, "seed": -5, "days": None, "name": "x", "quiet": True})
    with pytest.raises(ConfigError, match=f"{LIMITS['threads'][1]:g}"):
        set_threads(100_000)


@pytest.mark.parametrize("path", [".", "..", "/", "a/..", "x" * 250, "a\0b"])
def test_an_output_has_a_name_of_its_own(path):
    with pytest.raises(OutputError):
        check_name(Path(path))


def test_memory_is_asked_for_before_a_network_is_made():
    require_memory("work", memory_bytes() / 2, "")
    with pytest.raises(ConfigError, match="GB"):
        built("denoiser", 0, 1e12, lambda: torch.nn.Linear(2_000_000, 2_000_000))
    assert built("denoiser", 0, 1e12, lambda: torch.nn.Linear(2, 2)).weight.shape == (2, 2)


@pytest.mark.parametrize(("device", "precision"), [("cpu", "fp16"), ("gpu", "auto"), ("cpu:x", "auto"), ("", "auto")])
def test_unknown_devices_and_precisions_are_refused(device, precision):
    with pytest.raises(ConfigError):
        choose_compute(device, precision)


def test_text_is_text():
    words = "\x1b[31m[bold]\x9b2J\u202e é° –"
    assert plain("é° –") == "é° –"
    assert "\x1b" not in str(HaloclineError(words, found=words, expected=words, remedy=words))
    out = io.StringIO()
    PlainStream(out).write(words)
    assert out.getvalue() == r"\u001b[31m[bold]\u009b2J\u202e é° –"


@pytest.mark.parametrize("weights", [torch.tensor([1.0, float("nan")]), torch.tensor([1, 2])])
def test_weights_that_are_no_numbers_are_no_model(weights, tmp_path):
    with pytest.raises(ModelError, match="w"):
        write_model(tmp_path / "m", {"w": weights}, {"mask": np.eye(2)}, {})
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("address", ["s3://bucket/DATA.zarr", "gs://b/x.nc", "memory://m/f.zarr"])
def test_an_address_of_an_object_store_is_no_folder(address):
    with pytest.raises(OutputError, match="object store"):
        check_name(Path(address))
    check_name(Path("C:/data/x.nc"))

"""Damage reads as damage: a flipped bit or a cut anywhere is told, in words and not by a traceback."""

import contextlib
import io
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from halocline.cli import inspect as command
from halocline.runtime import keyed
from halocline.runtime.errors import HaloclineError
from tests.campaigns.artefacts import build
from tests.campaigns.damage import KINDS, campaign, damaged, hurt

RUNS = int(os.environ.get("CAMPAIGN_RUNS", "1000"))
SEED = int(os.environ.get("CAMPAIGN_SEED", "0"))
WRONG = ("silently accepted", "traceback")


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory):
    return build(tmp_path_factory.mktemp("whole"))


def test_what_is_whole_opens_and_fits_its_seal(artefacts, capsys):
    for name, artefact in artefacts.items():
        artefact.opened(artefact.path)
        command.inspect(path=str(artefact.path), verify=True)
        said = capsys.readouterr().out
        assert "fits" in said, name
        assert "no seal" not in said, name


def test_some_damage_is_always_told(artefacts, tmp_path):
    found = [
        damaged(name, artefacts[name], tmp_path, keyed.generator(SEED, "few", number, name))
        for number in range(3)
        for name in artefacts
    ]
    assert not [run for run in found if run.outcome in WRONG]
    assert Counter(run.outcome for run in found)["told on opening"] > len(found) // 2


def test_what_has_no_seal_opens_and_is_told_as_unsealed(artefacts, tmp_path, capsys):
    copy = tmp_path / "old.zarr"
    shutil.copytree(artefacts["store"].path, copy)
    shutil.rmtree(copy / "seal")
    artefacts["store"].opened(copy)
    command.inspect(path=str(copy), verify=True)
    assert "no seal" in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of POSIX")
def test_a_file_without_permission_is_told(artefacts):
    """As another user where the tests run as root, who may read everything."""
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        for name, artefact in artefacts.items():
            copy = Path(work) / artefact.path.name
            (shutil.copytree if artefact.path.is_dir() else shutil.copy)(artefact.path, copy)
            inside = sorted(p for p in copy.rglob("*") if p.is_file()) if copy.is_dir() else [copy]
            file = inside[int(keyed.generator(SEED, "closed", name).integers(len(inside)))]
            os.chmod(file, 0)
            with _as_nobody(), pytest.raises((HaloclineError, PermissionError)):  # both are told in words
                _look(artefact, copy)


def _look(artefact, copy):
    artefact.opened(copy)
    with contextlib.redirect_stdout(io.StringIO()):
        command.inspect(path=str(copy), verify=True)


@contextlib.contextmanager
def _as_nobody():
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_file_of_every_artefact(artefacts, tmp_path, kind):
    for name, artefact in artefacts.items():
        files = (
            sorted(p for p in artefact.path.rglob("*") if p.is_file()) if artefact.path.is_dir() else [artefact.path]
        )
        for number in range(len(files)):
            run = damaged(name, artefact, tmp_path, keyed.generator(SEED, "every", name, number), kind, number)
            assert run.outcome not in WRONG, run


@pytest.mark.slow
def test_the_campaign(tmp_path):
    found = campaign(RUNS, SEED, tmp_path)
    assert len(found) == RUNS
    assert not [run for run in found if run.outcome in WRONG]


def test_hurt_changes_a_file(tmp_path):
    for kind in KINDS:
        file = tmp_path / kind
        file.write_bytes(bytes(range(64)))
        hurt(file, kind, keyed.generator(0, kind))
        assert file.read_bytes() != bytes(range(64))

import sys
from importlib import metadata

import pytest

from halocline.runtime.errors import ConfigError
from halocline.runtime.registry import Registry

FILE = "from toy_package.base import THINGS\n\n@THINGS.register('{name}')\nclass Thing:\n    pass\n"
BASE = "from halocline.runtime.registry import Registry\n\nTHINGS = Registry('thing', __package__, 'toy.things')\n"


@pytest.fixture
def things(tmp_path, monkeypatch):
    folder = tmp_path / "toy_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "base.py").write_text(BASE)
    (folder / "two_words.py").write_text(FILE.format(name="two-words"))
    (folder / "broken.py").write_text("raise RuntimeError('imported without need')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("toy_package.base", fromlist=["THINGS"]).THINGS
    for name in [name for name in sys.modules if name.startswith("toy_package")]:
        del sys.modules[name]


def test_names_come_from_files_without_importing_them(things):
    assert list(things) == ["broken", "two-words"]
    assert "toy_package.two_words" not in sys.modules


def test_a_thing_is_imported_when_it_is_asked_for(things):
    assert things["two-words"].__name__ == "Thing"


def test_an_entry_point_adds_a_thing(things, monkeypatch):
    point = metadata.EntryPoint("square-root", "math:sqrt", "toy.things")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point] if group == "toy.things" else [])
    assert "square-root" in things
    assert things["square-root"](9.0) == 3.0


def test_an_unknown_name_gets_the_nearest(things):
    with pytest.raises(ConfigError, match="two-words"):
        things["two-word"]


def test_a_name_belongs_to_one_thing():
    registry: Registry[int] = Registry("number")
    registry.register("one")(1)
    with pytest.raises(ConfigError, match="another one of this name"):
        registry.register("one")(2)

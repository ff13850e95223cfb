"""The pages "start MODEL from drawn states" list the rules of the validators, and the front door writes the files."""

import pytest

import halocline as hl
from halocline.bridge.pop.folder_rules import FOLDER_RULES
from halocline.bridge.pop.rules import RULES
from halocline.bridge.restarts import cice_rules, nextsim_dg_rules, si3_rules
from halocline.runtime.errors import ConfigError
from tests.bridge.exports.ice_start import cice_grid, states
from tests.docs.pages import ROOT


@pytest.mark.parametrize(
    ("name", "module"), [("cice", cice_rules), ("si3", si3_rules), ("nextsim-dg", nextsim_dg_rules)]
)
def test_a_page_lists_the_rules_in_their_order(name, module):
    page = (ROOT / "docs" / "howto" / "models" / f"start-{name}.md").read_text()
    rows = [f"| {r.name} | {r.expected} | {r.source} |" for r in module.RULES]
    assert "\n".join(rows) in page


def test_the_page_of_dart_lists_the_rules_for_pop():
    page = (ROOT / "docs" / "howto" / "models" / "ensemble-dart.md").read_text()
    for table in (RULES, FOLDER_RULES):
        assert "\n".join(f"| {r.name} | {r.expected} | {r.source} |" for r in table) in page


def test_the_front_door_exports_and_names_what_is_missing(tmp_path):
    grid = cice_grid(tmp_path / "grid.nc")
    told = hl.export_ice("cice", states(), tmp_path / "a.nc", settings={"template": grid, "ice_layers": 2}, members=[1])
    assert "nilyr = 2" in "\n".join(told)
    assert (tmp_path / "a.nc").exists()
    with pytest.raises(ConfigError, match="no template"):
        hl.export_ice("cice", states(), tmp_path / "b.nc")
    with pytest.raises(ConfigError, match="ice_layers"):
        hl.export_ice("cice", states(), tmp_path / "b.nc", settings={"template": grid, "ice_layer": 2})
    with pytest.raises(ConfigError, match="cice"):
        hl.export_ice("cise", states(), tmp_path / "b.nc")

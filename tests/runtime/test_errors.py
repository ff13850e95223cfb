"""Choices among names, names that have to be there, ranges of numbers."""

import pytest

from halocline.runtime.errors import ConfigError, InputError, require_choice, require_names, require_within


def test_an_unknown_name_gets_the_nearest_and_all_of_them():
    require_choice("solver", "heun", ("ddim", "heun"))
    with pytest.raises(ConfigError, match=r"no such solver.*Did you mean 'heun'.*ddim, heun"):
        require_choice("solver", "huen", ("ddim", "heun"))
    with pytest.raises(InputError, match=r"variable 'sst'.*Valid names"):
        require_choice("variable", "sst", ["sit"], InputError)


def test_missing_variables_are_named_beside_those_that_are_needed():
    require_names("states", ("sit", "sic"), ["sic", "sit", "snt"], "Add it.")
    with pytest.raises(InputError, match=r"states: found no variable siu, siv; expected sic, siu, siv. Add it."):
        require_names("states", ("sic", "siu", "siv"), ["sit", "sic"], "Add it.")


@pytest.mark.parametrize("number", [-1, 4, float("nan")])
def test_a_number_beyond_its_range(number):
    for within in (0, 3):
        require_within("member", within, 0, 3, ", those there are")
    with pytest.raises(ConfigError, match=rf"member: found {number}; expected 0 to 3, those there are"):
        require_within("member", number, 0, 3, ", those there are")

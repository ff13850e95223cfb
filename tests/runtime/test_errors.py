"""Choices among names."""

import pytest

from halocline.runtime.errors import ConfigError, InputError, require_choice


def test_an_unknown_name_gets_the_nearest_and_all_of_them():
    require_choice("solver", "heun", ("ddim", "heun"))
    with pytest.raises(ConfigError, match=r"no such solver.*Did you mean 'heun'.*ddim, heun"):
        require_choice("solver", "huen", ("ddim", "heun"))
    with pytest.raises(InputError, match=r"variable 'sst'.*Valid names"):
        require_choice("variable", "sst", ["sit"], InputError)

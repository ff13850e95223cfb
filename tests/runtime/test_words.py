"""NAME=VALUE words of the command line."""

import pytest

from halocline.runtime.errors import ConfigError
from halocline.runtime.words import named_numbers, named_values


def test_names_keep_their_order_and_values_may_hold_an_equals_sign():
    found = named_values(["raw=a.nc", "paper=b=c.nc"], "--group raw=a.nc")
    assert list(found.items()) == [("raw", "a.nc"), ("paper", "b=c.nc")]
    assert named_numbers(["warming = 1.5"], "--condition warming=1.5") == {"warming": 1.5}


@pytest.mark.parametrize("wrong", [["raw"], ["raw=a", "raw=b"], ["=a"], ["raw="]])
def test_other_forms_are_refused(wrong):
    with pytest.raises(ConfigError, match=r"for example --group raw=a\.nc"):
        named_values(wrong, "--group raw=a.nc")


def test_a_word_is_no_number():
    with pytest.raises(ConfigError, match="'warm', which is no number"):
        named_numbers(["warming=warm"], "--condition warming=1.5")

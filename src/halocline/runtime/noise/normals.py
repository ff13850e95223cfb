"""Four standard normals of four random words, by operations that every device rounds alike.

Box and Muller: r = (-2 ln u)^(1/2) and a full turn times v. Logarithm, sine and cosine of libraries differ in their
last bits from one processor to another; these are sums, products, quotients and square roots in float64, which IEEE 754
rounds in one way only, and no operation here does two of them at once. So NumPy, PyTorch on CPUs and PyTorch on GPUs
give the same float32 numbers. Not where float64 is missing (Apple's MPS), nor under ``torch.compile``, which joins
products and sums.

Source: Box and Muller 1958, Ann. Math. Stat. 29. Series of Taylor; ln m = 2 artanh((m - 1) / (m + 1)). Their errors
stay below 1e-13, float32's rounding is 6e-8.
"""

import math
from collections.abc import Sequence
from typing import Any

_LN = tuple(1.0 / k for k in range(17, 0, -2))
_SIN = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(7, -1, -1))
_COS = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(8, -1, -1))
_HALF_ROOT = math.sqrt(0.5)


def normals_of(words: Sequence[Any], xp: Any) -> list[Any]:
    """Return four arrays of standard normal numbers, float64, of four arrays of words.

    Args:
        words: Whole numbers 0 to 2^32 - 1 in float64, arrays of NumPy or tensors.
        xp: ``numpy`` or ``torch``, whose arrays they are.
    """
    return [part for k in (0, 2) for part in _pair(words[k], words[k + 1], xp)]


def _pair(first: Any, second: Any, xp: Any) -> tuple[Any, Any]:
    r = xp.sqrt(_log((first + 0.5) * 2.0**-32, xp) * -2.0)
    quarter = xp.floor(second * 2.0**-30)
    angle = (((second - quarter * 2.0**30) + 0.5) * 2.0**-30 - 0.5) * (math.pi / 2)  # from the middle of the quarter
    square = angle * angle
    sin, cos = _polynomial(_SIN, square) * angle, _polynomial(_COS, square)
    x, y = (cos - sin) * _HALF_ROOT, (cos + sin) * _HALF_ROOT
    odd, half = (quarter == 1) | (quarter == 3), quarter >= 2
    x, y = xp.where(odd, -y, x), xp.where(odd, x, y)
    return r * xp.where(half, -x, x), r * xp.where(half, -y, y)


def _log(u: Any, xp: Any) -> Any:
    """Return ln u of 0 < u < 1."""
    m, e = xp.frexp(u)
    small = m < _HALF_ROOT
    m, e = xp.where(small, m * 2.0, m), xp.where(small, e - 1, e) + m * 0.0
    s = (m - 1.0) / (m + 1.0)
    return e * math.log(2.0) + _polynomial(_LN, s * s) * (s * 2.0)


def _polynomial(coefficients: Sequence[float], x: Any) -> Any:
    value = x * 0.0 + coefficients[0]
    for c in coefficients[1:]:
        value = value * x
        value = value + c
    return value

"""A sheet of small maps and colour bars, laid out in inches."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from halocline.report.style import FAINT, TEXT, colours, plain_axes

Column = Literal["map", "bar", "gap"]

_WIDTH: dict[Column, float] = {"map": 1.55, "bar": 0.62, "gap": 0.3}
_TALL = 2.6  # height of maps of grids longer than wide
_NARROW = 0.85
_SPACE = 0.06
_LABEL = 0.32
_TOP = 0.3


class Sheet:
    """Rows of maps; every row has the same columns.

    Args:
        rows: Number of rows.
        columns: What stands in each column.
        aspect: Height over width of a map.
    """

    def __init__(self, rows: int, columns: Sequence[Column], aspect: float = 1.0) -> None:
        self._columns = columns
        self._width = _WIDTH | {"map": min(_WIDTH["map"], max(_NARROW, _TALL / aspect))}
        self._height = self._width["map"] * aspect
        width = _LABEL + sum(self._width[c] + _SPACE for c in columns)
        self._size = (width, _TOP + rows * (self._height + _SPACE))
        self.figure = Figure(figsize=self._size)

    def title(self, column: int, text: str) -> None:
        """Write a title above a column."""
        x = self._left(column) + self._width[self._columns[column]] / 2
        if self._width["map"] < _WIDTH["map"]:
            text = text.replace(", ", ",\n")
        y = self._size[1] - _TOP / 2
        self._text(x, y, text, fontsize=9, rotation=0.0)

    def label(self, row: int, text: str) -> None:
        """Write a label left of a row."""
        self._text(_LABEL / 2, self._bottom(row) + self._height / 2, text, fontsize=8.5, rotation=90.0)

    def map(self, row: int, column: int, field: np.ndarray, palette: str, low: float, high: float) -> AxesImage:
        """Draw a field (y, x), NaN on land, and return the image."""
        axes = self._axes(row, column, self._width["map"], self._height)
        plain_axes(axes)
        norm = Normalize(low, high)
        return axes.imshow(field, origin="lower", cmap=colours(palette), norm=norm, interpolation="nearest")

    def arrows(self, image: AxesImage, u: np.ndarray, v: np.ndarray, scale: float, count: int = 12) -> None:
        """Draw arrows (y, x) upon a map; NaN has none. ``scale`` is the speed of an arrow as long as its distance."""
        step = max(1, u.shape[1] // count)
        rows, columns = np.mgrid[step // 2 : u.shape[0] : step, step // 2 : u.shape[1] : step]
        uu, vv = u[rows, columns], v[rows, columns]
        keep = np.isfinite(uu) & (np.hypot(uu, vv) > 0.02 * scale)
        image.axes.quiver(
            columns[keep],
            rows[keep],
            uu[keep],
            vv[keep],
            color=TEXT,
            angles="xy",
            scale_units="xy",
            scale=scale / (1.2 * step),
            width=0.009,
            headwidth=3.6,
            headlength=4,
            headaxislength=3.6,
            clip_on=True,
        )

    def bar(self, row: int, column: int, image: AxesImage, unit: str) -> None:
        """Draw the colour bar of an image, its unit beside it."""
        axes = self._axes(row, column, 0.09, 0.86 * self._height, lift=0.07 * self._height)
        bar = self.figure.colorbar(image, cax=axes)
        bar.outline.set_edgecolor(FAINT)  # type: ignore[operator]
        axes.tick_params(labelsize=7, colors=TEXT, length=0, pad=2.5)
        axes.locator_params(nbins=5)
        if unit:
            x, y = self._left(column) + 0.05, self._bottom(row) + 0.965 * self._height
            self._text(x, y, unit, fontsize=7, rotation=0.0, align="left")

    def _axes(self, row: int, column: int, width: float, height: float, lift: float = 0.0) -> Axes:
        box = (self._left(column), self._bottom(row) + lift, width, height)
        wide, high = self._size
        return self.figure.add_axes((box[0] / wide, box[1] / high, box[2] / wide, box[3] / high))

    def _left(self, column: int) -> float:
        return _LABEL + sum(self._width[c] + _SPACE for c in self._columns[:column])

    def _bottom(self, row: int) -> float:
        return self._size[1] - _TOP - (row + 1) * (self._height + _SPACE) + _SPACE

    def _text(self, x: float, y: float, text: str, *, fontsize: float, rotation: float, align: str = "center") -> None:
        wide, high = self._size
        self.figure.text(
            x / wide, y / high, text, fontsize=fontsize, rotation=rotation, color=TEXT, ha=align, va="center"
        )

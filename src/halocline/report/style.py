"""How pictures look: colour maps, colours, axes."""

import cmocean
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from halocline.data.fields.variables import channel, channel_variable, is_channel

GENERATED = "#d1495b"
REAL = "#1b3a4b"
LAND = "#c9cdd2"
TEXT = "#22303a"
FAINT = "#d5dbe0"
DPI = 110


def colours(name: str) -> Colormap:
    """Return the colour map of a variable, with land in grey."""
    chosen = {
        "sit": cmocean.cm.deep_r,
        "sic": cmocean.cm.ice,
        "sid": cmocean.cm.amp,
        "log_open_water": cmocean.cm.ice_r,
        "log_damage": cmocean.cm.amp,
        "snt": cmocean.cm.tempo_r,
        "thetao": cmocean.cm.thermal,
        "so": cmocean.cm.haline,
        "zos": cmocean.cm.delta,
        "speed": cmocean.tools.crop_by_percent(cmocean.cm.speed, 45, which="max"),
        "std": cmocean.cm.matter,
        "difference": cmocean.cm.balance,
    }.get(channel_variable(name)[0].name if is_channel(name) else name)
    if chosen is None:
        vector = is_channel(name) and channel(name).partner is not None
        chosen = cmocean.cm.balance if vector else cmocean.cm.haline
    with_land: Colormap = chosen.with_extremes(bad=LAND)
    return with_land


def plain_axes(axes: Axes) -> None:
    """Take ticks and frame away from a map."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(FAINT)


def curve_axes(axes: Axes) -> None:
    """Give a plot of curves light axes and a faint grid."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#8a97a1")
    axes.tick_params(labelsize=8, colors=TEXT, length=3)
    axes.grid(True, which="major", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def name_axes(axes: Axes, *, title: str = "", x: str = "", y: str = "") -> None:
    """Write a title, and what stands along the axes with its unit."""
    if title:
        axes.set_title(title, fontsize=9, color=TEXT)
    if x:
        axes.set_xlabel(x, fontsize=8, color=TEXT)
    if y:
        axes.set_ylabel(y, fontsize=8, color=TEXT)

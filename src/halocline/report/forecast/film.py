"""A small animated picture: truth and first member side by side, a frame a lead."""

import base64
import io

import numpy as np
from matplotlib.colors import Normalize
from PIL import Image, ImageDraw

from halocline.data.fields.variables import channel
from halocline.evaluate.forecast.pictures import Film
from halocline.report.style import TEXT, colours

_SIDE = 256  # pixels of a map, about
_GAP, _HEAD = 12, 22
_MILLISECONDS = 220


def film(shown: Film, mask: np.ndarray) -> str | None:
    """Return a GIF as a data URI, None with fewer than three frames; some 100 kB.

    Args:
        shown: The fields.
        mask: True on ocean (y, x).
    """
    if len(shown.lead_hours) < 3:
        return None
    top = channel(shown.name).upper or max(float(np.quantile(np.abs(shown.truth), 0.998)), 1e-12)
    frames = [
        _frame(truth, member, mask, shown.name, float(hours), top)
        for truth, member, hours in zip(shown.truth, shown.member, shown.lead_hours, strict=True)
    ]
    palette = frames[-1].quantize(64)
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    buffer = io.BytesIO()
    times = [_MILLISECONDS] * (len(small) - 1) + [5 * _MILLISECONDS]
    small[0].save(buffer, "GIF", save_all=True, append_images=small[1:], duration=times, loop=0, optimize=True)
    return "data:image/gif;base64," + base64.b64encode(buffer.getvalue()).decode()


def _frame(truth: np.ndarray, member: np.ndarray, mask: np.ndarray, name: str, hours: float, top: float) -> Image.Image:
    zoom = max(1, round(_SIDE / max(mask.shape)))
    norm = Normalize(0.0 if channel(name).lower is not None else -top, top)
    maps = [np.ma.masked_array(field, ~mask) for field in (truth, member)]
    pixels = [np.uint8(255 * colours(name)(norm(field))[::-1, :, :3]).repeat(zoom, 0).repeat(zoom, 1) for field in maps]
    high, wide = pixels[0].shape[:2]
    image = Image.new("RGB", (2 * wide + _GAP, high + _HEAD), "white")
    pen = ImageDraw.Draw(image)
    for left, title, part in ((0, "truth", pixels[0]), (wide + _GAP, "member 1", pixels[1])):
        image.paste(Image.fromarray(part), (left, _HEAD))
        pen.text((left + 2, 5), f"{title}, day {hours / 24:g}", fill=TEXT)
    return image

"""NetCDF files or Zarr folders that follow the CF conventions and carry their grid."""

from halocline.bridge.sources.base import SOURCES, FileByFile
from halocline.data.reading.work import Group


class Cf(FileByFile):
    """Files that say themselves what they hold; one file after the other along time."""

    summary = "NetCDF files or Zarr folders that follow the CF conventions and carry their grid"
    group: Group | None = None


SOURCES.register("cf")(Cf())

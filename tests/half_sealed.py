"""A Zarr folder as a kill leaves it between a change of its attributes and the last write of its seal."""

import json

from halocline.runtime.seals.json_object import sealed, unsealed


def leave_half_sealed(folder):
    """Have the seal of a folder allow what its attributes were before, too."""
    path = folder / "seal" / "zarr.json"
    seal = json.loads(path.read_bytes())
    attributes = unsealed(seal["attributes"])
    attributes["heads"]["zarr.json"].insert(0, "0" * 64)
    path.write_text(json.dumps({**seal, "attributes": sealed(attributes)}))

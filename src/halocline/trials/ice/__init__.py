"""Sea-ice states tried in the Arctic world."""

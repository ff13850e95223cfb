"""What the disk may do to a run: fill up, hold what a kill left behind, lose what was not flushed."""

"""The page of the trials in an ocean model."""

"""Other models' files: the bridge from drawn states to a model run."""

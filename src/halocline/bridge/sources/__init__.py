"""Sources of states: the files of a model or a product, one kind a file; see base.py."""

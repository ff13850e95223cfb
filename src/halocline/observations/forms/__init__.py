"""Files of observations of other programs and products, one form a file; see base.py."""

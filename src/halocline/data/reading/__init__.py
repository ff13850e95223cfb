"""The one reader of other people's files: from any CF-like dataset to Halocline's names, units, axes and vectors."""

"""NEMO meshes and restarts."""

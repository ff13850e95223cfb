"""The embedded simulators that make data."""

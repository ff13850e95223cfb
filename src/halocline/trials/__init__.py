"""Trials: drawn states started in an ocean model beside true ones."""

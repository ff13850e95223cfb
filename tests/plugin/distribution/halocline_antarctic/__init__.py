"""Antarctic sea ice for Halocline."""

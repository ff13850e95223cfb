"""Pure functions of sea ice and ocean with units: integrals, ice edge, deformation, spectra. Knows no network."""

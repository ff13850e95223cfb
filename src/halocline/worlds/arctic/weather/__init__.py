"""Seeded synthetic Arctic weather: climatology, random streamfunction, cyclones, radiation, currents."""

"""Diffusion: schedules, denoisers, objectives, solvers. Knows no ocean."""

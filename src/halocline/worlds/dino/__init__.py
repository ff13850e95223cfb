"""The DINO world: an idealised ocean basin run in Veros, a program of its own, and spoken to through files.

DINO: Kamm, Deshayes & Madec 2025, Geosci. Model Dev. 18, 8091. Veros (Häfner et al. 2021, J. Adv. Model. Earth Syst.)
is GPL-3 and optional: nothing outside ``veros/`` imports it, and what imports it runs in a process of its own.
"""

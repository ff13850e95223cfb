"""Scores of forecasts, lead by lead."""

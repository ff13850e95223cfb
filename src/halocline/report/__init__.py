"""Scorecards as pages: one self-contained HTML report, and tables that compare several models."""

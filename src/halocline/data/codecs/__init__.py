"""Codecs: physical states to network space and back."""

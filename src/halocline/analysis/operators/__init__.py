"""Observation operators: what instruments would see of states; composed of a place, a depth and a combination."""

"""The page of the spin-up experiment."""

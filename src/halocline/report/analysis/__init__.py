"""The page on an analysis: what observations did to an ensemble."""

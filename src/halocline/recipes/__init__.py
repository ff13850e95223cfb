"""The published systems as thin compositions over the chain, with presets."""

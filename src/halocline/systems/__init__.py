"""The published systems as compositions over the chain, with presets; training and loading."""

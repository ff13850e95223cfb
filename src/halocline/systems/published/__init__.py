"""The published systems, one file each, found by name; ``halocline.systems`` entry points add others."""

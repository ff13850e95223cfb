"""What all scores share: families, bootstrap, tables, samples."""

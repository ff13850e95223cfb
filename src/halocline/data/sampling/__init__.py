"""Training samples: batches, patches, packed records, conditions."""

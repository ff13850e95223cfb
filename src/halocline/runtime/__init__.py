"""What every room stands on: errors, keyed random numbers, files that appear whole, progress, devices."""

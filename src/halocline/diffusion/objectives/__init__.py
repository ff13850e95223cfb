"""What denoisers are trained on; one file each, one signature."""

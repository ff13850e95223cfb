"""Files of states: opened, checked, read."""

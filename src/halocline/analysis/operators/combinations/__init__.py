"""How what is measured follows from variables of states, one file each."""

"""Files to a store, slab by slab: when their records are, how a slab is read, where an import that stopped goes on."""

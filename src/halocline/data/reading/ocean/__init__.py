"""Steps of the reader for oceans: levels, their masks and thickness, meshes, weighted and TEOS-10 fields."""

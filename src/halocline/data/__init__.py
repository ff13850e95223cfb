"""States as data: variables, grids, the store on disk, files, and the way to network space and back."""

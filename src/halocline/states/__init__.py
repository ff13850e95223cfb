"""States as data: variables, grids, the store on disk, splits by years, and the way to network space and back."""

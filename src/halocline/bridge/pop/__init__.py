"""The ocean model POP as DART reads it: its B grid, restarts, their rules."""

"""The plug-in proof: a distribution of its own adds one thing of each kind, and no file of the package is edited."""

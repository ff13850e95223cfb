"""From any state to the model's equilibrium: how many model years it takes, and how to make it fewer."""

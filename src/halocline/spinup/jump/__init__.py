"""The pooled slow-mode jump: what many runs say about how changes decay, used to leap along one of them."""

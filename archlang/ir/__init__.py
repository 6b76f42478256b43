"""The graph of a network and what stands beside it."""

"""Tables of a network."""

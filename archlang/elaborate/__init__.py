"""From the typed tree to a network: what every name means."""

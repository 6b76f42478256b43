"""Layer kinds: one file each, facts only."""

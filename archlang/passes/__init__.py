"""Analyses: mappings beside the graph."""

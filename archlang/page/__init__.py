"""The interactive page: a network's diagram, table, source and emitted module in one file that needs nothing else."""

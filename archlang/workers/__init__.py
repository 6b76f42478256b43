"""Processes that answer questions about texts, and the desk that hands the questions out."""

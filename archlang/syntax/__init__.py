"""From text to the typed tree."""

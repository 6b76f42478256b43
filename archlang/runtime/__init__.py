"""Where torch is used: emitted source executed, weights loaded."""

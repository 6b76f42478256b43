"""Where torch is used: emitted source executed, weights loaded.

`build.build` makes a module; nothing here imports torch before it is asked to.
"""

"""The language server: what `archlang.editing` answers, in the Language Server Protocol."""

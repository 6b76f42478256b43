"""What the words of a text are, for colouring it: read from the grammar, so that nothing says it twice.

`archlang serve`, Pygments and TextMate's editors (VS Code and others) all colour by these rules.
"""

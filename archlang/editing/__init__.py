"""What an editor asks about a text: what could be typed, what something means, where it is declared, how it folds.

Places are offsets in characters of the text. Nothing is kept between two questions.
"""

from archlang.editing.completions import Completion, completions
from archlang.editing.folds import Fold, folds
from archlang.editing.hover import Hover, hover
from archlang.editing.mended import Mended, mended
from archlang.editing.mending import Fix, fixes
from archlang.editing.names import Edit, RenameError, applied, definition, references, rename, renameable
from archlang.editing.symbols import Inlay, Symbol, inlay, symbols

__all__ = [
    "Completion",
    "Edit",
    "Fix",
    "Fold",
    "Hover",
    "Inlay",
    "Mended",
    "RenameError",
    "Symbol",
    "applied",
    "completions",
    "definition",
    "fixes",
    "folds",
    "hover",
    "inlay",
    "mended",
    "references",
    "rename",
    "renameable",
    "symbols",
]

# pyright: basic
"""The rules as a lexer of Pygments, which documentation, notebooks and terminals colour by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pygments.lexer import Lexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType

from archlang.colouring.paint import painted
from archlang.colouring.rules import Colour

TOKENS: dict[Colour, _TokenType] = {
    Colour.COMMENT: Comment.Single,
    Colour.STRING: String.Double,
    Colour.NUMBER: Number,
    Colour.KEYWORD: Keyword,
    Colour.LAYER: Name.Builtin,
    Colour.DECLARED: Name.Function,
    Colour.LABEL: Name.Label,
    Colour.OPTION: Name.Attribute,
    Colour.VARIANT: Name.Constant,
    Colour.NAME: Name,
    Colour.OPERATOR: Operator,
    Colour.BRACKET: Punctuation,
    Colour.SPACE: Text,
}
"""What Pygments calls each colour."""


class ArchLexer(Lexer):
    """Texts of archlang."""

    name = "archlang"
    aliases: ClassVar[list[str]] = ["arch", "archlang"]
    filenames: ClassVar[list[str]] = ["*.arch"]
    mimetypes: ClassVar[list[str]] = ["text/x-archlang"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """The tokens of a text, with the places they begin at."""
        for start, piece, colour in painted(text):
            yield start, TOKENS[colour], piece

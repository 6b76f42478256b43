"""What each code means at length: a page of Markdown each, which the documentation shows as it stands.

A page is `docs/errors/CODE.md`. It says what the code means, gives a text that
draws it, the text mended, and why the language is so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archlang import resources
from archlang.diagnostics.codes import CODES
from archlang.record import record

_LINK = re.compile(r"\[([^\]\n]+)\]\((?!\))[^)\s]+\)")
_SAID = re.compile(r"(?:error|warning|note)?\[?(?P<code>[\w-]+)\]?:?")


@record
class Explanation:
    """A code, what it means in a line, and its page in Markdown, whose heading is the code."""

    code: str
    meaning: str
    markdown: str

    @property
    def summary(self) -> str:
        """What it means, in full sentences."""
        return " ".join(self.text.split("\n\n")[1].split())

    @property
    def markdown_alone(self) -> str:
        """The page where no other page is beside it: links by their words, and no settings of examples."""
        plain = _LINK.sub(r"\1", self.markdown)
        return re.sub(r"^```(\w+).*$", r"```\1", plain, flags=re.MULTILINE)

    @property
    def text(self) -> str:
        """The page as a terminal shows it: code indented, links by their words."""
        return "\n".join(_lines(self.markdown)).strip() + "\n"


def explanation(code: str) -> Explanation:
    """What a code means; `error[code]`, as a message has it, is understood too. Raises KeyError where there is none."""
    match = _SAID.fullmatch(code.strip())
    name = match["code"] if match else code
    return Explanation(name, CODES[name], (resources.errors() / f"{name}.md").read_text("utf-8"))


def nearest(code: str) -> str | None:
    """The code that was perhaps meant."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(code.lower().replace("_", "-"), CODES, n=1)), None)


def _lines(markdown: str) -> Iterator[str]:
    fenced = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            yield f"    {line}".rstrip()
        else:
            yield _LINK.sub(r"\1", line.removeprefix("# ").replace("`", "") if line.startswith("# ") else line)

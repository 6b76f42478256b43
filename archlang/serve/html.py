"""The editor's page: that of `archlang draw`, with the source beside it to be written in."""

from __future__ import annotations

from importlib.resources import files

from archlang.page.html import style as page_style
from archlang.page.script import LAYOUT, VIEW
from archlang.page.script import script as page_script

SCRIPTS = (
    "server",
    "words",
    "writing",
    "problems",
    "completing",
    "carried",
    "asking",
    "dialogs",
    "documents",
    "editor",
)

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>archlang</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body class="editing">
<noscript>The editor is a script, and scripts are switched off.</noscript>
</body>
</html>
"""
"""All that it is; what it shows is asked for."""


def script() -> str:
    """The page's script, and the editor's, whose names are its own."""
    editor = page_script(SCRIPTS, "archlang.serve")
    return "\n".join([page_script((*LAYOUT, *VIEW)), "(() => {", editor, "startEditor();", "})();"])


def style() -> str:
    """The page's style and the editor's."""
    return page_style() + (files("archlang.serve") / "js" / "editor.css").read_text("utf-8")

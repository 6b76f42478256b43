"""The server, started on standard input and output."""

from __future__ import annotations

import logging
import os
import sys

from archlang.lsp.features import server


def run() -> int:
    """Serve one client until it says `exit`, or is gone; 0 if it had said `shutdown` before, as the protocol wants."""
    if not os.environ.get("ARCHLANG_TRACEBACK"):
        logging.getLogger("pygls").setLevel(logging.CRITICAL)  # a question that was dropped is no news
    made = server()
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else prints must not stand among the answers
        made.start_io(sys.stdin.buffer, answers)
    status = 0 if made.stopped else 1
    made.end()
    return status

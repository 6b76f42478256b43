"""The editor's server, started: where it listens, what it is opened with, and until when."""

from __future__ import annotations

import os
import secrets
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from urllib.parse import urlencode

import uvicorn

from archlang import zoo_names
from archlang.serve.app import Server
from archlang.serve.folder import Folder, Refused

PORT = 8765
"""Where it listens where that is free and nothing else was asked for."""

LOCAL = ("127.0.0.1", "localhost", "[::1]")
ANY = ("0.0.0.0", "::", "")  # noqa: S104 - what somebody may ask for, never the default
SOON = 1.0
"""Seconds that open answers have when the server is stopped."""


class Unusable(Exception):
    """The server cannot start as it was asked to; the message says why."""


def serve(
    file: str | None, host: str, port: int | None, *, browser: bool = False, say: Callable[[str], None] = print
) -> int:
    """Serve the folder one is in, until interrupted. `say` gets the address to open. Raises `Unusable`."""
    folder = Folder(Path.cwd().resolve())
    server = Server(folder, opened(folder, file))
    listening = listen(host, port)
    at = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = server.app(names(host, at), token, f"archlang-{at}")
    address = f"http://{_spoken(host)}:{at}/?{urlencode({'token': token})}"
    say(f"archlang serves {folder.root}\n  {address}\nCtrl-C ends it.")
    if host not in (*LOCAL, "::1"):
        say("note: other machines can reach this address, and whoever has it can read and write the .arch files here")
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=int(SOON), ws="none", access_log=False)
    if browser:
        Timer(0.5, webbrowser.open, (address,)).start()
    with listening:
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def opened(folder: Folder, file: str | None) -> str | None:
    """The name of what is opened first: a file in the folder, or a network of the zoo."""
    if file is None:
        return None
    if not file.endswith(".arch"):
        found = zoo_names.entry(file)
        if found is None:
            raise Unusable(f"`{file}` is no .arch file, and the zoo has no such network")
        return found.stem
    path = Path(os.path.normpath(Path(file).absolute()))
    if not path.is_relative_to(folder.root):
        path = path.resolve()
    if not path.is_relative_to(folder.root):
        raise Unusable(f"`{file}` is outside this folder, and the editor opens what is in it: start it there")
    name = path.relative_to(folder.root).as_posix()
    try:
        folder.place(name)
    except Refused as refused:
        raise Unusable(str(refused)) from None
    return name


def listen(host: str, port: int | None) -> socket.socket:
    """A socket at the port asked for; where none was, at the usual one, or at any that is free."""
    for wanted in [PORT, 0] if port is None else [port]:
        try:
            return socket.create_server((host.strip("[]"), wanted), family=_family(host))
        except OverflowError:
            raise Unusable(f"there is no port {wanted}") from None
        except OSError as error:
            if port is not None or wanted == 0:
                raise Unusable(f"cannot listen at {host}:{wanted}: {error.strerror or error}") from None
    raise Unusable(f"cannot listen at {host}")


def names(host: str, port: int) -> frozenset[str] | None:
    """The names that requests may ask for; None for any, where it listens at every address of the machine."""
    if host in ANY:
        return None
    known = {*LOCAL, _spoken(host).lower()}
    return frozenset({f"{name}:{port}" for name in known} | (known if port == 80 else set()))


def _spoken(host: str) -> str:
    """A host as an address has it: those of IPv6 between brackets, the machine's own for any."""
    if host in ANY:
        return "localhost"
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

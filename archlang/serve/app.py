"""What the editor's server answers, address by address."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from archlang import zoo_names
from archlang.colouring.rules import words
from archlang.locate import LocateError, locate
from archlang.serve.answers import ANSWERS
from archlang.serve.folder import Changed, Folder, Refused, Text
from archlang.serve.guard import Guard
from archlang.serve.html import PAGE, script, style
from archlang.serve.look import Asked
from archlang.workers.desk import Desk, Superseded, TooLong
from archlang.workers.worker import Ended

_ASKED = {"text": str, "window": str}
Answer = Callable[[Request], Awaitable[Response]]


class WrongQuestion(Exception):
    """A question that the page would not ask; the message says why."""


@dataclass
class Server:
    """The editor in one folder: `opened` is what it was started with, a file's name or a network of the zoo."""

    folder: Folder
    opened: str | None = None
    desk: Desk | None = None

    def app(self, hosts: frozenset[str] | None, token: str, cookie: str) -> Guard:
        """The application, guarded (see `Guard`)."""
        get: dict[str, Answer] = {
            "/": self.page,
            "/page.js": self.script,
            "/page.css": self.style,
            "/api/start": self.start,
            "/api/files": self.files,
            "/api/file": self.file,
            "/api/zoo": self.zoo,
            "/api/trace": self.trace,
        }
        post: dict[str, Answer] = {
            "/api/look": self.draws,
            "/api/rest": self.draws,
            "/api/stop": self.stop,
            "/api/complete": self.helps,
            "/api/hover": self.helps,
            "/api/format": self.format,
            "/api/save": self.save,
        }
        routes = [Route(path, _told(answer), methods=["GET"]) for path, answer in get.items()]
        routes += [Route(path, _told(answer), methods=["POST"]) for path, answer in post.items()]
        return Guard(Starlette(routes=routes, lifespan=self._life), hosts, token, cookie)

    @contextlib.asynccontextmanager
    async def _life(self, _app: Starlette) -> AsyncGenerator[None]:
        self.desk = Desk(ANSWERS)
        try:
            yield
        finally:
            self.desk.close()

    # ---- the page ----------------------------------------------------------

    async def page(self, _request: Request) -> Response:
        """The page itself."""
        return Response(PAGE, media_type="text/html")

    async def script(self, _request: Request) -> Response:
        """Its script."""
        return Response(script(), media_type="text/javascript")

    async def style(self, _request: Request) -> Response:
        """Its style."""
        return Response(style(), media_type="text/css")

    async def start(self, _request: Request) -> Response:
        """What it needs to begin: how words are coloured, what there is to open, what it was started with."""
        return JSONResponse({"words": words(), "zoo": zoo_names.names(), "opened": self.opened})

    # ---- files -------------------------------------------------------------

    async def files(self, _request: Request) -> Response:
        """The names of the files of the folder."""
        return JSONResponse(await asyncio.to_thread(self.folder.names))

    async def file(self, request: Request) -> Response:
        """One of them."""
        name = request.query_params.get("name", "")
        return JSONResponse(_plain(await asyncio.to_thread(self.folder.read, name)))

    async def zoo(self, request: Request) -> Response:
        """A network of the zoo, as a text of no file."""
        name = request.query_params.get("name", "")
        if name not in zoo_names.names():
            raise Refused(f"the zoo has no `{name[:80]}`")
        try:
            found = await asyncio.to_thread(locate, name)
        except LocateError as error:
            raise Refused(error.diagnostics[0].message) from None
        return JSONResponse({"text": found.source.text, "name": f"{name}.arch"})

    async def save(self, request: Request) -> Response:
        """Write a file, over the one that the window knows; 409, with what stands there, over any other."""
        asked = await _question(request, {"name": str, "text": str})
        stamp, windows = asked.get("stamp"), asked.get("windows") is True
        if stamp is not None and not isinstance(stamp, str):
            raise WrongQuestion("`stamp` is a text or null")
        new = Text(asked["name"], asked["text"], stamp, windows)
        try:
            return JSONResponse(_plain(await asyncio.to_thread(self.folder.save, new)))
        except Changed as changed:
            return JSONResponse(_plain(changed.text), 409)

    async def trace(self, request: Request) -> Response:
        """What is another when a file is; null where there is none."""
        name = request.query_params.get("name", "")
        self.folder.place(name)
        return JSONResponse({"trace": await asyncio.to_thread(self.folder.trace, name)})

    # ---- networks ----------------------------------------------------------

    async def draws(self, request: Request) -> Response:
        """What a text comes to: `look` for what is drawn at once, `rest` for what can wait."""
        asked = await _question(request, _ASKED)
        kind = request.url.path.rpartition("/")[2]
        return await self._answered(asked["window"], kind, self._text(asked))

    async def helps(self, request: Request) -> Response:
        """What could be typed at a place of a text (`complete`), or what stands there (`hover`)."""
        asked = await _question(request, {**_ASKED, "offset": int})
        kind = request.url.path.rpartition("/")[2]
        offset = min(max(0, asked["offset"]), 2 * len(asked["text"]))
        return await self._answered(f"{asked['window']} {kind}", kind, self._text(asked), offset)

    async def format(self, request: Request) -> Response:
        """The text in its one form."""
        asked = await _question(request, _ASKED)
        return await self._answered(f"{asked['window']} format", "format", asked["text"])

    async def stop(self, request: Request) -> Response:
        """Want no answer any more in this window."""
        asked = await _question(request, {"window": str})
        self._desk().drop(asked["window"])
        return JSONResponse({})

    def _text(self, asked: dict[str, Any]) -> Asked:
        name = asked.get("name")
        net, variant, other = asked.get("net"), asked.get("variant"), asked.get("other")
        if any(value is not None and not isinstance(value, str) for value in (name, net, variant, other)):
            raise WrongQuestion("`name`, `net`, `variant` and `other` are texts or null")
        if name is None:
            return Asked(asked["text"], net=net, variant=variant, other=other)
        return Asked(asked["text"], name, str(self.folder.place(name)), net, variant, other)

    async def _answered(self, lane: str, kind: str, *given: Any) -> Response:
        try:
            return Response(await self._desk().ask(lane, kind, *given), media_type="application/json")
        except Superseded:
            return JSONResponse({"dropped": True}, 409)
        except TooLong:
            return JSONResponse({"fault": "this took too long, and was given up"})
        except Ended:
            return JSONResponse({"fault": "the process that looked at this text died of it: it needs too much memory"})

    def _desk(self) -> Desk:
        if self.desk is None:
            raise RuntimeError("the server has not started")
        return self.desk


def _told(answer: Answer) -> Answer:
    """The answer, or in plain words why there is none."""

    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except Refused as refused:
            return JSONResponse({"refused": str(refused)}, 403)
        except WrongQuestion as wrong:
            return JSONResponse({"refused": str(wrong)}, 400)
        except OSError as error:
            return JSONResponse({"refused": error.strerror or str(error)}, 500)

    return told


async def _question(request: Request, fields: dict[str, type]) -> dict[str, Any]:
    """What is asked, as JSON, with these fields at least."""
    try:
        asked: Any = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise WrongQuestion("this is no JSON") from None
    if not isinstance(asked, dict):
        raise WrongQuestion("a question is an object")
    known = cast("dict[str, Any]", asked)
    for name, kind in fields.items():
        if not isinstance(known.get(name), kind):
            raise WrongQuestion(f"`{name}` is missing, or no {kind.__name__}")
    return known


def _plain(text: Text) -> dict[str, Any]:
    return {"name": text.name, "text": text.text, "stamp": text.stamp, "windows": text.windows}

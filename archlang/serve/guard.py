"""Who may ask: pages of this server alone, on this machine, opened with the address that it printed."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 40_000_000
"""Bytes of a question."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do: run the server's scripts and ask the server; styles are set on single elements too."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Refuses what does not come from a page of this server.

    `hosts` are the names it goes by, with the port, None for any. `token` is a secret of this start: the address
    that is printed has it, a cookie keeps it, and nothing is answered without.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, token: str, cookie: str) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = self._refusal(scope, headers)
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._hosts is not None and host.lower() not in self._hosts:
            return PlainTextResponse("This server does not go by that name.", 421)
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            return PlainTextResponse("Pages of other servers may not ask this one.", 403)
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and scope["path"] != "/":
            return PlainTextResponse("Pages of other servers may not ask this one.", 403)
        if scope["path"] == "/" and (given := QueryParams(scope["query_string"]).get("token")) is not None:
            return self._welcome(scope, given)
        if not self._known(headers):
            words = "Open the editor with the address that `archlang serve` printed: it has a token for this start."
            return PlainTextResponse(words, 401)
        if scope["method"] == "POST":
            return _wrong_question(headers, origin)
        return None

    def _welcome(self, scope: Scope, given: str) -> Response | None:
        """Take the token out of the address and keep it in a cookie that no script and no other site has."""
        if not compare_digest(given.encode(), self._token.encode()):
            return PlainTextResponse("That is the token of another start: use the address that was printed.", 401)
        query = QueryParams(scope["query_string"])
        rest = "&".join(f"{name}={_quoted(value)}" for name, value in query.multi_items() if name != "token")
        response = RedirectResponse(f"/?{rest}" if rest else "/", 303)
        response.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
        return response

    def _known(self, headers: Headers) -> bool:
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return morsel is not None and compare_digest(morsel.value.encode(), self._token.encode())


def _wrong_question(headers: Headers, origin: str | None) -> Response | None:
    if origin is None:
        return PlainTextResponse("Only a page of this server may ask this.", 403)
    if headers.get("content-type", "").partition(";")[0] != "application/json":
        return PlainTextResponse("Questions are JSON.", 415)
    length = headers.get("content-length", "")
    if not length.isdecimal() or len(length) > 12:
        return PlainTextResponse("A question says how long it is.", 411)
    if int(length) > LONGEST:
        return PlainTextResponse("This is too long for an .arch file.", 413)
    return None


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="/")

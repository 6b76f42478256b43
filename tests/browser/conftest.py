"""A headless Chromium, and a network's page opened in it. Nothing a page shows may be fetched from anywhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import archlang

NEEDED = "the browser tests need Chromium (Debian: `apt-get install chromium`, or CHROMIUM=/its/path) and playwright"
QUIET = (
    "--no-sandbox",  # the tests may run as root, on pages of our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail(NEEDED)
    if found is None:
        pytest.fail(NEEDED)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The page of a network of the zoo, drawn once."""
    folder, drawn = tmp_path_factory.mktemp("pages"), {}

    def page(name: str) -> Path:
        if name not in drawn:
            drawn[name] = archlang.read(name).draw(folder / f"{name.replace('@', '-')}.html")
        return drawn[name]

    return page


@pytest.fixture
def opened(browser: Any, pages: Callable[[str], Path]) -> Iterator[Callable[..., Any]]:
    """Opens a page; whatever the script complains of, and whatever it asks the network for, fails the test."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    wrong: list[str] = []

    def open_(name: str | Path) -> Any:
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None)
        page.goto((name if isinstance(name, Path) else pages(name)).as_uri())
        page.wait_for_function("window.archlang")
        return page

    yield open_
    context.close()
    assert wrong == []

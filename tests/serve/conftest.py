"""The editor's server in a folder of its own, asked as its page asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import HOME, PORT, TOKEN
from starlette.testclient import TestClient

from archlang.serve.app import Server
from archlang.serve.folder import Folder
from archlang.serve.run import names


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nets").resolve()


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[TestClient]:
    """A client that has opened nothing yet."""
    app = Server(Folder(folder)).app(names("127.0.0.1", PORT), TOKEN, "archlang-test")
    with TestClient(app, base_url=HOME) as client:
        yield client


@pytest.fixture
def client(running: TestClient) -> TestClient:
    """One that has opened the address that was printed."""
    running.cookies.clear()
    assert running.get("/", params={"token": TOKEN}).status_code == 200
    return running


@pytest.fixture
def tell(client: TestClient) -> Any:
    """Asks as the page does."""

    def tell(what: str, **values: Any) -> Any:
        return client.post(f"/api/{what}", json={"window": "one", **values}, headers={"Origin": HOME})

    return tell

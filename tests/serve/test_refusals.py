"""What the server refuses: other hosts, other origins, no token, files of other folders, questions that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from serving import HOME, TOKEN
from starlette.testclient import TestClient

from archlang.serve.run import names

QUESTION = {"window": "one", "text": "input 3x8x8\nconv3-8"}


def test_nothing_is_answered_without_the_token(running: TestClient) -> None:
    running.cookies.clear()
    for path in ("/", "/page.js", "/page.css", "/api/start", "/api/files", "/api/file?name=a.arch"):
        assert running.get(path).status_code == 401
    asked = running.post("/api/look", json=QUESTION, headers={"Origin": HOME})
    assert asked.status_code == 401


def test_the_token_of_another_start_is_refused(running: TestClient) -> None:
    running.cookies.clear()
    assert running.get("/", params={"token": "another"}).status_code == 401
    assert running.get("/", params={"token": "é"}).status_code == 401
    running.cookies.set("archlang-test", "another")
    assert running.get("/").status_code == 401


def test_the_token_leaves_the_address_for_a_cookie_that_scripts_and_other_sites_do_not_get(
    running: TestClient,
) -> None:
    running.cookies.clear()
    answer = running.get("/", params={"token": TOKEN, "file": "a b.arch"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?file=a%20b.arch"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "host", ["evil.example:8765", "127.0.0.1", "127.0.0.1:80", "evil.example", "127.0.0.1.evil:8765"]
)
def test_another_host_is_refused_though_it_leads_here(client: TestClient, host: str) -> None:
    for path in ("/", "/api/files"):
        assert client.get(path, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"])
def test_the_machines_own_names_are_answered(client: TestClient, host: str) -> None:
    cookie = {"Host": host, "Cookie": f"archlang-test={TOKEN}"}
    assert client.get("/api/files", headers=cookie).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:8765", "http://127.0.0.1:9000"])
def test_another_origin_is_refused(client: TestClient, origin: str) -> None:
    assert client.post("/api/look", json=QUESTION, headers={"Origin": origin}).status_code == 403
    assert client.get("/api/files", headers={"Origin": origin}).status_code == 403


def test_a_question_without_an_origin_is_refused(client: TestClient) -> None:
    assert client.post("/api/look", json=QUESTION).status_code == 403


def test_what_a_page_of_another_site_loads_is_refused(client: TestClient) -> None:
    for site in ("cross-site", "same-site"):
        assert client.get("/page.js", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert client.get("/page.js", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"window": 1, "text": ""}', b'{"window": "a"}', b"[" * 100_000])
def test_a_question_that_is_none_is_refused_in_words(client: TestClient, content: bytes) -> None:
    headers = {"Origin": HOME, "Content-Type": "application/json"}
    answer = client.post("/api/look", content=content, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["refused"]


def test_a_question_that_is_no_json_or_too_long_is_refused(client: TestClient) -> None:
    form = client.post("/api/look", content=b"{}", headers={"Origin": HOME, "Content-Type": "text/plain"})
    assert form.status_code == 415
    headers = {"Origin": HOME, "Content-Type": "application/json", "Content-Length": "99999999999"}
    assert client.post("/api/look", content=b"{}", headers=headers).status_code == 413


OUTSIDE = [
    "../a.arch",
    "/etc/passwd",
    "/etc/a.arch",
    "a/../../a.arch",
    "a.txt",
    ".hidden.arch",
    ".ssh/a.arch",
    "a\\..\\b.arch",
    "C:a.arch",
    "a\0.arch",
    "a\n.arch",
    "",
    "a//b.arch",
    "x" * 500 + ".arch",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_file_outside_the_folder_is_neither_read_nor_written_nor_watched_nor_drawn(
    client: TestClient, tell: Any, name: str
) -> None:
    assert client.get("/api/file", params={"name": name}).status_code == 403
    assert client.get("/api/trace", params={"name": name}).status_code == 403
    assert tell("save", name=name, text="").status_code == 403
    assert tell("look", name=name, text="conv3-8").status_code == 403


def test_a_link_that_leads_out_of_the_folder_is_refused(
    client: TestClient, tell: Any, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.arch").write_text("input 3x8x8\nconv3-8\n")
    (folder / "link.arch").symlink_to(tmp_path / "secret.arch")
    (folder / "out").symlink_to(tmp_path, target_is_directory=True)
    for name in ("link.arch", "out/secret.arch"):
        assert client.get("/api/file", params={"name": name}).status_code == 403
        assert tell("save", name=name, text="").status_code == 403
    assert not {"link.arch", "out/secret.arch"} & set(client.get("/api/files").json())
    (folder / "main.arch").write_text('import "link.arch": Secret\nconv3-8\n')
    found = tell("look", name="main.arch", text=(folder / "main.arch").read_text()).json()["diagnostics"]
    assert [one["code"] for one in found if one["severity"] == "error"] == ["import-path"]
    assert (tmp_path / "secret.arch").read_text() == "input 3x8x8\nconv3-8\n"


def test_every_answer_forbids_what_the_page_does_not_need(client: TestClient) -> None:
    for path in ("/", "/page.js", "/api/files", "/nowhere"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_names_and_texts_go_out_as_json_that_no_browser_takes_for_a_page(client: TestClient, folder: Path) -> None:
    (folder / "<script>alert(1)<").mkdir(exist_ok=True)
    (folder / "<script>alert(1)<" / "script>.arch").write_text("conv3-8")
    answer = client.get("/api/files")
    assert "<script>alert(1)</script>.arch" in answer.json()
    assert answer.headers["content-type"] == "application/json"


def test_other_ways_of_asking_are_refused(client: TestClient) -> None:
    assert client.put("/api/save", headers={"Origin": HOME}).status_code == 405
    assert client.get("/api/save").status_code == 405


def test_listening_everywhere_any_name_leads_there_and_else_only_known_ones() -> None:
    assert names("0.0.0.0", 80) is None  # noqa: S104
    assert "192.168.1.5:81" in (names("192.168.1.5", 81) or ())
    assert "localhost" in (names("127.0.0.1", 80) or ())
    assert "localhost" not in (names("127.0.0.1", 81) or ())

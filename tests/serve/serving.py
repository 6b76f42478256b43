"""Where the server under test is, and the secret of its start."""

PORT = 8765
HOME = f"http://127.0.0.1:{PORT}"
TOKEN = "printed-at-this-start"  # noqa: S105 - of a server that nobody reaches

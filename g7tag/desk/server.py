"""The review desk as a local web app: a server for this machine alone, between a session and the page."""

import json
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from g7tag.desk.session import DeskSession, answer_to

LIMIT = 100_000
"""Greatest size of a message, in bytes."""
FILES = {"": "text/html", "app.js": "text/javascript", "desk.js": "text/javascript", "desk.css": "text/css"}
"""Everything that the server hands out, with its media type; "" is the page itself."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
_HERE = Path(__file__).parent


class DeskServer(ThreadingHTTPServer):
    """Serve a session on a free port of 127.0.0.1, to those who know its address."""

    def __init__(self, session: DeskSession) -> None:
        self.session = session
        self.lock = Lock()  # held while a message is carried out and answered
        super().__init__(("127.0.0.1", 0), _Handler)
        self.token = secrets.token_urlsafe()
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.address = f"{self.origin}/{self.token}/"

    def server_close(self) -> None:
        """Stop once the decision that is being saved is saved; later messages have no answer."""
        self.lock.acquire()
        super().server_close()

    def handle_error(self, *where: Any) -> None:
        """Print a bug, but not that the browser closed a connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*where)


class _Handler(BaseHTTPRequestHandler):
    server: DeskServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "g7tag", ""
    timeout = 60  # seconds in which a request must be complete
    disable_nagle_algorithm = True  # an answer goes out at once

    def do_GET(self) -> None:
        name = self._allowed_name()
        if name is not None:
            self._send((_HERE / (name or "app.html")).read_bytes(), FILES[name])

    def do_POST(self) -> None:
        if self._allowed_name() != "":
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isdecimal() and len(length) < 9 and int(length) <= LIMIT):
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            request = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        answer: dict[str, Any] = {"id": request.get("id"), "failed": True}
        with self.server.lock:
            try:
                answer = answer_to(request, self.server.session)
            finally:  # a bug is also printed in the terminal
                self._send(json.dumps(answer).encode(), "application/json")

    def _allowed_name(self) -> str | None:
        """Return the name of the file that is asked for; None if the request is refused, and that is answered."""
        token, _, name = self.path.removeprefix("/").partition("/")
        origins = [self.server.origin] if self.command == "POST" else [self.server.origin, None]
        is_known = secrets.compare_digest(token.encode(), self.server.token.encode())
        is_local = self.headers.get_all("Host") == [self.server.origin.removeprefix("http://")]  # no rebound name
        if not (is_known and is_local and self.headers.get("Origin") in origins):
            self.send_error(HTTPStatus.FORBIDDEN)
        elif name not in FILES or (self.command == "POST" and name):
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            return name
        return None

    def _send(self, body: bytes, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        for header in HEADERS.items():
            self.send_header(*header)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""

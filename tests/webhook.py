"""A server for what is sent to people and webhooks, which fails, hangs and redirects as told."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple

# an answer that never comes
HANGS = 0


class Asked(NamedTuple):
    """One request."""

    path: str
    body: Any
    key: str | None = None


@contextmanager
def server(*answers: int, seconds: float = 0) -> Iterator[tuple[str, list[Asked]]]:
    """An address, and what was sent to it: it gives these answers in turn, the last for ever."""
    asked: list[Asked] = []
    ended = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = answers[min(len(asked), len(answers) - 1)]
            asked.append(Asked(self.path, json.loads(body), self.headers["Idempotency-Key"]))
            time.sleep(seconds)
            if answer == HANGS:
                ended.wait()
                return
            self.send_response(answer)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{listening.server_port}", asked
        ended.set()
        listening.shutdown()

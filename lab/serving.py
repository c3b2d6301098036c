"""A thread in which a socket server serves until it is told to end, and then ends at once."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading


class Serving:
    """Serves from its making to `end`, or as a context manager; `serve_forever` would look only now and then whether it should end."""

    def __init__(self, server: socketserver.TCPServer, name: str | None = None) -> None:
        self._server = server
        self._server.timeout = 0  # who hung up before being accepted is not waited for
        self._end, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True, name=name)
        self._thread.start()

    def end(self) -> None:
        """Take nothing in any more. What was taken in goes on, and the server's socket stays."""
        self._end.close()
        self._thread.join()

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _serve(self) -> None:
        with self._ended, selectors.DefaultSelector() as ready:
            ready.register(self._server, selectors.EVENT_READ)
            ready.register(self._ended, selectors.EVENT_READ)
            while all(key.fileobj is self._server for key, _ in ready.select()):
                self._server.handle_request()

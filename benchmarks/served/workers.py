"""waitress with several processes on one port: ``python workers.py PORT PROCESSES THREADS``."""

import os
import signal
import socket
import sys
from pathlib import Path

import waitress


def serve(port: int, processes: int, threads: int) -> None:
    """Serve until the end."""
    listening = socket.create_server(("127.0.0.1", port), backlog=1024)
    workers = [_worker(listening, threads) for _ in range(processes)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        for worker in workers:
            os.waitpid(worker, 0)
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGTERM)


def _worker(listening: socket.socket, threads: int) -> int:
    """The id of a new process, which loads the application for itself."""
    worker = os.fork()
    if worker == 0:
        sys.path.insert(0, str(Path(__file__).parent))
        from wsgi import application

        waitress.create_server(
            application, sockets=[listening], threads=threads, connection_limit=5000, asyncore_use_poll=True
        ).run()
    return worker


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))

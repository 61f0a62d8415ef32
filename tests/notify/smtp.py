"""A scripted mail server on loopback: answers as told and keeps what it took."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser


@dataclass
class MailServer:
    """`recipient`, `data` and `greeting` are the answers to RCPT TO, to the end of DATA and to a new connection; the
    word `hang` never answers and `drop` takes the text and hangs up. `taken` holds each mail that the server has."""

    port: int
    greeting: str = "220 mail.example ready"
    recipient: str = "250 ok"
    data: str = "250 taken"
    taken: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> bool:
            if line == "hang":
                state.over.wait()
                return False
            if line == "drop":
                return False
            self.wfile.write(line.encode() + b"\r\n")
            return True

        def handle(self) -> None:
            if not self.say(state.greeting):
                return
            while line := self.rfile.readline().decode("ascii", "replace").strip():
                verb = line[:4].upper()
                if verb == "RCPT":
                    state.recipients.append(line[8:].strip("<>: "))
                    answer = state.recipient
                elif verb == "DATA":
                    self.say("354 go on")
                    answer = self.read_mail()
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    answer = "250 ok"
                if not self.say(answer):
                    return

        def read_mail(self) -> str:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            if state.data[0] not in "45":
                state.taken.append(BytesParser().parsebytes(b"".join(lines)))
            return state.data

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    state = MailServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join()

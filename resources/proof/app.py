"""What a proof deploys: it keeps, prints and is sent marks, each of which is nowhere else."""

import http.server
import os
from pathlib import Path

CODE = "@CODE@"
# in two parts, or these marks would be in the code too
STEM = "@FIRST@" + "@SECOND@"
KEPT = Path("/data/proof")
SENT = Path("/tmp/proof")


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("This app is part of a proof.")

    def do_POST(self):
        # as frameworks do it: what is large goes into the temporary folder while it arrives
        left = int(self.headers["Content-Length"])
        with SENT.open("wb") as file:
            while left > 0 and (part := self.rfile.read(min(left, 65536))):
                left -= file.write(part)
        self.answer(str(SENT.stat().st_size))

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words):
        pass


print(STEM + "@LINE@", flush=True)
KEPT.write_text(STEM + "@FILE@")
with KEPT.open("rb") as kept:
    os.fsync(kept.fileno())
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()

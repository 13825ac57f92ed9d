"""The least, served by LitServe: `python -m benchmarks.peers.with_litserve PORT`, in the environment of the peers."""

import base64
import sys
from typing import Any

import litserve

from benchmarks.peers.least import Reader


class Digits(litserve.LitAPI):
    """POST /predict with {"image": base64} → the digit and its probabilities."""

    def setup(self, device: str) -> None:
        """Open the network, in each worker."""
        self.reader = Reader()

    def decode_request(self, request: dict[str, Any]) -> bytes:
        """Take the file from JSON."""
        return base64.b64decode(request["image"])

    def predict(self, png: bytes) -> dict[str, object]:
        """Read it."""
        return self.reader.read(png)

    def encode_response(self, output: dict[str, object]) -> dict[str, object]:
        """Answer as it is."""
        return output


if __name__ == "__main__":
    server = litserve.LitServer(Digits(), accelerator="cpu", workers_per_device=2, fast_queue="fast" in sys.argv)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")

"""The least, served by Gradio: `python -m benchmarks.peers.with_gradio PORT`, in the environment of the peers."""

import base64
import sys

import gradio

from benchmarks.peers.least import Reader

reader = Reader()


def predict(image: str) -> dict[str, object]:
    """Read a PNG file in base64."""
    return reader.read(base64.b64decode(image))


if __name__ == "__main__":
    page = gradio.Interface(predict, inputs="text", outputs="json", api_name="predict", flagging_mode="never")
    page.queue(default_concurrency_limit=None)
    page.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True, share=False)

"""The pen digits are parsed, checked, and fetched from a local server."""

import http.server
import io
import threading
import zipfile

import ncompress
import numpy as np
import pytest

from model.data import pen_digits

LITTLE = """.LEXICON "0" "1"
.SEGMENT DIGIT    0 ? "7"
.COMMENT 7 12  224
.PEN_DOWN
 100  400
 300  400
.PEN_UP
.DT 100
.PEN_DOWN
 200  250
.PEN_UP

.SEGMENT DIGIT    1 ? "1"
.COMMENT 1 3  5
.PEN_DOWN
 250  100
 250  500
.PEN_UP
"""


def whole_text() -> str:
    """Make a text with as many digits and writers as the real file."""
    digit = '.SEGMENT DIGIT {0} ? "{1}"\n.COMMENT {1} {2} {0}\n.PEN_DOWN\n 100 100\n 200 400\n.PEN_UP\n'
    return "".join(
        digit.format(number, number % 10, number % pen_digits.WRITERS + 1) for number in range(pen_digits.DIGITS)
    )


def archive(text: str, name: str = "pendigits-orig.tra.Z") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        members.writestr("pendigits.names", "what they are")
        members.writestr(name, ncompress.compress(text.encode()))
    return file.getvalue()


@pytest.fixture
def serve():
    """Serve bytes at a local address during the test."""
    servers = []

    def start(content: bytes, status: int = 200) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/pen.zip"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_parse_reads_labels_writers_and_strokes_with_y_downwards():
    seven, one = pen_digits.parse(LITTLE)
    assert (seven.label, seven.writer, one.label, one.writer) == (7, 12, 1, 3)
    assert [stroke.tolist() for stroke in seven.strokes] == [[[100, 100], [300, 100]], [[200, 250]]]
    assert np.array_equal(one.strokes[0], [[250, 400], [250, 0]])


def test_fetch_downloads_once_and_keeps_the_text(serve, tmp_path):
    seen = []
    path = pen_digits.fetch(tmp_path / "pen", serve(archive(whole_text())), lambda *progress: seen.append(progress))
    assert path.read_text() == whole_text()
    assert seen[-1][0] == seen[-1][1] > 0
    assert len(pen_digits.load(path)) == pen_digits.DIGITS
    assert pen_digits.fetch(tmp_path / "pen", "http://127.0.0.1:9/nothing-is-asked") == path


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 200),
        (b"no zip", 200),
        (b"gone", 404),
        (archive(LITTLE), 200),
        (archive(whole_text(), "other.Z"), 200),
        (archive(whole_text().replace("400", "many")), 200),
    ],
    ids=["empty", "no zip", "not found", "too few digits", "another file", "no numbers"],
)
def test_fetch_refuses_other_files_and_leaves_nothing(serve, tmp_path, content, status):
    with pytest.raises(pen_digits.PenDigitsError):
        pen_digits.fetch(tmp_path, serve(content, status))
    assert list(tmp_path.iterdir()) == []


def test_fetch_reports_a_server_that_does_not_answer(tmp_path):
    with pytest.raises(pen_digits.PenDigitsError, match="could not be fetched"):
        pen_digits.fetch(tmp_path, "http://127.0.0.1:9/pen.zip")


def test_load_refuses_an_incomplete_copy(tmp_path):
    path = tmp_path / "pendigits-orig.tra"
    path.write_text(LITTLE)
    with pytest.raises(pen_digits.PenDigitsError, match="2 digits by 2 writers"):
        pen_digits.load(path)

"""Reading labelled images through the application, and counting right, sure and refused answers."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from tqdm import tqdm

NO_DIGIT = "no digit"  # the label of what should be refused


@dataclass
class Tally:
    """The answers to one kind of images. Refused digits count as wrong."""

    name: str
    count: int = 0
    right: int = 0
    sure: int = 0
    sure_right: int = 0
    refused: int = 0
    misread: list[tuple[bytes, str, str]] = field(default_factory=list)  # an image, its label, and the answer
    times: list[float] = field(default_factory=list)  # in milliseconds

    def add(self, label: str, image: bytes, answer: dict[str, Any]) -> bool:
        """Count an answer to an image of `label`. Returns whether it is right."""
        refused = answer["verdict"] in ("not-a-digit", "not-a-number")
        read = answer["text"] if "text" in answer else answer["label"]
        right = refused if label == NO_DIGIT else read == label
        self.count += 1
        self.right += right
        self.refused += refused
        self.sure += answer["verdict"] == "sure"
        self.sure_right += right and answer["verdict"] == "sure"
        if not right:
            self.misread.append((image, label, read or answer["verdict"]))
        return right

    def summary(self) -> str:
        """Say how many were right, and how many surely."""
        wrong = self.count - self.right
        return (
            f"{self.name}: {self.right / self.count:.2%} right, {wrong} of {self.count:,} wrong\n"
            f"  sure of {self.sure / self.count:.1%}, and right in {self.sure_right / max(1, self.sure):.2%} of those"
        )

    def frequent(self) -> str:
        """Name the most frequent mistakes, and how often each was made."""
        mistakes = Counter(f"{label} as {read}" for _, label, read in self.misread if label != NO_DIGIT)
        return ", ".join(f"{mistake} ({count})" for mistake, count in mistakes.most_common(6))

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the part that is right. Source: Wilson, "Probable Inference …" (1927)."""
        z = 1.96
        part, rest = self.right / self.count, z**2 / self.count
        middle = (part + rest / 2) / (1 + rest)
        half = z * np.sqrt(part * (1 - part) / self.count + rest / (4 * self.count)) / (1 + rest)
        return middle - half, middle + half


def read(client: FlaskClient, path: str, name: str, images: Sequence[tuple[str, bytes]]) -> Tally:
    """Send images, pairs of a label and a file, to `path`, one after the other."""
    tally = Tally(name)
    for label, image in tqdm(images, desc=name, leave=False):
        started = time.perf_counter()
        answer = client.post(path, data=image, content_type="image/png")
        tally.times.append((time.perf_counter() - started) * 1000)
        tally.add(label, image, answer.get_json())
    return tally


def served_model(client: FlaskClient, path: str = "/predict") -> str:
    """Name the network that `path` asks, and its version. Exits where there is none of that name."""
    answer = client.post(path, json={"strokes": []}).get_json()
    if "model" not in answer:
        raise SystemExit(answer["detail"])
    return f"{answer['model']['name']}, {answer['model']['version']}"

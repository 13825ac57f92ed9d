"""Reading labelled images through the application, and counting right, sure, refused and blank answers."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from tqdm import tqdm

NO_DIGIT = "no digit"  # the label of what should be refused
BLANK = "blank"  # and of what has no ink


@dataclass
class Tally:
    """The answers to one kind of images. Refused digits count as wrong, and digits for which there is no ink."""

    name: str
    only_digits: bool = False  # of numbers: points and signs do not count
    count: int = 0
    right: int = 0
    likeliest: int = 0  # whose most probable digit is the right one, be it refused or not
    sure: int = 0
    sure_right: int = 0
    refused: int = 0
    blank: int = 0
    misread: list[tuple[bytes, str, str]] = field(default_factory=list)  # an image, its label, and the answer
    times: list[float] = field(default_factory=list)  # in milliseconds

    def add(self, label: str, image: bytes, answer: dict[str, Any]) -> bool:
        """Count an answer to an image of `label`. Returns whether it is right."""
        blank, refused = answer["verdict"] == "blank", answer["verdict"] in ("not-a-digit", "not-a-number")
        read = answer["text"] if "text" in answer else answer["label"]
        if self.only_digits and read is not None:
            read = digits_of(read)
        right = {NO_DIGIT: refused, BLANK: blank}.get(label, read == label)
        probabilities = answer.get("probabilities", {})
        self.count += 1
        self.right += right
        self.likeliest += max(probabilities, key=probabilities.get, default=read) == label
        self.refused += refused
        self.blank += blank
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

    @property
    def sure_wrong(self) -> int:
        """Count the answers that are wrong and said to be sure."""
        return self.sure - self.sure_right


def total(name: str, tallies: Sequence[Tally]) -> Tally:
    """Add up tallies."""
    counts = ("count", "right", "likeliest", "sure", "sure_right", "refused", "blank")
    return Tally(name, **{count: sum(getattr(tally, count) for tally in tallies) for count in counts})


def digits_of(text: str) -> str:
    """Leave out all but the digits."""
    return "".join(filter(str.isdigit, text))


def read(
    client: FlaskClient, path: str, name: str, images: Sequence[tuple[str, bytes]], only_digits: bool = False
) -> Tally:
    """Send images, pairs of a label and a file, to `path`, one after the other."""
    tally = Tally(name, only_digits)
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

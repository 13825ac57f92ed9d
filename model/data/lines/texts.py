"""What people write in a line of numbers: digits, decimals, dates, times, fractions, and what is none of these."""

from collections.abc import Callable
from typing import Final

import numpy as np

from model.networks.description import LINE_CLASSES

CHARACTERS: Final = "".join(LINE_CLASSES)  # ? is anything else
OTHER: Final = "?"
LONGEST: Final = 20  # characters
CLOSED: Final = ("-", ".-", ",-", OTHER, "." + OTHER)  # the end of an amount: an equals sign is none of CHARACTERS
SHARES: Final = (0.42, 0.36, 0.1, 0.08, 0.04)  # digits, what is usual, any signs, with something else, only that


def random_text(random: np.random.Generator) -> str:
    """Make up a line."""
    kind = random.choice(5, p=SHARES)
    if kind == 0:
        return digits(random, 1, 13)
    if kind == 1:
        return USUAL[random.integers(len(USUAL))](random)
    if kind == 2:  # any order: the network shall read what is there
        text = "".join(random.choice(list("0123456789.,-+/:%"), random.integers(2, 9)).tolist())
        return text if any(character.isdigit() for character in text) else digits(random, 1, 4)
    if kind == 3:
        text, at = digits(random, 1, 6), random.integers(0, 6, random.integers(1, 3))
        for place in at.tolist():
            text = text[:place] + OTHER + text[place:]
        return text
    return OTHER * int(random.integers(1, 7))


def digits(random: np.random.Generator, least: int, most: int) -> str:
    """Make up from `least` digits to `most`, exclusive."""
    return "".join(map(str, random.integers(0, 10, random.integers(least, most))))


def _decimal(random: np.random.Generator) -> str:
    text = random.choice(["", "-", "+"], p=[0.4, 0.5, 0.1]) + digits(random, 1, 4)
    return text + (random.choice([".", ","]) + digits(random, 1, 4) if random.random() < 0.75 else "")


def _date(random: np.random.Generator) -> str:
    day, month, year = (
        f"{random.integers(1, 32):02d}",
        f"{random.integers(1, 13):02d}",
        str(random.integers(1900, 2100)),
    )
    if random.random() < 0.3:
        day, month = day.lstrip("0"), month.lstrip("0")
    parts = [day, month, year if random.random() < 0.7 else year[2:]]
    if random.random() < 0.4:
        parts = [year, month, day]
    return random.choice(["-", "/", "."]).join(parts)


def _time(random: np.random.Generator) -> str:
    parts = [f"{random.integers(24):02d}", f"{random.integers(60):02d}", f"{random.integers(60):02d}"]
    return ":".join(parts[: random.choice([2, 3], p=[0.7, 0.3])])


def _fraction(random: np.random.Generator) -> str:
    return digits(random, 1, 3) + "/" + digits(random, 1, 4)


def _percent(random: np.random.Generator) -> str:
    return digits(random, 1, 4) + ("." + digits(random, 1, 3) if random.random() < 0.3 else "") + "%"


def _phone(random: np.random.Generator) -> str:
    sign = random.choice(["-", ".", "/"], p=[0.8, 0.1, 0.1])
    return random.choice(["", "+"], p=[0.8, 0.2]) + sign.join(
        digits(random, 2, 5) for _ in range(random.integers(2, 5))
    )


def _thousands(random: np.random.Generator) -> str:
    sign = random.choice([",", "."], p=[0.75, 0.25])
    text = digits(random, 1, 4) + "".join(sign + digits(random, 3, 4) for _ in range(random.integers(1, 4)))
    return text + ("." + digits(random, 2, 3) if sign == "," and random.random() < 0.25 else "")


def _amount(random: np.random.Generator) -> str:
    """Make up an amount of money as cheques have it: round, and closed so that nobody can add a digit."""
    text = digits(random, 1, 4) + "0" * int(random.integers(1, 6))
    if len(text) > 3 and random.random() < 0.5:
        text = text[:-3] + random.choice([".", ",", "."]) + text[-3:]
    return text + (random.choice(CLOSED) if random.random() < 0.4 else "")


USUAL: Final[tuple[Callable[[np.random.Generator], str], ...]] = (
    _decimal, _decimal, _date, _date, _time, _fraction, _percent, _phone, _thousands, _amount, _amount,
)  # fmt: skip

"""Lines are composed of characters that stand in their order, apart or touching as it was asked."""

import numpy as np
import pytest

from model.data import templates
from model.data.lines.compose import BELOW, GAPS, HEIGHT, Writer, _Character, _Line
from model.data.lines.digits import IN_LINES, write_zeros
from model.data.lines.signs import OTHERS, SIGNS, write_other, write_sign
from model.data.lines.texts import CHARACTERS, LONGEST, OTHER, random_text
from model.data.scenes.writing import Sources
from model.preprocessing.components import find_components
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import DRAWINGS, ink_of


@pytest.fixture(scope="module")
def sources() -> Sources:
    digits = templates.write_digits(60, list(templates.DIGITS), np.random.default_rng(0))
    return Sources(digits, np.stack([normalize(ink_of(label)) for label in sorted(DRAWINGS)]), np.arange(10))


def test_texts_have_known_characters_of_every_kind():
    random = np.random.default_rng(0)
    texts = [random_text(random) for _ in range(2000)]
    assert set("".join(texts)) == set(CHARACTERS)
    assert all(0 < len(text) <= LONGEST + 5 for text in texts)
    assert 0.4 < np.mean([text.isdigit() for text in texts]) < 0.65
    assert any(text.count("-") == 2 for text in texts)  # dates, and phone numbers
    assert any(text.count(":") for text in texts)


def test_a_line_is_as_high_as_its_digits(sources):
    random = np.random.default_rng(1)
    for _ in range(20):
        rows = np.flatnonzero((Writer(sources).write("0123456789", random) > 100).any(axis=1))
        assert 0.8 * HEIGHT < np.ptp(rows) < 2.2 * HEIGHT


@pytest.mark.parametrize(("gaps", "several"), [("wide", True), ("overlapping", False)])
def test_gaps_are_as_asked(sources, monkeypatch, gaps, several):
    monkeypatch.setattr("model.data.lines.compose._worn", lambda ink, *_: ink)
    monkeypatch.setattr("model.data.lines.compose.GAPS", {gaps: (1.0, *GAPS[gaps][1:])})
    random, writer = np.random.default_rng(2), Writer(sources)
    counts = [len(find_components(writer.write("38623", random) > 100)) for _ in range(30)]
    assert (np.median(counts) == 5) if several else (np.median(counts) <= 2)


def test_lines_are_worn_but_never_blank(sources):
    random, writer = np.random.default_rng(3), Writer(sources)
    lines = [writer.line(random)[0] for _ in range(60)]
    assert all(line.max() > 100 for line in lines)
    assert len({line.tobytes() for line in lines}) == 60


@pytest.mark.parametrize("below", [BELOW * HEIGHT, 0.0])
def test_a_point_stands_beside_the_digit_before_it_and_does_not_hide_below_it(below):
    """Else it would stand before that digit, to any reader: 45.6 would be written 4.56."""
    seven, point = np.zeros((HEIGHT, 30), np.uint8), np.full((4, 4), 255, np.uint8)
    seven[:4], seven[:, :4] = 255, 255
    line = _Line(2)
    line.add(_Character(seven, 0), 0, below)
    line.add(_Character(point, HEIGHT - 4), 5, below)
    columns = np.flatnonzero((line.ink()[8 + HEIGHT - 4 :] > 100).any(axis=0)) - 8
    assert columns[-4] >= 30 - below - 0.5


def test_no_wear_takes_a_point_away(sources):
    random, writer = np.random.default_rng(6), Writer(sources)
    darkest = [writer.write(".", random).max() for _ in range(400)]
    assert min(darkest) > 50
    assert np.median(darkest) > 150


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_stand_where_they_belong(sign):
    random = np.random.default_rng(4)
    points = [np.concatenate(write_sign(sign, random)) for _ in range(50)]
    tops, bottoms = (np.median([side(one[:, 1]) for one in points]) for side in (np.min, np.max))
    assert np.median([one[:, 0].min() for one in points]) == pytest.approx(0, abs=0.06)
    low = {".": 0.8, ",": 0.75, "-": 0.3, "+": 0.05, "/": -0.3, ":": 0.1, "%": -0.15}[sign]
    high = {".": 1.1, ",": 1.35, "-": 0.7, "+": 0.95, "/": 1.3, ":": 1.1, "%": 1.15}[sign]
    assert low < tops < bottoms < high


def test_what_is_no_character_is_written_in_many_ways():
    random = np.random.default_rng(5)
    assert OTHER not in SIGNS
    assert OTHERS
    assert len({len(write_other(random)) for _ in range(60)}) >= 3


def test_zeros_in_a_row_may_be_one_stroke(sources, monkeypatch):
    monkeypatch.setattr("model.data.lines.compose._worn", lambda ink, *_: ink)
    monkeypatch.setattr("model.data.lines.compose.LINKED", 1)
    monkeypatch.setattr("model.data.lines.compose.GAPS", {"wide": (1.0, *GAPS["wide"][1:])})
    random, writer = np.random.default_rng(7), Writer(sources)
    assert np.median([len(find_components(writer.write("7000", random) > 100)) for _ in range(30)]) == 2
    (three,), (four,) = write_zeros(3, random), write_zeros(4, random)
    assert np.ptp(three[:, 0]) > 1.2
    assert len(four) > len(three)


@pytest.mark.parametrize("kind", IN_LINES)
def test_digits_that_alone_would_be_letters_are_as_high_as_others(kind):
    points = np.concatenate(templates.write(IN_LINES[kind], np.random.default_rng(8)))
    assert kind[0] in "19"
    assert 0.75 < np.ptp(points[:, 1]) < 1.35


def test_amounts_of_money_are_round_and_closed():
    texts = [random_text(np.random.default_rng(seed)) for seed in range(3000)]
    assert sum(text.rstrip("-.,?").endswith("00") for text in texts) > 50
    assert any(text.endswith(("0-", "0.-")) for text in texts)

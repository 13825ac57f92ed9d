"""Answers are counted as their verdicts say, and the interval is Wilson's."""

import pytest

from benchmarks.tally import BLANK, NO_DIGIT, Tally, total

SEVEN = {"label": "7", "verdict": "sure", "probabilities": {"1": 0.1, "7": 0.9}}
REFUSED = {**SEVEN, "label": None, "verdict": "not-a-digit"}
EMPTY = {**SEVEN, "label": None, "verdict": "blank"}


def tally_of(*answers: tuple[str, dict], **options: bool) -> Tally:
    tally = Tally("some", **options)
    for label, answer in answers:
        tally.add(label, b"", answer)
    return tally


@pytest.mark.parametrize(
    ("label", "answer", "right", "sure_wrong"),
    [
        ("7", SEVEN, 1, 0),
        ("1", SEVEN, 0, 1),
        ("1", {**SEVEN, "verdict": "unsure"}, 0, 0),
        ("7", REFUSED, 0, 0),
        ("7", EMPTY, 0, 0),
        (NO_DIGIT, REFUSED, 1, 0),
        (NO_DIGIT, EMPTY, 0, 0),
        (NO_DIGIT, SEVEN, 0, 1),
        (BLANK, EMPTY, 1, 0),
        (BLANK, REFUSED, 0, 0),
        (BLANK, {"text": "1111", "verdict": "sure"}, 0, 1),
    ],
)
def test_an_answer_is_right_when_its_verdict_suits_the_label(label, answer, right, sure_wrong):
    tally = tally_of((label, answer))
    assert (tally.right, tally.sure_wrong, len(tally.misread)) == (right, sure_wrong, 1 - right)


def test_the_likeliest_digit_counts_where_it_was_refused():
    tally = tally_of(("7", REFUSED), ("1", REFUSED))
    assert (tally.likeliest, tally.right, tally.refused) == (1, 0, 2)


def test_points_and_signs_count_unless_only_digits_do():
    answer = "120", {"text": "-1.20", "verdict": "unsure"}
    assert tally_of(answer).right == 0
    assert tally_of(answer, only_digits=True).right == 1


def test_tallies_add_up():
    whole = total("all", [tally_of(("7", SEVEN), ("1", SEVEN)), tally_of(("7", EMPTY))])
    assert (whole.count, whole.right, whole.sure_wrong, whole.blank) == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (50, 100, 0.4038, 0.5962), (194, 200, 0.9361, 0.9862)],
)
def test_the_interval_is_wilsons(right, count, low, high):
    assert Tally("", count=count, right=right).interval() == pytest.approx((low, high), abs=1e-4)

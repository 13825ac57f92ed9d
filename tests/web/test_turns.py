"""Turns are given in the order in which they were asked for."""

import threading
import time

import pytest

from web import answers, limits
from web.turns import Turns


def waiting(turns: Turns, count: int) -> None:
    """Wait until so many threads wait for a turn."""
    for _ in range(500):
        if len(turns._waiting) == count:
            return
        time.sleep(0.01)
    raise AssertionError(f"{len(turns._waiting)} wait")


def start(turns: Turns, name: int, order: list[int]) -> threading.Thread:
    def compute() -> None:
        assert turns.take()
        order.append(name)
        turns.give()

    thread = threading.Thread(target=compute)
    thread.start()
    return thread


@pytest.mark.parametrize("count", [1, 2])
def test_who_comes_first_is_first(count):
    turns, order = Turns(count), []
    assert all(turns.take() for _ in range(count))
    threads = []
    for name in range(5):
        threads.append(start(turns, name, order))
        waiting(turns, name + 1)
    turns.give()
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2, 3, 4]


def test_who_waits_too_long_has_no_turn_and_takes_none_from_others():
    turns, order = Turns(1), []
    turns.take()
    assert not turns.take(0.01)
    assert not turns._waiting
    turns.give()
    start(turns, 1, order).join(5)
    assert order == [1]
    assert turns.take(0)


def test_who_has_a_turn_can_let_others_go_first():
    turns, order = Turns(1), []
    turns.take()
    turns.let_others()  # nobody waits
    threads = [start(turns, 1, order)]
    waiting(turns, 1)
    turns.let_others()
    order.append(0)
    threads.append(start(turns, 2, order))
    waiting(turns, 1)
    turns.give()
    for thread in threads:
        thread.join(5)
    assert order == [1, 0, 2]


def test_between_its_images_a_request_lets_others_compute(app):
    order: list[object] = []
    with app.test_request_context("/predict", method="POST"):
        turns = app.extensions[limits.EXTENSION].turns
        for _ in range(limits.AT_ONCE - 1):
            turns.take()

        def read(data: bytes) -> None:
            order.append(data)
            if data == b"1":
                thread = start(turns, 7, order)
                waiting(turns, 1)
                threads.append(thread)

        threads: list[threading.Thread] = []
        with answers.turn():
            answers.each([b"1", b"2", b"3"], read)
        threads[0].join(5)
        for _ in range(limits.AT_ONCE - 1):
            turns.give()
    assert order == [b"1", 7, b"2", b"3"]

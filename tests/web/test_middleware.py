"""The request id, in every answer."""

import pytest

from tests.helpers.drawings import png_of
from web import metrics

EVERYWHERE = ["/", "/healthz", "/nothing", "/static/style.css", "/static/nothing", "/models/none", "/corrections/"]


@pytest.mark.parametrize("given", ["Root=1-67891233.a:b/c@d+e_f", "x" * 128])
@pytest.mark.parametrize("path", EVERYWHERE)
def test_an_id_that_is_given_comes_back(client, store, path, given):
    with client.get(path, headers={"X-Request-ID": given}) as answer:
        assert answer.headers.getlist("X-Request-ID") == [given]


@pytest.mark.parametrize("given", [None, "", "a b", "ü", "x" * 129, 'a"b', "{}", "a,b", "<b>"])
def test_without_a_sane_one_an_id_is_made(client, given):
    headers = {} if given is None else {"X-Request-ID": given}
    first, second = (client.get("/healthz", headers=headers).headers["X-Request-ID"] for _ in range(2))
    assert len(first) == 32
    assert first.isalnum()
    assert first != second


def test_a_request_is_over_when_its_answer_was_taken_or_given_up(client):
    before = metrics.IN_FLIGHT._value.get()
    taken = client.post("/predict", data=png_of("7"), content_type="image/png", buffered=False)
    assert metrics.IN_FLIGHT._value.get() == before + 1
    taken.get_data()
    taken.close()
    client.get("/static/style.css").close()
    assert metrics.IN_FLIGHT._value.get() == before

"""The page in its languages, and the upload form."""

import copy
import io
import re

import pytest

from model.preprocessing.image_files import FORMATS
from tests.helpers.drawings import DRAWINGS, ROOT, png_of
from tests.helpers.number_images import row_png
from web.openapi import document
from web.translations import LANGUAGES, words


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ({}, "en"),
        ({"headers": {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}}, "zh-Hans"),
        ({"headers": {"Accept-Language": "fr, zh-TW;q=0.5"}}, "zh-Hans"),
        ({"headers": {"Accept-Language": "fr"}}, "en"),
        ({"headers": {"Accept-Language": "en-GB,zh;q=0.9"}}, "en"),
        ({"query_string": "lang=zh-Hans", "headers": {"Accept-Language": "en"}}, "zh-Hans"),
        ({"query_string": "lang=tlh"}, "en"),
        ({"headers": {"Accept-Language": ";;;,q=x"}}, "en"),
    ],
)
def test_the_browser_and_the_address_choose_the_language(client, asked, spoken):
    answer = client.get("/", **asked)
    assert f'<html lang="{spoken}">' in answer.text
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_a_choice_is_remembered(client):
    client.get("/?lang=zh-Hans")
    assert '<html lang="zh-Hans">' in client.get("/", headers={"Accept-Language": "en"}).text
    client.get("/?lang=en")
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "zh"}).text


def test_every_format_is_offered_and_named(client):
    page = client.get("/").text
    offered = re.findall(r'accept="(image/png[^"]*)"', page)
    assert len(offered) == 2
    assert all(set(types.split(",")) == {f"image/{name.lower()}" for name in FORMATS} for types in offered)
    described = document()["components"]["requestBodies"]["Images"]["description"]
    for text in (described, *((ROOT / "docs" / f"{name}.md").read_text() for name in ("api", "security", "deploy"))):
        assert all(name.lower() in text.lower() for name in FORMATS)


def keys(said, path=()) -> set:
    if isinstance(said, dict):
        return set().union(*(keys(value, (*path, key)) for key, value in said.items()))
    return {(*path, len(said) if isinstance(said, list) else 0)}


def test_every_language_says_everything():
    said = [words(language) for language in LANGUAGES]
    assert keys(said[0]) == keys(said[1])
    assert len(keys(said[0])) > 50


@pytest.mark.parametrize(("text", "image"), [("7", png_of("7")), ("2024", row_png("2024"))])
def test_an_upload_is_answered_with_a_page(client, text, image):
    answer = client.post("/", data={"image": (io.BytesIO(image), "x.png")})
    assert answer.status_code == 200
    assert f"{text}</output>" in answer.text
    assert answer.text.count("<meter") == 10 * len(text)


def test_a_drawing_is_answered_with_a_page_too(client):
    answer = client.post("/", json={"strokes": DRAWINGS["7"]})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "7</output>" in answer.text


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({"image": (io.BytesIO(b"no image"), "x.png")}, 415, "PNG, JPEG"),
        ({}, 415, "multipart/form-data"),
        ({"other": "x"}, 415, "multipart/form-data"),
    ],
)
def test_an_upload_that_cannot_be_read_is_explained_on_the_page(client, sent, status, says):
    answer = client.post("/", data=copy.deepcopy(sent))  # a client closes the files that it has sent
    assert answer.mimetype == "text/html"
    assert says in answer.text
    assert 400 <= answer.status_code <= status

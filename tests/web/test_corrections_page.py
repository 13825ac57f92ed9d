"""/corrections/, the page: forms that no page of another site can send."""

import re
from html.parser import HTMLParser

import pytest

from corrections.entries import FILE
from corrections.store import Store
from tests.helpers.drawings import DRAWINGS
from web import corrections_page, corrections_store

pytestmark = pytest.mark.usefixtures("store")

HERE = {"Sec-Fetch-Site": "same-origin"}
FORMS = ["/corrections/1/label", "/corrections/1/delete", "/corrections/delete"]


class Page(HTMLParser):
    """The forms, links and pictures of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        found = dict(attributes)
        match tag:
            case "form":
                self.forms.append({"action": found["action"], "method": found["method"], "fields": {}})
            case "select":
                self.forms[-1]["fields"][found["name"]] = None
            case "option" if "selected" in found:
                self.forms[-1]["fields"]["label"] = found["value"]
            case "a":
                self.links.append(found["href"])
            case "img":
                assert found["alt"]
                self.pictures.append(found["src"])


def add(client, label: str = "1") -> int:
    return client.post("/corrections", json={"strokes": DRAWINGS["7"], "label": label}).json["id"]


def test_it_shows_what_is_stored(client):
    add(client, "none")
    add(client, "1")
    answer = client.get("/corrections/")
    page = Page(answer.text)
    assert answer.mimetype == "text/html"
    assert answer.text.count("Read as 7 (") == 2
    assert page.pictures[0] == "/corrections/2.png"
    assert all(client.get(picture).mimetype == "image/png" for picture in page.pictures)
    assert "/corrections/export.zip" in page.links
    assert [form["fields"]["label"] for form in page.forms if form["action"].endswith("/label")] == ["1", "none"]
    assert "<script" not in answer.text


def test_people_are_sent_to_the_page_and_programs_get_json(client):
    browser = client.get("/corrections", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (browser.status_code, browser.headers["Location"]) == (303, "/corrections/")
    for accept in ("*/*", "application/json"):
        assert client.get("/corrections", headers={"Accept": accept}).mimetype == "application/json"


def test_the_forms_relabel_and_delete(client, store):
    add(client)
    add(client)
    relabel, delete = Page(client.get("/corrections/").text).forms[:2]
    assert relabel["method"] == delete["method"] == "post"
    answer = client.post(relabel["action"], data={"label": "9"}, headers=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/corrections/#correction-2")
    assert store.get(2).label == "9"
    assert client.post(delete["action"], headers=HERE).status_code == 303
    assert [entry.id for entry in store.page(9)] == [1]


def test_all_are_deleted_only_where_the_box_is_ticked(client, store):
    add(client)
    answer = client.post("/corrections/delete", headers=HERE)
    assert answer.status_code == 400
    assert "tick the box" in answer.text
    assert store.count() == 1
    assert client.post("/corrections/delete", data={"confirm": "all"}, headers=HERE).status_code == 303
    assert store.count() == 0
    assert "None is stored" in client.get("/corrections/").text


def test_there_are_pages(client, store, monkeypatch):
    monkeypatch.setattr(corrections_page, "PAGE", 2)
    for _ in range(5):
        add(client)
    address, seen = "/corrections/", []
    while address:
        page = Page(client.get(address).text)
        seen += [int(number) for number in re.findall(r"'/corrections/(\d+)\.png'", str(page.pictures))]
        before = page.forms[0]["action"].partition("?")[2]
        assert before == address.partition("?")[2]  # the forms come back to this page
        address = next((link for link in page.links if "before" in link), None)
    assert seen == [5, 4, 3, 2, 1]
    returned = client.post("/corrections/1/label?before=3", data={"label": "2"}, headers=HERE)
    assert returned.headers["Location"] == "/corrections/?before=3#correction-1"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "https://localhost"}, True),  # behind a proxy with TLS
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Origin": "http://localhost:8001"}, False),
        ({"Origin": "http://evil-localhost"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
)
def test_only_our_own_page_can_send_the_forms(client, store, form, headers, allowed):
    add(client)
    before = store.get(1)
    answer = client.post(form, data={"label": "9", "confirm": "all"}, headers=headers)
    assert answer.status_code == (303 if allowed else 403)
    if not allowed:
        assert store.get(1) == before


def test_what_is_not_there_is_told_as_a_page(client):
    for address in ("/corrections/9/label", "/corrections/9/delete"):
        answer = client.post(address, data={"label": "1"}, headers=HERE)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "no correction 9" in answer.text
    assert client.post("/corrections/9/label", data={"label": "x"}, headers=HERE).status_code == 400
    assert client.get("/corrections/?before=x").status_code == 400


def test_names_cannot_write_into_the_page(client, store):
    add(client)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE digitpad_corrections SET model = '<script>alert(1)</script>'")
    assert "<script" not in client.get("/corrections/").text


def test_a_store_that_cannot_be_used_is_told_as_a_page(app, client, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setitem(app.extensions, corrections_store.EXTENSION, lambda: Store(str(tmp_path / "file" / FILE)))
    answer = client.get("/corrections/")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "make the instance folder writable" in answer.text

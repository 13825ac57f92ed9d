"""The export of the page for a static host: what it writes, what it refuses, and that nothing is lost."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import app
from tests.helpers.drawings import ROOT
from web import service_worker, site
from web.headers import POLICY

WEIGHTS = ROOT / "weights"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "digits"
    site.write(app.create_app, WEIGHTS, folder)
    return folder


def test_everything_that_it_names_is_there(written):
    worker = (written / service_worker.SCRIPT).read_text()
    files, weights = (json.loads(re.search(rf"const {name} = (.*);", worker)[1]) for name in ("FILES", "WEIGHTS"))
    assert {
        "./",
        "zh-Hans/",
        "static/page.js",
        "static/ondevice/answers.js",
        "data/models.json",
        "data/models/line.json",
    } <= set(files)
    for name in [*files, *weights]:
        path = written / name
        assert (path / "index.html" if name.endswith("/") or name == "./" else path).is_file(), name
    for page, up in (("index.html", ""), ("zh-Hans/index.html", "../")):
        text = (written / page).read_text("utf-8")
        addresses = re.findall(r'(?:href|src)="([^"#]+)', text)
        assert addresses
        assert [each for each in addresses if each.startswith(("/", "http"))] == []
        assert f'data-weights="{up}weights/"' in text
        for address in addresses:
            assert (written / page).parent.joinpath(address).resolve().exists(), address


def test_its_policy_is_the_servers(written):
    text = (written / "index.html").read_text("utf-8").replace("&#39;", "'")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)', text)[1]
    assert policy == POLICY.replace("; frame-ancestors 'none'", "")


def test_only_the_networks_that_the_page_runs_are_in_it(written):
    assert sorted(path.name for path in (written / "weights").iterdir()) == sorted(
        f"{name}.safetensors" for name in site.ON_DEVICE
    )
    assert [model["name"] for model in json.loads((written / "data/models.json").read_text())["models"]] == ["digitpad"]
    card = json.loads((written / "data/models/digitpad.json").read_text())
    assert card["version"] == json.loads((written / "data/models.json").read_text())["models"][0]["version"]


def test_an_earlier_site_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "digits"
    folder.mkdir()
    site.write(app.create_app, WEIGHTS, folder)
    (folder / "static" / "old.js").write_text("old")
    site.write(app.create_app, WEIGHTS, folder)
    assert not (folder / "static" / "old.js").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


@pytest.mark.parametrize("kind", ["a folder of something else", "a file"])
def test_what_is_no_site_is_never_replaced(kind, tmp_path):
    target = tmp_path / "precious"
    if kind == "a file":
        target.write_text("kept")
    else:
        target.mkdir()
        (target / "letter.txt").write_text("kept")
    with pytest.raises(site.SiteError, match="name a"):
        site.write(app.create_app, WEIGHTS, target)
    assert (target if kind == "a file" else target / "letter.txt").read_text() == "kept"


def test_where_it_fails_the_earlier_site_stays(tmp_path, monkeypatch):
    folder = tmp_path / "digits"
    site.write(app.create_app, WEIGHTS, folder)
    before = (folder / "index.html").read_text()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site, "_pages", fail)
    with pytest.raises(site.SiteError, match="No space left on device"):
        site.write(app.create_app, WEIGHTS, folder)
    assert (folder / "index.html").read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


def test_where_the_new_site_cannot_take_its_place_the_earlier_one_comes_back(tmp_path, monkeypatch):
    folder, rename = tmp_path / "digits", Path.rename
    site.write(app.create_app, WEIGHTS, folder)
    before = (folder / "index.html").read_text()

    def fail_for_the_new(path, target):
        if path.name == "new":
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new)
    with pytest.raises(site.SiteError, match="Input/output error"):
        site.write(app.create_app, WEIGHTS, folder)
    assert (folder / "index.html").read_text() == before


def test_weights_that_cannot_be_used_are_named(tmp_path):
    for name in site.ON_DEVICE:
        (tmp_path / f"{name}.safetensors").write_bytes(b"no weights")
    with pytest.raises(site.SiteError, match="The site needs digitpad"):
        site.write(app.create_app, tmp_path, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_without_a_network_that_the_page_needs_it_says_so(tmp_path):
    with pytest.raises(
        site.SiteError, match=r"digitpad\.safetensors and line\.safetensors and ink\.safetensors: train"
    ):
        site.write(app.create_app, tmp_path, tmp_path / "site")


@pytest.mark.slow
def test_the_command_writes_it(tmp_path):
    command = [sys.executable, "-m", "model", "export", "--site", "digits"]
    run = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "python -m http.server" in run.stdout
    assert (tmp_path / "digits" / "index.html").exists()
    again = subprocess.run([*command[:-1], str(ROOT / "docs")], cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 1
    assert "something else" in again.stderr

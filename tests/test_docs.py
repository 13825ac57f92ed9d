"""The documents are true: their commands run, their links lead somewhere, and every setting is in their table."""

import glob
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

import app
import train
from model.__main__ import main
from tests.helpers.drawings import ROOT
from tests.helpers.photos import write_photos

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in DOCUMENTS}
MOST_LINES = {"README.md": 150, "README.zh-CN.md": 150, "docs/training.md": 120, "docs/handwriting.md": 120}
PYTHON = ".venv/bin/python "


def commands(text: str) -> list[str]:
    """List the commands of a document's shell blocks, without their comments."""
    blocks = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    stripped = (re.sub(r"\s+#.*$", "", line) for line in blocks.splitlines())
    return [" ".join(line.split()) for line in stripped if line]


README = commands(TEXTS["README.md"])
CURLS = sorted({command for text in TEXTS.values() for command in commands(text) if command.startswith("curl")})
TRAININGS = [command for command in README if command.startswith(f"{PYTHON}train.py")]
MODEL = [command for command in README if command.startswith(f"{PYTHON}-m model")]
MAKE = [command for command in README if command.startswith("make ")]
NOT_RUN = {f"{PYTHON}train.py --corrections": "it wants corrections: test_finetuning.py makes some"}


def arguments(command: str, start: str) -> list[str]:
    """Split a command's arguments as a shell does, with its patterns of file names."""
    return [name for word in shlex.split(command.removeprefix(start)) for name in sorted(glob.glob(word)) or [word]]


def test_every_command_of_the_readme_is_run_by_a_test():
    assert set(README) - set(CURLS) - set(TRAININGS) - set(MODEL) - set(MAKE) == set()
    assert all((len(CURLS) >= 5, len(TRAININGS) >= 3, len(MODEL) >= 5, len(MAKE) >= 2))
    assert NOT_RUN.keys() <= set(README)


def test_both_readmes_have_the_same_commands():
    assert commands(TEXTS["README.zh-CN.md"]) == README


@pytest.mark.skipif(shutil.which("curl") is None and "CI" not in os.environ, reason="there is no curl")
@pytest.mark.parametrize("command", CURLS)
def test_curl_lines_work_as_written(server, command):
    command = command.replace("http://127.0.0.1:8000/", server.url).replace("curl ", "curl -sSf ", 1)
    ran = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    if "/predict" in command:
        answer = json.loads(ran.stdout)
        results = answer.get("results", [answer])
        expected = re.findall(r"docs/digits/(\d)\.png", command) or ["7"] * len(results)
        assert [result["label"] for result in results] == expected


@pytest.fixture
def tree(tmp_path, data, monkeypatch):
    """Work in a folder that has the pictures of this one, with a little data."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIGITPAD_DATA", str(data))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "address", "image", "what"),
    [
        ("README.md", "/predict", "digits/7.png", "label"),
        ("README.zh-CN.md", "/predict", "digits/7.png", "label"),
        ("docs/api.md", "/read", "number.png", "text"),
    ],
)
def test_answers_that_are_shown_are_those_of_the_server(client, name, address, image, what):
    answer = client.post(address, data=(ROOT / "docs" / image).read_bytes(), content_type="image/png").json
    shown = re.search(
        rf'{{"{what}": "([\d.]+)".*?"confidence": ([\d.]+), "verdict": "(\w+)".*?"version": "(sha256:\w+)…"',
        TEXTS[name][TEXTS[name].index(f"127.0.0.1:8000{address}\n```\n```json") :],
        re.DOTALL,
    )
    text, confidence, verdict, version = shown.groups()
    assert (answer[what], answer["verdict"]) == (text, verdict)
    assert answer["confidence"] == pytest.approx(float(confidence), abs=1e-4)
    assert answer["model"]["version"].startswith(version)


@pytest.mark.parametrize("command", MODEL)
def test_commands_of_python_m_model_work_as_written(tree, command, capfd):
    words = arguments(command, f"{PYTHON}-m model")
    if words == ["--help"]:
        with pytest.raises(SystemExit, match="0"):
            main(words)
    else:
        assert main([*words, *(["--out", "."] if words[0] == "evaluate" else [])]) == 0  # else into weights/logs
    assert capfd.readouterr().out
    if "--out" in words:
        assert (tree / words[words.index("--out") + 1]).stat().st_size > 0


@pytest.mark.slow
@pytest.mark.parametrize("command", TRAININGS)
def test_trainings_work_as_written(run, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_photos(tmp_path / "photos", {"rose": 20, "tulip": 20})
    words = arguments(command, f"{PYTHON}train.py")
    if words == ["--help"]:
        with pytest.raises(SystemExit, match="0"):
            run(*words)
    elif command in NOT_RUN:
        train.parse(words)
    else:
        assert run(*words, "--dry-run") == 0


@pytest.mark.parametrize("command", MAKE)
def test_make_installs_what_the_command_needs_and_no_more(command):
    made = subprocess.run(
        [*shlex.split(command), "--dry-run", "--always-make", "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    installed = re.findall(r"requirements(-?\w*)\.txt$", made, re.MULTILINE)
    assert installed == {"make run": ["-serve"], "make train": ["-serve", ""]}[command]
    assert (
        made.splitlines()[-1]
        == {
            "make run": ".venv/bin/gunicorn --config gunicorn.conf.py 'app:create_app()'",
            "make train": ".venv/bin/python train.py",
        }[command]
    )


@pytest.mark.parametrize("name", TEXTS)
def test_targets_of_make_that_are_named_exist(name):
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    named = re.findall(r"`make ([\w-]+)`", TEXTS[name])
    named += [command.split("make ")[1] for command in commands(TEXTS[name]) if "make " in command]
    assert set(named) <= set(targets)


@pytest.mark.parametrize("name", MOST_LINES)
def test_documents_stay_short(name):
    assert len(TEXTS[name].splitlines()) <= MOST_LINES[name]


def anchors(text: str) -> set[str]:
    """Return what a link may name after #, as GitHub makes it from headings."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name):
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", TEXTS[name]):
        target, _, anchor = "".join(link).partition("#")
        if "://" in target:
            continue
        path = ((ROOT / name).parent / target if target else ROOT / name).resolve()
        if not path.exists() or (anchor and anchor not in anchors(path.read_text())):
            broken.append("".join(link))
    assert broken == []


@pytest.mark.parametrize("name", TEXTS)
def test_files_and_modules_that_are_named_exist(name):
    named = re.findall(
        r"(?<![\w/])(?:model|web|static|templates|tests|benchmarks|deploy|docs)/[\w./-]*[\w/]", TEXTS[name]
    )
    assert {path for path in named if "NAME" not in path and not (ROOT / path).exists()} == set()
    modules = re.findall(r"python -m ((?:benchmarks|model)[.\w]*)", TEXTS[name])
    paths = [ROOT / module.replace(".", "/") for module in modules]
    assert all(path.with_suffix(".py").exists() or (path / "__main__.py").exists() for path in paths), paths


def test_every_picture_is_shown():
    shown = {Path(link).name for text in TEXTS.values() for link in re.findall(r"\(([^)\s]+\.png)\)", text)}
    assert {path.name for path in (ROOT / "docs").glob("*.png")} - {
        "number.png"
    } <= shown  # that one is read, not shown


SETTINGS = re.compile(r"^\| `DIGITPAD_([A-Z_]+)` \| (?:`([^`]*)`)?", re.MULTILINE)


def test_every_setting_is_documented_and_no_other():
    sources = [ROOT / "app.py", ROOT / "gunicorn.conf.py", ROOT / "train.py"]
    sources += [path for folder in ("model", "web", "corrections") for path in (ROOT / folder).rglob("*.py")]
    used = {name for path in sources for name in re.findall(r"DIGITPAD_([A-Z_]+)", path.read_text())}
    assert dict(SETTINGS.findall(TEXTS["docs/configuration.md"])).keys() == used | app.DEFAULTS.keys()


def test_documented_defaults_are_those_of_the_code():
    table = dict(SETTINGS.findall(TEXTS["docs/configuration.md"]))
    for name in ("MODEL", "PROXIES", "RATE_LIMIT_STORAGE", *(name for name in app.DEFAULTS if name.startswith("MAX_"))):
        assert table[name] == str(app.DEFAULTS[name])

"""Dockerfile, Compose and Kubernetes: the files fit their schemas, and the image's command runs as in the image.

The tests need no container engine and no cluster. They copy what the Dockerfile copies, and run its CMD and HEALTHCHECK
on that, in its environment.
"""

import contextlib
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import compose_spec
import kubernetes_validate
import pytest
import yaml

from tests.helpers.drawings import DRAWINGS, ROOT, png_of
from tests.helpers.server import Server, post, wait_for

USER = 10001  # in the image
DOCKERFILE = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
MANIFESTS = {each["kind"]: each for each in yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text())}


def stage(name: str) -> list[tuple[str, str]]:
    """Return the instructions of a stage of the Dockerfile as (word, arguments)."""
    text = re.search(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.MULTILINE | re.DOTALL)[1]
    return [tuple(line.strip().split(maxsplit=1)) for line in text.splitlines() if line and not line.startswith("#")]


def command_of(word: str) -> list[str]:
    arguments = next(rest for name, rest in stage("ready") if name == word)
    return json.loads(arguments[arguments.index("[") :])


def ignored(path: str) -> bool:
    """Say whether .dockerignore leaves `path` out. The last pattern that matches it or a parent folder decides."""
    places = [path, *map(str, Path(path).parents)]
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.lstrip("!").removeprefix("**/")
        names = [Path(place).name for place in places] if "**/" in line else places
        if line and not line.startswith("#") and any(fnmatch.fnmatchcase(name, pattern) for name in names):
            out = not line.startswith("!")
    return out


def committed() -> list[str]:
    """List the files of the tree without what git ignores."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    return [name for name in names.stdout.splitlines() if (ROOT / name).is_file()]


def give(folder: Path) -> None:
    """Give a folder to the image's user."""
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)


@pytest.fixture(scope="module")
def tree():
    """Copy what the Dockerfile copies, read-only but for the instance folder."""
    place = Path(tempfile.mkdtemp(prefix="digitpad-image-"))  # pytest's own folders are closed to other users
    place.chmod(0o755)
    copied = [rest.split() for word, rest in stage("code") if word == "COPY"]
    for name in committed():
        for *sources, target in copied:
            if not ignored(name) and any(name == source or name.startswith(f"{source}/") for source in sources):
                path = place / name if target == "./" else place / target / Path(name).relative_to(sources[0])
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, path)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(place)], check=True)
    for path in (place, *place.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    place.chmod(0o755)
    (place / "instance").mkdir()
    give(place / "instance")
    place.chmod(0o555)
    yield place
    for path in (place, *place.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(place)


def as_user() -> dict:
    """Return options that run a command as the image's user. As root, a test would not see that a file is read-only."""
    return {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}


def environment(address: str, temporary: Path) -> dict[str, str]:
    """Return the image's environment variables, with another address and temporary folder."""
    instruction = next(rest for word, rest in stage("ready") if word == "ENV")
    variables = dict(word.split("=", 1) for word in instruction.split())
    assert variables["DIGITPAD_BIND"] == "0.0.0.0:8000"
    assert variables["HOME"] == "/tmp"
    variables |= {"DIGITPAD_BIND": address, "DIGITPAD_WORKERS": "1"}
    return variables | {"PATH": "/usr/bin:/bin", "HOME": str(temporary), "TMPDIR": str(temporary)}


@pytest.fixture(scope="module")
def running(tree):
    """Run the image's CMD on the tree. Yields the server and its environment."""
    server = Server()
    temporary = Path(tempfile.mkdtemp(prefix="digitpad-tmp-"))
    give(temporary)
    program, *arguments = command_of("CMD")
    assert program == "gunicorn"
    variables = environment(server.address, temporary)
    server.process = process = subprocess.Popen(
        [*python(), "-m", program, *arguments],
        cwd=tree, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **as_user(),
    )  # fmt: skip
    yield server, variables
    server.stop()
    process.stdout.close()
    shutil.rmtree(temporary)


def python() -> list[str]:
    """Return the command of a Python that the image's user may run, with the packages of this one."""
    packages = os.pathsep.join(path for path in sys.path if path.endswith("-packages"))
    code = "import sys, flask; print(sys.executable)"
    for name in (sys.executable, shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}", path="/usr/bin")):
        with contextlib.suppress(OSError, TypeError):
            env = {"PYTHONPATH": packages, "HOME": "/tmp"}
            result = subprocess.run([name, "-c", code], env=env, cwd="/", capture_output=True, **as_user())
            if result.returncode == 0:
                return ["/usr/bin/env", f"PYTHONPATH={packages}", name]
    return pytest.skip("no other user may run this python, and root's rights would hide what cannot be written")


def healthy(port: int, variables: dict[str, str]) -> bool:
    program, *arguments = command_of("HEALTHCHECK")
    assert program == "python"
    arguments = [argument.replace(":8000", f":{port}") for argument in arguments]
    return subprocess.run([*python(), *arguments], env=variables, capture_output=True).returncode == 0


def test_the_images_command_runs_without_rights_on_a_tree_that_nobody_can_write(running, tree):
    server, variables = running
    process = server.process
    before = {path for path in tree.rglob("*") if "instance" not in path.parts}
    wait_for(lambda: process.poll() is not None or healthy(server.port, variables))
    assert process.poll() is None, process.stdout.read()
    assert not healthy(1, variables)  # where nothing answers
    assert post(server, "predict", png_of("7"))[1]["label"] == "7"
    with urllib.request.urlopen(server.url, timeout=30) as page:
        assert b"/static/" in page.read()
    assert post(server, "corrections", {"strokes": DRAWINGS["7"], "label": "7"})[0] == 201
    assert [path.name for path in (tree / "instance").glob("*.sqlite3")] == ["corrections.sqlite3"]
    assert {path for path in tree.rglob("*") if "instance" not in path.parts} == before
    if os.geteuid() == 0:
        assert Path(f"/proc/{process.pid}").stat().st_uid == USER
    process.send_signal(signal.SIGTERM)
    log = process.communicate(timeout=40)[0]
    assert process.returncode == 0
    assert "Permission denied" not in log
    assert "Read-only" not in log


def test_all_code_and_weights_are_in_the_image_and_nothing_else(tree):
    names = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    assert {"app.py", "train.py", "web/pages.py", "weights/digitpad.safetensors", "templates/index.html"} <= names
    tops = {Path(name).parts[0] for name in names}
    assert not tops & {"tests", "benchmarks", "docs", ".git", ".venv", "data"}
    assert not {name for name in names if name.startswith("weights/logs")}
    code = {
        name for name in committed() if name.endswith(".py") and name.split("/")[0] in ("web", "model", "corrections")
    }
    assert code <= names


def test_the_dockerfile_keeps_to_the_rules_of_its_linter():
    linter = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([str(linter), "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "")


def test_both_targets_end_with_the_same_command_and_user():
    assert "USER" in dict(stage("ready"))
    for target, packages in (("torch", "packages-torch"), ("onnx", "packages")):
        assert f"FROM ready AS {target}\n" in DOCKERFILE
        sources = [rest for word, rest in stage(target) if word == "COPY"]
        assert sources == [f"--from={packages} /opt/digitpad /opt/digitpad", "--from=code /app /app"]
    assert all((ROOT / name).is_file() for name in re.findall(r"requirements[\w-]*\.txt", DOCKERFILE))


def composed(**variables: str) -> str:
    """Return compose.yaml with its variables filled in, as `docker compose` does."""
    text = (ROOT / "compose.yaml").read_text()
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda match: variables.get(match[1]) or match[2], text)


def test_the_compose_file_keeps_to_its_specification():
    text = composed(POSTGRES_PASSWORD="x")
    assert "${" not in text
    project = compose_spec.PyCompose.from_yaml(text)
    project.validate()
    assert sorted(project.service_names()) == ["digitpad", "postgres", "redis"]
    with pytest.raises(ValueError, match="read_onl"):
        compose_spec.PyCompose.from_yaml(text.replace("read_only: true", "read_onl: true"))


def test_the_composed_service_has_no_rights_and_has_limits():
    service = yaml.safe_load(composed())["services"]["digitpad"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit", "tmpfs"} <= service.keys()
    assert service["volumes"] == ["corrections:/app/instance"]
    assert service["ports"] == ["127.0.0.1:8000:8000"]  # only a proxy on the same machine reaches it
    assert ("VOLUME", "/app/instance") in stage("ready")


@pytest.mark.parametrize("kind", MANIFESTS)
def test_the_manifests_keep_to_the_schemas_of_kubernetes(kind):
    assert kubernetes_validate.validate(MANIFESTS[kind], "1.32", strict=True) == "1.32"
    broken = {**MANIFESTS[kind], "spec": {**MANIFESTS[kind]["spec"], "replicants": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.32", strict=True)


def test_the_manifests_fit_one_another_and_the_image():
    pod = MANIFESTS["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    labels = pod["metadata"]["labels"]
    for kind in ("Service", "PodDisruptionBudget"):
        selector = MANIFESTS[kind]["spec"]["selector"]
        assert selector.get("matchLabels", selector) == labels
    assert MANIFESTS["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "digitpad"
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"http": int(dict(stage("ready"))["EXPOSE"])}
    probes = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert probes == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    assert pod["spec"]["securityContext"]["runAsUser"] == int(dict(stage("ready"))["USER"].split(":")[0]) == USER
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    claim = volumes["weights"]["persistentVolumeClaim"]
    assert claim == {"claimName": MANIFESTS["PersistentVolumeClaim"]["metadata"]["name"], "readOnly": True}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()


def test_the_pod_has_no_rights_and_has_limits():
    pod = MANIFESTS["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"].keys() == {"requests", "limits"}
    assert not pod["automountServiceAccountToken"]

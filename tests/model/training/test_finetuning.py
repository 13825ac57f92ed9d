"""train.py --corrections: a hand that was always misread is read, and nothing else is forgotten."""

import contextlib
import dataclasses
import functools
import io
import json
import re
import shutil

import numpy as np
import pytest
import torch

import train
from app import create_app
from corrections.entries import FILE, New
from corrections.store import Store
from model.data import image_set, mnist, templates
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.training import install
from tests.helpers.datasets import FEW, some_mnist
from tests.helpers.drawings import ROOT

COMMITTED = ROOT / "weights" / "digitpad.safetensors"
# Somebody begins sevens with a loop: the committed weights take them for nines.
LOOPED = ("1,.3 .5,.3 .2,.1 .5,-.05 .9,.05 / .9,.05 / .4,1",)
HAND = templates.Distortion(wobble=0.03, narrowest=0.55, widest=0.75, slant=0.12, rotation=5)


def sevens(count: int, seed: int) -> list[list[dict]]:
    random = np.random.default_rng(seed)
    return [
        [{"width": 18, "points": (200 * stroke).round(1).tolist()} for stroke in templates.write(LOOPED, random, HAND)]
        for _ in range(count)
    ]


def labels(path, drawings: list[list[dict]]) -> list[str | None]:
    recognizer = Recognizer.load(path)
    return [recognizer.read_drawing([stroke["points"] for stroke in one], 18).label for one in drawings]


@pytest.fixture
def out(tmp_path):
    """Make a folder with the committed weights, to which corrections go beside them."""
    shutil.copy(COMMITTED, tmp_path / "digitpad.safetensors")
    return tmp_path


def fine_tune(out, data, *arguments: str) -> int:
    """Run train.py --corrections on the data that the tests made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(install, "exporter", lambda _: None)  # which takes seconds, and has tests of its own
        places = ("--corrections", str(out / FILE), "--data-dir", str(data), "--out", str(out))
        # With so few images, six epochs are what four are with MNIST's.
        few = (*FEW, "--batch-size", "64", "--epochs", "6", "--no-pen-digits")
        return train.main([*places, *few, *arguments])


@pytest.fixture
def learn(out, data):
    return functools.partial(fine_tune, out, data)


@pytest.fixture(scope="module")
def learned(data, tmp_path_factory):
    """Let the committed weights learn a writer's sevens. Returns their folder and what was printed."""
    out = tmp_path_factory.mktemp("learned")
    shutil.copy(COMMITTED, out / "digitpad.safetensors")
    store_sevens(out)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert fine_tune(out, data) == 0
    return out, printed.getvalue()


@pytest.fixture
def corrected(learned, out):
    """Put the writer's corrections beside the committed weights."""
    for file in learned[0].glob(f"{FILE}*"):
        shutil.copy(file, out)
    return out


def store_sevens(out, label: str = "7") -> None:
    client = create_app({"WEIGHTS": str(out), "DATABASE_URL": str(out / FILE)}).test_client()
    for drawing in sevens(20, seed=1):
        stored = client.post("/corrections", json={"strokes": drawing, "label": label})
        assert stored.status_code == 201
        assert stored.json["answer"]["label"] != "7"


def errors(text: str, name: str) -> list[int]:
    """Find how many of a set were misread, in each column of the table."""
    row = next(line for line in text.splitlines() if re.match(rf"{name} .*wrong.*wrong", line))
    return [int(found.replace(",", "")) for found in re.findall(r"([\d,]+) of [\d,]+ wrong", row)]


def test_a_writer_whose_sevens_were_always_misread_sees_them_read(learned, data):
    out, printed = learned
    path, others = out / "digitpad.safetensors", sevens(40, seed=2)
    before = weights.load(COMMITTED)
    assert "7" not in labels(COMMITTED, others)
    assert labels(path, others).count("7") >= 38
    first, after = errors(printed, "held-out corrections")
    assert first == 4
    assert after <= 1
    first, after = errors(printed, "MNIST validation")
    assert after <= first
    known = mnist.load(data, train=False)
    readings = Recognizer.load(path).read([*known.images.numpy()])
    likeliest = [max(reading.probabilities, key=reading.probabilities.__getitem__) for reading in readings]
    assert likeliest == [str(label) for label in known.labels.tolist()]

    made = weights.load(path).description
    assert made.recipe["corrections"]["from"] == before.version
    assert made.recipe["corrections"]["training"] == 16
    assert made.recipe["corrections"]["held out"] == 4
    assert made.recipe["corrections"]["labels"] == {"7": 16}
    assert made.data["corrections"].startswith("sha256:")
    assert made.metrics["held-out corrections"] >= 0.75
    assert (made.mean, made.std, made.arguments) == (
        before.description.mean, before.description.std, before.description.arguments,
    )  # fmt: skip
    assert "held-out corrections" in (out / "logs" / "digitpad.log").read_text()
    assert json.loads((out / "logs" / "digitpad.json").read_text())["recipe"]["corrections"]["training"] == 16


def test_what_is_no_digit_trains_the_output_for_it(out, learn):
    store_sevens(out, "none")
    assert learn("--force") == 0
    assert labels(out / "digitpad.safetensors", sevens(20, seed=3)).count(None) >= 15


def test_weights_that_forgot_are_not_installed(corrected, learn, capsys):
    path, checkpoint = corrected / "digitpad.safetensors", corrected / "digitpad.checkpoint"
    checkpoint.write_bytes(b"of another training")
    # Nothing is rehearsed, and everything looks like a seven: also a quarter of the way is too far.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.training.finetuning.REHEARSED", 0)
        patch.setattr("model.training.finetuning.MIXES", (1.0,))
        forgetful = ("--learning-rate", "0.3", "--epochs", "2", "--glyphs", "0", "--nondigits", "1")
        assert learn(*forgetful) == 1
        said = capsys.readouterr().err
        assert "stays: the new weights read worse (MNIST validation" in said
        assert "--force" in said
        assert path.read_bytes() == COMMITTED.read_bytes()
        assert weights.load(corrected / "digitpad.safetensors.candidate").description.recipe["corrections"]
        assert learn(*forgetful, "--force") == 0
    assert path.read_bytes() != COMMITTED.read_bytes()
    assert checkpoint.exists()


def test_held_out_corrections_that_are_read_worse_are_a_reason_too(out, learn, capsys):
    # They were read rightly, and are said to be something else: who learns that reads the held-out ones wrongly.
    store = Store(str(out / FILE))
    store_sevens(out, "9")
    for entry in store.page(100):
        if entry.fold != 4:
            store.relabel(entry.id, "7")
    store.close()
    assert learn() == 1
    assert "held-out corrections" in capsys.readouterr().err
    assert (out / "digitpad.safetensors").read_bytes() == COMMITTED.read_bytes()


def test_a_dry_run_goes_the_whole_way_and_installs_nothing(corrected, learn, capsys):
    assert learn("--dry-run") == 0
    told = capsys.readouterr()
    assert "nothing was installed" in told.out
    assert "epoch 1/" in told.err
    assert {path.name.partition(".")[0] for path in corrected.iterdir()} == {"corrections", "digitpad"}
    assert (corrected / "digitpad.safetensors").read_bytes() == COMMITTED.read_bytes()


def test_the_same_seed_gives_the_same_weights(learned, corrected, learn):
    assert learn() == 0
    paths = (folder / "digitpad.safetensors" for folder in (learned[0], corrected))
    first, again = (weights.load(path).network.state_dict() for path in paths)
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_what_is_replaced_is_compared_as_well(learned, out, learn, capsys):
    shutil.copytree(learned[0], out, dirs_exist_ok=True)
    # Beginning from the old weights and learning nothing is no worse than they, but worse than what is installed.
    assert learn("--from", str(COMMITTED), "--learning-rate", "1e-9", "--epochs", "1") == 1
    told = capsys.readouterr()
    first, installed, after = errors(told.out.rpartition("read rightly")[2], "held-out corrections")
    assert first == after == 4
    assert installed <= 1
    assert "held-out corrections" in told.err


def test_the_nearest_mix_that_forgets_nothing_is_taken(out):
    from model.data.sources import Data
    from model.training import finetuning

    old = weights.load(out / "digitpad.safetensors")
    new = weights.load(out / "digitpad.safetensors").network
    images, labels = map(torch.from_numpy, some_mnist(100))
    digits = image_set.ImageSet(images, labels)
    data = Data(digits, [], {"validation": digits})
    before = {"validation": torch.ones(100, dtype=torch.bool)}
    assert finetuning.nearest(old, new, data, before)[1] == 1.0
    final = new.classifier[-1]
    with torch.no_grad():
        final.bias[7] += 10  # all is a seven; a quarter of the way, it is not yet
    mixed, part = finetuning.nearest(old, new, data, before)
    assert 0 < part < 1
    expected = torch.lerp(old.network.classifier[-1].bias, final.bias, part)
    assert torch.allclose(mixed.classifier[-1].bias, expected)
    with torch.no_grad():
        final.bias[7] += 1e6
    assert finetuning.nearest(old, new, data, before) == (new, 1.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--corrections", "--resume"], "--resume"),
        (["--corrections", "--data", "cifar10"], "--data"),
        (["--from", "some.safetensors"], "--corrections"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        train.main(arguments)
    assert said in capsys.readouterr().err


def test_too_few_and_missing_corrections_are_told(out, learn, capsys):
    assert learn() == 1
    assert "There are no corrections in" in capsys.readouterr().err
    assert not (out / FILE).exists()
    store = Store(str(out / FILE))
    for _ in range(3):
        store.add(New("0", None, b"", COMMITTED.read_bytes()[:10], {}, "digitpad", ""))
    store.close()
    assert learn() == 1
    assert "five or more" in capsys.readouterr().err


def test_weights_that_read_no_digits_are_refused(out, learn, capsys):
    old = weights.load(COMMITTED)
    letters = dataclasses.replace(old.description, classes=tuple("abcdefghij"), examples=())
    weights.save(out / "letters.safetensors", old.network.state_dict(), letters)
    assert learn("--from", str(out / "letters.safetensors")) == 1
    assert "read the ten digits" in capsys.readouterr().err

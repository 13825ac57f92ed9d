"""The table of networks agrees with the logs, and docs/networks.md with the table."""

import json

import pytest

from model.__main__ import main
from model.evaluation import comparison
from model.networks import weights
from model.networks.registry import DIGIT_NETWORKS, PHOTOGRAPH_NETWORKS
from tests.helpers.drawings import ROOT

LOGS = ROOT / "weights" / "logs"


def load(logs):
    return [comparison.Row(**row) for row in json.loads((logs / comparison.RESULTS).read_text())]


@pytest.fixture
def logs(tmp_path):
    figures = {
        "command": "python train.py --network cnn-tiny",
        "recipe": {"seconds": 75, "memory": 1_200_000_000},
        "scores": {"pen validation": {"accuracy": 0.95}, "test": {"accuracy": 0.9912}},
    }
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "cnn-tiny.json").write_text(json.dumps(figures))
    return tmp_path / "logs"


def test_rows_are_made_from_logs_and_networks(logs):
    tiny, keras = comparison.compare(logs, ["cnn-tiny", "cnn-keras"])
    assert (tiny.test, tiny.pens, tiny.seconds) == (0.9912, 0.95, 75)
    assert (tiny.parameters, tiny.bytes) == (17_786, 4 * 17_786)
    assert tiny.multiplications == 26 * 26 * 16 * 9 + 11 * 11 * 32 * 144 + 800 * 16 + 160
    assert tiny.milliseconds > 0
    assert (keras.test, keras.seconds) == (None, None)
    *_, tiny, keras = comparison.markdown([tiny, keras]).splitlines()
    assert "1 min 15 s | 1.2 GB |" in tiny
    assert "**99.12 %**" in tiny
    assert "weights/logs/cnn-tiny.log" in tiny
    assert keras.count("not run") == 2
    assert "99.00 %" in keras


def test_networks_for_photographs_have_rows_too(logs):
    figures = {"command": "c", "recipe": {"seconds": 9}, "scores": {"validation": {"accuracy": 0.75}}}
    (logs / "lenet-rgb.json").write_text(json.dumps(figures))
    (row,) = comparison.compare(logs, ["lenet-rgb"])
    assert (row.test, row.pens, row.tutorial) == (0.75, None, 0.6667)
    assert row.milliseconds > 0


def test_only_the_table_is_replaced(logs, tmp_path):
    document = tmp_path / "networks.md"
    document.write_text(f"before\n{comparison.BEGIN}\nold\n{comparison.END}\nafter\n")
    rows = comparison.compare(logs, ["cnn-tiny"])
    assert comparison.update(document, rows)
    assert document.read_text() == (
        f"before\n{comparison.BEGIN}\n{comparison.markdown(rows)}\n{comparison.END}\nafter\n"
    )
    document.write_text("no table")
    assert not comparison.update(document, rows)
    assert document.read_text() == "no table"


def test_the_command_prints_and_stores_the_table(logs, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(comparison.compare, "__defaults__", (("cnn-tiny", "mlp"),))
    document = tmp_path / "networks.md"
    document.write_text(f"{comparison.BEGIN}\n{comparison.END}\n")
    assert main(["compare", "--weights-dir", str(logs.parent), "--document", str(document)]) == 0
    assert "`cnn-tiny`" in capsys.readouterr().out
    assert "`mlp`" in document.read_text()
    assert [row.network for row in load(logs)] == ["cnn-tiny", "mlp"]


def test_a_folder_without_logs_is_named_before_the_work(tmp_path, capsys):
    assert main(["compare", "--weights-dir", str(tmp_path)]) == 1
    assert f"{tmp_path / 'logs'} is not there" in capsys.readouterr().err


def test_the_document_shows_the_stored_rows():
    rows = load(LOGS)
    assert [row.network for row in rows] == [*DIGIT_NETWORKS, *PHOTOGRAPH_NETWORKS]
    document = (ROOT / "docs" / "networks.md").read_text()
    assert f"{comparison.BEGIN}\n{comparison.markdown(rows)}\n{comparison.END}" in document


def test_the_stored_rows_agree_with_the_logs_and_the_committed_weights():
    for row in load(LOGS):
        path = ROOT / "weights" / f"{row.network}.safetensors"
        if row.test is None:
            assert not path.exists()
            continue
        scores = json.loads((LOGS / f"{row.network}.json").read_text())["scores"]
        held_out = scores.get("test") or scores["validation"]  # flowers have no test split
        assert row.test == pytest.approx(held_out["accuracy"], abs=1e-6)
        if path.exists():
            metrics = weights.load(path).description.metrics
            assert (metrics["test"], metrics.get("pen validation")) == (row.test, row.pens)
            assert path.stat().st_size < 2_000_000


def test_networks_beat_their_tutorials():
    for row in load(LOGS):
        if row.test is not None and row.tutorial is not None:
            assert row.test > row.tutorial, row.network

"""ONNX Runtime gives what torch gives, from a file that is of use beside its own weights alone."""

import shutil
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

from model.__main__ import main
from model.inference import engines
from model.inference.engines import export
from model.inference.engines.eager import EagerEngine
from model.inference.engines.onnx import OnnxEngine, session
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.networks.description import Description, WeightsError, read
from model.networks.registry import build
from model.preprocessing.normalize import normalize
from tests.helpers import weights_file
from tests.helpers.drawings import DRAWINGS, ROOT, ink_of

INKS = np.stack([normalize(ink_of(label)) for label in sorted(DRAWINGS)])
COMMITTED = sorted((ROOT / "weights").glob("*.safetensors"))
BIAS = weights_file.network().state_dict()["classifier.1.bias"].numpy().tobytes()
NAN = np.full(10, np.nan, np.float32).tobytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Write a small network's weights with the file that is exported from them, not to be changed."""
    path = tmp_path_factory.mktemp("made") / "some.safetensors"
    weights_file.save(path)
    export.export(weights.load(path), path.with_suffix(".onnx"))
    return path


@pytest.fixture(scope="module", params=[*COMMITTED, None], ids=lambda path: path.stem if path else "exported now")
def both(request, made):
    """Run each of the committed networks, and one whose file was just written, both ways."""
    path = request.param or made
    contents = read(path)
    return EagerEngine(weights.unpack(contents)), OnnxEngine(path.with_suffix(".onnx"), contents)


@pytest.fixture
def path(made, tmp_path):
    for suffix in (".safetensors", ".onnx"):
        shutil.copy(made.with_suffix(suffix), tmp_path)
    return tmp_path / made.name


def test_the_logits_are_the_same(both):
    random = np.random.default_rng(1)
    for images in (INKS, random.integers(0, 256, (300, 28, 28), np.uint8), random.random((2, 28, 28), np.float32)):
        eager, onnx = (engine.logits(images) for engine in both)
        assert onnx.dtype == np.float32
        np.testing.assert_allclose(onnx, eager, atol=1e-5 * np.abs(eager).max(), rtol=0)


def test_the_layers_are_the_same(both):
    eager, onnx = (engine.trace(INKS[3]) for engine in both)
    for one, other in zip(eager, onnx, strict=True):
        assert (one.name, one.kind, one.inputs, one.field, one.operation) == (
            other.name, other.kind, other.inputs, other.field, other.operation,
        )  # fmt: skip
        np.testing.assert_allclose(other.values, one.values, atol=2e-5 * max(1, np.abs(one.values).max()))


def test_kernels_and_architecture_are_the_same(both):
    eager, onnx = (engine.kernels() for engine in both)
    assert list(eager) == list(onnx)
    for name, kernels in eager.items():
        assert np.array_equal(kernels.weights, onnx[name].weights)
        assert (kernels.bias is None) == (onnx[name].bias is None)
        if kernels.bias is not None:
            assert np.array_equal(kernels.bias, onnx[name].bias)
    described = [[{**layer, "shape": list(layer["shape"])} for layer in engine.architecture()] for engine in both]
    assert described[0] == described[1]


def test_estimates_of_gradients_point_where_the_gradients_do(both):
    def slope(logits):
        """Of a score that is the logit of 3 less that of 8."""
        return np.eye(logits.shape[1], dtype=np.float32)[[3] * len(logits)] - np.eye(logits.shape[1])[[8] * len(logits)]

    assert [engine.exact_gradients for engine in both] == [True, False]
    exact, estimated = (engine.gradients(INKS[:4].astype(np.float32) / 255, slope) for engine in both)
    assert exact.shape == estimated.shape == (4, 28, 28)
    blocks = [found.reshape(4, 14, 2, 14, 2).mean(axis=(2, 4)).ravel() for found in (exact, estimated)]
    assert np.corrcoef(*blocks)[0, 1] > 0.5
    assert 0.4 < np.dot(*blocks) / np.dot(blocks[0], blocks[0]) < 2.5  # and are about as large


def test_a_server_with_torch_has_exact_gradients_either_way(path):
    contents = read(path)
    engine = engines.start(path, contents, "auto")
    assert (engine.runtime, engine.exact_gradients) == ("onnx", True)
    ink = INKS[:2].astype(np.float32) / 255
    expected = EagerEngine(weights.unpack(contents)).gradients(ink, np.ones_like)
    np.testing.assert_allclose(engine.gradients(ink, np.ones_like), expected)


@pytest.fixture
def lacking(monkeypatch):
    """Make libraries look as if they were not installed."""

    def lack(*names: str) -> None:
        monkeypatch.setattr(engines, "find_spec", lambda name: None if name in names else find_spec(name))

    return lack


def test_without_torch_gradients_are_estimates_and_what_only_torch_runs_says_so(path, lacking):
    lacking("torch")
    contents = read(path)
    engine = engines.start(path, contents, "auto")
    assert (engine.runtime, engine.exact_gradients) == ("onnx", False)
    with pytest.raises(WeightsError, match="needs torch"):
        engines.start(path, contents, "torch")
    path.with_suffix(".onnx").unlink()
    with pytest.raises(WeightsError, match=r"some\.onnx is not there"):
        engines.start(path, contents, "auto")


def test_without_onnx_runtime_torch_runs(path, lacking):
    lacking("onnxruntime")
    assert engines.start(path, read(path), "auto").runtime == "torch"


def test_photographs_are_run_by_torch_whatever_is_asked_for(tmp_path):
    network = build("lenet-rgb")
    description = Description("lenet-rgb", input_size=(32, 32), channels=3)
    weights.save(tmp_path / "photos.safetensors", network.state_dict(), description)
    for runtime in engines.RUNTIMES:
        assert Recognizer.load(tmp_path / "photos.safetensors", runtime).runtime == "torch"


def test_an_export_tells_nothing_of_the_machine_and_is_the_same_each_time(path):
    before = path.with_suffix(".onnx").read_bytes()
    export.export(weights.load(path), path.with_suffix(".onnx"))
    assert path.with_suffix(".onnx").read_bytes() == before
    for committed in [before, *(one.with_suffix(".onnx").read_bytes() for one in COMMITTED)]:
        assert str(ROOT).encode() not in committed
        assert b".py" not in committed


@pytest.mark.parametrize("committed", COMMITTED, ids=lambda path: path.stem)
def test_what_depends_on_no_image_is_in_the_file(committed):
    """Otherwise ONNX Runtime cannot fold normalisations into convolutions, and takes more than twice as long."""
    graph = onnx.load(committed.with_suffix(".onnx")).graph
    numbers = {tensor.name for tensor in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert all(numbers.issuperset(node.input[1:]) for node in convolutions)
    assert not {"Expand", "CastLike"} & {node.op_type for node in graph.node}


def damage(path, change) -> None:
    onnx = path.with_suffix(".onnx")
    onnx.write_bytes(change(onnx.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: content[: len(content) // 2], id="truncated"),
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: b"no graph at all" * 99, id="nonsense"),
        pytest.param(lambda content: content.replace(b'"layers"', b'"liars_"'), id="without its layers"),
        pytest.param(lambda content: content.replace(b'"tensor":"relu"', b'"tensor":"rely"'), id="of other tensors"),
        pytest.param(lambda content: content.replace(b'"format":1', b'"format":2'), id="of another format"),
        pytest.param(lambda content: content.replace(b'["input"]', b'["crops"]'), id="of no layer"),
        pytest.param(lambda content: content.replace(BIAS, NAN), id="of numbers that are none"),
        pytest.param(lambda content: content.replace(b"Gemm", b"Oops"), id="of an unknown operation"),
    ],
)
def test_a_damaged_file_is_refused_and_torch_runs_instead(path, change):
    damage(path, change)
    with pytest.raises(WeightsError, match="python -m model export"):
        Recognizer.load(path, "onnx")
    assert Recognizer.load(path, "auto").runtime == "torch"


def test_a_file_of_other_weights_is_refused(path):
    loaded = weights.load(path)
    weights.save(path, loaded.network.state_dict(), weights_file.PLAIN)
    with pytest.raises(WeightsError, match="made from other weights"):
        Recognizer.load(path, "onnx")
    assert Recognizer.load(path, "auto").runtime == "torch"
    assert main(["export", str(path)]) == 0
    assert Recognizer.load(path, "onnx").version == read(path).version


def test_a_missing_file_is_made_by_the_command(path, capsys):
    path.with_suffix(".onnx").unlink()
    with pytest.raises(WeightsError, match=r"some\.onnx is not there"):
        Recognizer.load(path, "onnx")
    assert Recognizer.load(path, "torch").runtime == "torch"
    assert main(["export", str(path)]) == 0
    assert "some.onnx" in capsys.readouterr().out
    assert main(["export", str(path.with_name("none.safetensors"))]) == 1


@pytest.mark.parametrize("value", [0, np.nan])
def test_what_is_not_the_same_is_not_written(path, monkeypatch, value):
    before = path.with_suffix(".onnx").read_bytes()
    monkeypatch.setattr(OnnxEngine, "logits", lambda self, images: np.full((len(images), 10), value, np.float32))
    with pytest.raises(WeightsError, match="computes something else"):
        export.export(weights.load(path), path.with_suffix(".onnx"))
    assert path.with_suffix(".onnx").read_bytes() == before


def test_networks_of_photographs_are_not_exported(path):
    photographs = SimpleNamespace(description=SimpleNamespace(channels=3, network="resnet"))
    with pytest.raises(WeightsError, match="only networks that read drawings"):
        export.export(photographs, path.with_suffix(".onnx"))


def test_a_graph_takes_one_core_and_gives_its_memory_back(path):
    options = session(path.with_suffix(".onnx").read_bytes()).get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert not options.enable_cpu_mem_arena


def test_new_weights_that_cannot_be_exported_are_installed_all_the_same(path, monkeypatch, capsys):
    from model.training import install

    def fail(*_):
        raise WeightsError("not so.")

    monkeypatch.setattr(install, "export", fail)
    install.install(path, weights_file.network(), weights_file.PLAIN, weights.no_pictures())
    assert "for torch alone" in capsys.readouterr().err
    assert Recognizer.load(path, "auto").runtime == "torch"

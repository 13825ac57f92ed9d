"""ONNX Runtime gives what torch gives, from a file that is of use beside its own weights alone."""

import shutil
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from model.__main__ import main
from model.inference import engines
from model.inference.engines import export
from model.inference.engines.backward import backward
from model.inference.engines.eager import EagerEngine
from model.inference.engines.onnx import OnnxEngine, session
from model.inference.recognizer import Recognizer
from model.networks import weights
from model.networks.deep import ResidualBlock
from model.networks.description import Description, WeightsError, read
from model.networks.registry import NETWORKS, Architecture, build
from model.preprocessing.normalize import normalize
from model.training import install
from tests.helpers import weights_file
from tests.helpers.drawings import DRAWINGS, READERS, ROOT, ink_of

INKS = np.stack([normalize(ink_of(label)) for label in sorted(DRAWINGS)])
BIAS = weights_file.network().state_dict()["classifier.1.bias"].numpy().tobytes()
NAN = np.full(10, np.nan, np.float32).tobytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Write a small network's weights with the file that is exported from them, not to be changed."""
    path = tmp_path_factory.mktemp("made") / "some.safetensors"
    weights_file.save(path)
    export.export(weights.load(path), path.with_suffix(".onnx"))
    return path


@pytest.fixture(scope="module", params=[*READERS, None], ids=lambda path: path.stem if path else "exported now")
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


def test_the_gradients_are_the_same(both):
    check_gradients(*both, (*IMAGES, *TIES))


NOISE = np.random.default_rng(1).random((40, 28, 28), np.float32)
PLAIN = np.ones((28, 28), np.float32) * np.linspace(0, 1, 5, dtype=np.float32)[:, None, None]
IMAGES = (INKS.astype(np.float32) / 255, NOISE)
TIES = (np.round(3 * NOISE) / 3, PLAIN)  # the numbers under a pool's window are often equal, or always


def check_gradients(eager, onnx, sets) -> None:
    random = np.random.default_rng(2)
    for images in sets:
        slopes = random.standard_normal(eager.logits(images).shape, np.float32)
        exact, found = (engine.gradients(images, lambda logits, slopes=slopes: slopes) for engine in (eager, onnx))
        assert found.dtype == np.float32
        difference, largest = (np.abs(some).max(axis=(1, 2)) for some in (found - exact, exact))
        assert (largest > 0).all()
        # A ReLU that is within rounding of 0 may be on in one library and off in the other: that is rare.
        assert np.mean(difference <= 1e-4 * largest) >= 0.9


def test_the_slope_is_that_at_the_logits(both):
    for engine in both:
        seen = []
        engine.gradients(INKS[:2].astype(np.float32) / 255, lambda logits, seen=seen: seen.append(logits) or 0 * logits)
        np.testing.assert_allclose(seen[0], engine.logits(INKS[:2]), atol=1e-4)


STANDINS = {
    # What ResNet-18 does beside the committed networks: windows that overlap, strides that leave a row over, a mean.
    "strides": lambda: nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=2, padding=2, bias=False),  # 28 → 14
        nn.BatchNorm2d(4),
        nn.MaxPool2d(3, stride=2, padding=1),  # → 7
        nn.Conv2d(4, 6, 2, stride=2),  # → 3, a row is left over
        ResidualBlock(6),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 10),
    ),
    # What VGG-16 does: an image that is scaled up, and maps that an average enlarges.
    "scaled": lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(32), nn.AdaptiveAvgPool2d(7), nn.Flatten(),
        nn.Linear(4 * 7 * 7, 10),
    ),
    # What a network that somebody adds may do: groups, dilation, averages that overlap or leave a row over.
    "others": lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3, dilation=2), nn.Tanh(), nn.AvgPool2d(3, stride=2, padding=1), nn.Conv2d(4, 4, 3, groups=2),
        nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4 * 5 * 5, 10),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDINS)
def test_operations_that_the_committed_networks_lack_have_gradients_too(name, tmp_path, monkeypatch):
    monkeypatch.setitem(NETWORKS, name, Architecture(STANDINS[name]))
    torch.manual_seed(0)
    network = build(name).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(-1, 1)
    size = (64, 64) if name == "scaled" else (28, 28)
    described = Description(name, input_size=size, scaled=name == "scaled", mean=0.13, std=0.31)
    weights.save(tmp_path / "some.safetensors", network.state_dict(), described)
    loaded = weights.load(tmp_path / "some.safetensors")
    export.export(loaded, tmp_path / "some.onnx")
    engine = OnnxEngine(tmp_path / "some.onnx", read(tmp_path / "some.safetensors"))
    # Scaling a plain image up leaves it plain but for rounding, which differs between the libraries.
    check_gradients(EagerEngine(loaded), engine, IMAGES if name == "scaled" else (*IMAGES, *TIES))


def test_an_operation_without_a_gradient_is_not_exported():
    shape = ["N", 28, 28]
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in ("images", "logits")]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Erf", ["images"], ["logits"])], "", ends[:1], ends[1:])
    with pytest.raises(WeightsError, match="no gradient for Erf"):
        backward(onnx.helper.make_model(graph))


@pytest.fixture
def lacking(monkeypatch):
    """Make libraries look as if they were not installed."""

    def lack(*names: str) -> None:
        monkeypatch.setattr(engines, "find_spec", lambda name: None if name in names else find_spec(name))

    return lack


def test_what_only_torch_runs_says_so_where_there_is_none(path, lacking):
    lacking("torch")
    contents = read(path)
    assert engines.start(path, contents, "auto").runtime == "onnx"
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
    for committed in [before, *(one.with_suffix(".onnx").read_bytes() for one in READERS)]:
        assert str(ROOT).encode() not in committed
        assert b".py" not in committed


@pytest.mark.parametrize("committed", READERS, ids=lambda path: path.stem)
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
        pytest.param(lambda content: content.replace(b'"format":2', b'"format":1'), id="of an older format"),
        pytest.param(lambda content: content.replace(b'"backward"', b'"forwards"'), id="without its backward pass"),
        pytest.param(lambda content: content.replace(b'"backward":"', b'"backward":"AAAA'), id="of a damaged one"),
        pytest.param(lambda content: content.replace(b'["input"]', b'["crops"]'), id="of no layer"),
        pytest.param(lambda content: content.replace(BIAS, NAN), id="of numbers that are none"),
        pytest.param(lambda content: content.replace(b"Gemm", b"Oops"), id="of an unknown operation"),
    ],
)
def test_a_damaged_file_is_refused_and_torch_runs_instead(path, change, caplog):
    damage(path, change)
    with pytest.raises(WeightsError, match="python -m model export") as refused:
        Recognizer.load(path, "onnx")
    assert not caplog.records
    assert Recognizer.load(path, "auto").runtime == "torch"
    assert caplog.messages == [f"{refused.value} torch runs these weights."]


def test_a_file_of_other_weights_is_refused(path):
    loaded = weights.load(path)
    weights.save(path, loaded.network.state_dict(), weights_file.PLAIN)
    with pytest.raises(WeightsError, match="made from other weights"):
        Recognizer.load(path, "onnx")
    assert Recognizer.load(path, "auto").runtime == "torch"


def test_a_missing_file_is_made_by_the_command(path, capsys):
    path.with_suffix(".onnx").unlink()
    with pytest.raises(WeightsError, match=r"some\.onnx is not there"):
        Recognizer.load(path, "onnx")
    assert Recognizer.load(path, "torch").runtime == "torch"
    assert main(["export", str(path)]) == 0
    assert "some.onnx" in capsys.readouterr().out
    assert Recognizer.load(path, "onnx").version == read(path).version
    assert main(["export", str(path.with_name("none.safetensors"))]) == 1


@pytest.mark.slow
def test_several_files_are_made_with_a_progress_bar(path, capsys):
    other = shutil.copy(path, path.with_name("other.safetensors"))
    assert main(["export", str(path), str(other)]) == 0
    told = capsys.readouterr()
    assert [line.split(":")[0] for line in told.out.splitlines()] == [
        str(path.with_suffix(".onnx")), str(path.with_name("other.onnx")),
    ]  # fmt: skip
    assert "exporting" in told.err


@pytest.mark.parametrize("value", [0, np.nan])
def test_what_is_not_the_same_is_not_written(path, monkeypatch, value):
    before = path.with_suffix(".onnx").read_bytes()

    def graph(*_):
        model = onnx.load(path.with_suffix(".onnx"))
        del model.metadata_props[:]
        return model

    monkeypatch.setattr(export, "_graph", graph)  # torch's exporter takes a second, and is not what is tested here
    with monkeypatch.context() as patch:
        patch.setattr(OnnxEngine, "logits", lambda self, images: np.full((len(images), 10), value, np.float32))
        with pytest.raises(WeightsError, match="computes something else"):
            export.export(weights.load(path), path.with_suffix(".onnx"))
    monkeypatch.setattr(OnnxEngine, "gradients", lambda self, images, slope: np.full_like(images, value))
    with pytest.raises(WeightsError, match="does not give a gradient" if np.isnan(value) else "other gradients"):
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


def test_new_weights_that_cannot_be_exported_are_installed_all_the_same(path, monkeypatch):
    def fail(*_):
        raise WeightsError("not so.")

    monkeypatch.setattr(install, "exporter", lambda _: fail)
    said = install.install(path, weights_file.network(), weights_file.PLAIN, weights.no_pictures(), "", "")
    assert said == "not so."
    assert Recognizer.load(path, "auto").runtime == "torch"

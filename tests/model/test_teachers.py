"""Teachers are asked together, and their opinions averaged."""

import torch

from model import weights
from model.datasets import CLASSES
from model.evaluation import predict_logits
from model.networks import build
from model.teachers import Teachers
from model.weights import Description


def test_their_opinion_is_the_mean_of_their_probabilities(tmp_path):
    paths, expected = [], []
    images = torch.rand(5, 28, 28, generator=torch.Generator().manual_seed(0))
    for seed, mean in ((0, 0.1), (1, 0.3)):
        torch.manual_seed(seed)
        paths.append(tmp_path / f"{seed}.safetensors")
        description = Description("cnn-tiny", mean=mean, std=0.4)
        weights.save(paths[-1], build("cnn-tiny").state_dict(), description)
        expected.append(predict_logits(weights.load(paths[-1]).network, images, description.input).softmax(dim=1))
    teachers = Teachers(paths, CLASSES, False, torch.device("cpu"))
    teachers._autocast = False  # bfloat16 would be near it only
    torch.testing.assert_close(teachers.ask(images), torch.stack(expected).mean(dim=0))
    assert teachers.versions == tuple(weights.load(path).version for path in paths)

"""Running a network over sets of images, and counting correct and wrong answers."""

import torch
from torch import Tensor, nn
from tqdm import tqdm

from model.data.image_set import ImageSet
from model.evaluation.metrics import Scores
from model.inference.engines.eager import predict_logits
from model.inference.test_time_augmentation import Looks, look_again
from model.networks.weights import Weights
from model.preprocessing.arrays import Floats
from model.preprocessing.network_input import Input


def look_twice(network: nn.Module, images: Tensor, to_input: Input, title: str = "") -> Looks:
    """Read images (N, …) as in service, behind a progress bar with `title`: doubtful ones several times."""
    with tqdm(total=len(images), desc=title, unit=" images", unit_scale=True, disable=not title) as bar:
        first = predict_logits(network, images, to_input, bar.update).cpu().numpy()

    def look(moved: Floats) -> Floats:
        return predict_logits(network, torch.from_numpy(moved).to(images.device), to_input).cpu().numpy()

    return look_again(images.cpu().numpy(), first, look)


def class_logits(weights: Weights, images: ImageSet, title: str = "") -> Tensor:
    """Read `images` as in service, behind a progress bar with `title`. Returns the logits (N, C) of the classes."""
    described = weights.description
    looks = look_twice(weights.network, images.images, described.input, title)
    return torch.from_numpy(looks.logits())[:, described.class_outputs]


def score(logits: Tensor, labels: Tensor) -> Scores:
    """Compare logits (N, C) with labels (N,)."""
    classes = logits.shape[1]
    confusion = torch.bincount(labels * classes + logits.argmax(dim=1), minlength=classes**2).view(classes, classes)
    return Scores(confusion.cpu().numpy(), float(nn.functional.cross_entropy(logits, labels)))


def evaluate(network: nn.Module, images: ImageSet, to_input: Input) -> Scores:
    """Score `network` on `images`."""
    return score(predict_logits(network, images.images, to_input), images.labels)

"""Test-time augmentation: uncertain images get a second look, and no others."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.evaluation import evaluate
from model.inference import test_time_augmentation
from model.inference.engines import eager
from model.preprocessing.network_input import Input
from model.preprocessing.normalize import normalize
from model.training.augment import affine
from tests.helpers.drawings import ink_of

IMAGES = torch.stack([torch.from_numpy(normalize(ink_of(label))) for label in "0123456789"])


class Mean(nn.Module):
    """Is uncertain about images with little ink: its logits are the mean ink and the column of its centre."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def forward(self, images: Tensor) -> Tensor:
        self.seen += len(images)
        ink = images[:, 0].mean(dim=(1, 2))
        columns = torch.arange(images.shape[-1], dtype=torch.float32)
        centre = (images[:, 0].sum(dim=1) * columns).sum(dim=1) / images[:, 0].sum(dim=(1, 2)).clamp(min=1e-6)
        return torch.stack([ink * 100, centre - 13.5], dim=1)


def test_certain_images_are_read_once():
    network = Mean().eval()
    bright = torch.full((3, 28, 28), 255, dtype=torch.uint8)
    looks = evaluate.look_twice(network, bright, Input())
    assert network.seen == 3
    assert torch.equal(torch.from_numpy(looks.logits()), eager.predict_logits(network, bright, Input()))


def test_uncertain_images_are_averaged_over_a_dozen_copies():
    network = Mean().eval()
    dim = torch.zeros(1, 28, 28, dtype=torch.uint8)
    dim[0, 10:18, 10:18] = 5
    both = torch.cat([torch.full((1, 28, 28), 255, dtype=torch.uint8), dim])
    seen = evaluate.look_twice(network, both, Input())
    first, logits = torch.from_numpy(seen.first), torch.from_numpy(seen.logits())
    assert network.seen == 2 + 12
    once = eager.predict_logits(network, both, Input())
    assert torch.equal(first, once)
    assert torch.equal(logits[0], once[0])
    copies = torch.from_numpy(test_time_augmentation.move(dim.numpy())[0])
    looks = torch.cat([once[1:], eager.predict_logits(network, copies, Input())]).softmax(dim=1)
    assert torch.allclose(logits[1].softmax(dim=0), looks.mean(dim=0), atol=1e-6)
    scores = seen.mean(lambda logits: logits[:, 1])
    assert scores[0] == once[0, 1]
    assert scores[1] == np.mean(seen.all[0, :, 1])


def test_the_copies_are_moved_both_ways():
    copies = torch.from_numpy(test_time_augmentation.move(IMAGES.numpy()))
    assert copies.shape == (10, 12, 28, 28)
    originals = IMAGES.float() / 255
    assert torch.allclose(copies.sum(dim=(2, 3)), originals.sum(dim=(1, 2))[:, None], rtol=0.25)
    assert not torch.isclose(copies, originals[:, None], atol=0.05).flatten(2).all(dim=2).any()  # each was moved
    right, left = copies[:, 8], copies[:, 9]
    assert torch.allclose(right[:, :, 1:-1], originals[:, :, 2:], atol=1e-5)
    assert torch.allclose(left[:, :, 1:-1], originals[:, :, :-2], atol=1e-5)


def test_the_copies_are_those_of_torch():
    kinds = torch.zeros(12, 6)
    kinds[:, 1:3] = 1
    amounts = ((0, 0.139626), (1, 1.1), (2, 1.1), (3, 0.15), (4, 1 / 14), (5, 1 / 14))
    for k, (kind, amount) in enumerate(amounts):
        kinds[2 * k, kind] = amount
        kinds[2 * k + 1, kind] = 1 / amount if kind in (1, 2) else -amount
    grid = F.affine_grid(affine(*kinds.unbind(dim=1)), [12, 1, 28, 28], align_corners=False)
    for image in IMAGES:
        sampled = F.grid_sample((image / 255).expand(12, 1, 28, 28), grid, align_corners=False)[:, 0]
        assert torch.allclose(torch.from_numpy(test_time_augmentation.move(image[None].numpy())[0]), sampled, atol=2e-5)


def test_the_other_images_do_not_matter():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).eval()  # untrained, so it is never certain
    together = evaluate.look_twice(network, IMAGES, Input()).logits()
    alone = np.concatenate([evaluate.look_twice(network, image[None], Input()).logits() for image in IMAGES])
    assert np.allclose(together, alone, atol=1e-5)


def test_photographs_are_read_once():
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 3)).eval()
    photos = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8)
    to_input = Input((8, 8), channels=3)
    expected = eager.predict_logits(network, photos, to_input)
    assert np.array_equal(evaluate.look_twice(network, photos, to_input).logits(), expected)

"""Attribution is positive for ink that raises the score, and sums up to it."""

import numpy as np
import pytest
import torch
from torch import nn

from model.explain import attribution
from model.explain.attribution import LogOdds
from model.inference.recognizer import Recognizer
from model.networks.description import Calibration, Description
from model.networks.weights import Weights
from model.preprocessing.normalize import normalize
from tests.helpers.drawings import DRAWINGS, ROOT, ink_of


class Halves(nn.Module):
    """Answers 0 for ink in the upper half, and 1 for ink in the lower half."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        upper, lower = images[:, 0, :14], images[:, 0, 14:]
        nothing = torch.full((len(images),), -30.0)
        return torch.stack([upper.sum(dim=(1, 2)) / 20, lower.sum(dim=(1, 2)) / 20, nothing], dim=1)


def halves(temperature: float = 1.0) -> Recognizer:
    described = Description("digitpad", classes=("0", "1", "2"), calibration=Calibration(temperature))
    return Recognizer.of(Weights(Halves().eval(), described, "sha256:0"), "halves")


@pytest.fixture(scope="module", params=["digitpad", "lenet5", "resnet-mini", "mlp"])
def recognizer(request):
    return Recognizer.load(ROOT / "weights" / f"{request.param}.safetensors")


def methods(recognizer: Recognizer, image: np.ndarray, label: str) -> list[np.ndarray]:
    score = LogOdds(recognizer, label)
    return [how(recognizer, image, score) for how in (attribution.integrated_gradients, attribution.occlusion)]


def test_ink_for_the_label_is_positive_and_ink_against_it_negative():
    image = normalize(ink_of("8"))
    for values in methods(halves(), image, "0"):
        inked = image > 100
        assert values.shape == (28, 28)
        assert (values[:13][inked[:13]] > 0).all()
        assert (values[15:][inked[15:]] < 0).all()
    for values in methods(halves(), image, "1"):
        assert (values[:13][image[:13] > 100] < 0).all()


def test_paper_has_no_attribution():
    image = normalize(ink_of("1"))
    integrated, occluded = methods(halves(), image, "0")
    assert not integrated[image == 0].any()
    far = np.ones((28, 28), bool)
    for row, column in np.argwhere(image > 0):
        far[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = False
    assert far.any()
    assert not occluded[far].any()
    for values in methods(halves(), np.zeros((28, 28), np.uint8), "0"):
        assert not values.any()


def test_integrated_gradients_add_up_to_the_difference_of_the_scores(recognizer):
    for label in sorted(DRAWINGS):
        image, score = normalize(ink_of(label)), LogOdds(recognizer, label)
        on_image, on_paper = score(recognizer.logits(np.stack([image, 0 * image]))).tolist()
        total = attribution.integrated_gradients(recognizer, image, score).sum()
        assert float(total) == pytest.approx(on_image - on_paper, abs=0.6)  # of about ten: the steps are coarse
    finer = attribution.integrated_gradients(recognizer, image, score, steps=1024)
    assert float(finer.sum()) == pytest.approx(on_image - on_paper, abs=0.06)


def test_an_explanation_has_the_scores_and_both_methods(recognizer):
    image, score = normalize(ink_of("8")), LogOdds(recognizer, "8")
    why = attribution.explain(recognizer, image, "8")
    assert [why.score, why.on_paper] == score(recognizer.logits(np.stack([image, 0 * image]))).tolist()
    for reason, values in zip(why.reasons, methods(recognizer, image, "8"), strict=True):
        assert np.array_equal(reason.values, values)


def test_occlusion_is_the_fall_of_the_score_under_a_patch():
    recognizer = halves()
    image = np.zeros((28, 28), np.uint8)
    image[4:6, 4:6] = 200  # one patch covers all of it, eight others cover a part
    score = LogOdds(recognizer, "0")
    fall = attribution.occlusion(recognizer, image, score)
    whole, nothing = score(recognizer.logits(np.stack([image, 0 * image])))
    half = image.copy()
    half[4] = 0
    assert fall[4, 4] == pytest.approx(whole - nothing, abs=1e-5)  # all four patches over it cover all of the ink
    assert fall[4:6, 4:6] == pytest.approx(np.full((2, 2), fall[4, 4]), abs=1e-5)
    assert fall[7, 4] == pytest.approx((whole - nothing) / 2, abs=1e-5)  # two of its four patches do


def test_the_score_is_the_log_odds_of_the_calibrated_probability():
    recognizer = halves(temperature=1.7)
    logits = np.array([[3.0, 1.0, -2.0], [0.0, 5.0, 9.0]], np.float32)
    probabilities = torch.from_numpy(logits / 1.7).softmax(dim=1).numpy()
    score = LogOdds(recognizer, "1")
    np.testing.assert_allclose(score(logits), np.log(probabilities[:, 1] / (1 - probabilities[:, 1])), atol=1e-5)
    for k in range(3):
        step = np.eye(3, dtype=np.float32)[k] * np.float32(0.01)
        np.testing.assert_allclose(
            score.slope(logits)[:, k], (score(logits + step) - score(logits - step)) / 0.02, atol=1e-3
        )

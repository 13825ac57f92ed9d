"""The panel "The network": its architecture, its training and its errors."""

import dataclasses
import re
import shutil

import pytest
import torch
from playwright.sync_api import expect

from model.files import WEIGHTS
from model.networks import weights
from tests.helpers import weights_file
from tests.helpers.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve a network whose file holds all figures of its training, and one whose file holds none."""
    folder = tmp_path_factory.mktemp("weights")
    weights_file.save(folder / "digitpad.safetensors")
    bare = dataclasses.replace(
        weights_file.DESCRIPTION, metrics={"test": 0.99}, history=(), figures={}, refusal=None, examples=()
    )
    weights.save(
        folder / "bare.safetensors",
        weights_file.network().state_dict(),
        bare,
        torch.empty(0, 28, 28, dtype=torch.uint8),
    )
    for file in WEIGHTS.glob("line.*"):
        shutil.copy(file, folder)
    server = Server()
    server.start(DIGITPAD_WEIGHTS=str(folder))
    yield server
    server.stop()


@pytest.fixture
def card(page):
    page.locator("#tab-card").click()
    expect(page.locator(".card .matrix")).to_be_visible()
    return page


def cell(page, true: int, read: int):
    return page.locator(f".card .matrix tbody tr:nth-child({true + 1}) td:nth-child({read + 2}) button")


def expect_examples(page, text: str, *captions: str) -> None:
    examples = page.locator(".card .examples")
    expect(examples.locator("p")).to_have_text(text)
    expect(examples.locator("figcaption")).to_have_text(captions)


def test_the_architecture_is_drawn_with_shapes_and_costs(card):
    expect(card.locator(".card .figures dd").nth(2)).to_have_text("99.00%")
    blocks = card.locator(".card .blocks li")
    shapes = blocks.locator(".shape").all_text_contents()
    assert shapes[:3] == ["1 × 28 × 28", "8 × 20 × 20", "8 × 10 × 10"]
    assert shapes[-2:] == ["72", "10"]
    first = blocks.nth(1)
    expect(first).to_contain_text("Convolution")
    expect(first).to_contain_text("200 parameters")
    expect(first).to_contain_text("80K multiplications")
    expect(first).to_contain_text("features.0.0")
    expect(blocks.nth(2)).to_contain_text("+ batch norm, ReLU")
    counted = blocks.locator(".parameters").all_inner_texts()
    counted = [int(text.split(" parameters")[0].replace(",", "")) for text in counted]
    network = weights_file.network()
    assert sum(counted) == sum(parameter.numel() for parameter in network.parameters())
    heights = [block.evaluate("(li) => li.querySelector('.front').getBBox().height") for block in blocks.all()[:3]]
    assert heights[0] > heights[1] > heights[2]
    assert heights[0] / heights[1] == pytest.approx(28 / 20, rel=0.01)


def test_the_curves_tell_their_values_by_pointer_and_by_key(card):
    readout = card.locator(".card .training .readout")
    slider = card.get_by_role("slider", name="Epoch")
    last = "Epoch 2: loss 0.5 in training and 0.2 in validation, accuracy 90.00% and 95.00%"
    expect(readout).to_have_text(f"{last}; learning rate at its end 8.6e-9.")
    slider.focus()
    card.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("Epoch 1: loss 1.5 in training and 0.6 in validation, accuracy 50.00% and 80.00%")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^Epoch 1: loss 1.5 "))
    box = card.locator(".card .training .chart").nth(1).bounding_box()
    card.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.5 * box["height"])
    expect(readout).to_have_text(f"{last}; learning rate at its end 8.6e-9.")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(f"^{last}"))
    loss = card.locator(".card .training .chart").first
    assert {"Loss", "Epoch", "1", "2", "0"} <= set(loss.locator("text").all_text_contents())


def test_each_class_has_its_accuracy(card):
    section = card.locator(".card .classes")
    expect(section).to_contain_text("100 of 105 right (95.24%), 5 misread; loss 0.1000. The bars begin at 50%")
    four = section.locator("tbody tr").nth(4)
    expect(four.locator("td").nth(1)).to_have_text("76.92%")
    expect(four.locator("td").nth(2)).to_have_text("3 of 13")
    bar = four.locator(".bar").evaluate("(bar) => bar.firstChild.getBoundingClientRect().width / bar.clientWidth")
    assert bar == pytest.approx((10 / 13 - 0.5) / 0.5, abs=0.01)


def test_a_cell_of_the_confusion_matrix_shows_its_digits(card):
    expect(cell(card, 4, 9)).to_have_attribute("aria-pressed", "true")  # the most frequent mistake comes first
    expect_examples(card, "4 misread as 9: 3 of 13. Examples, the most confident first:", "9, 90.0%", "9, 60.0%")
    expect(card.get_by_alt_text("A 4 that was read as 9")).to_have_count(2)
    assert card.locator(".examples img").first.evaluate("(image) => image.naturalWidth") == 28
    cell(card, 7, 1).click()
    expect_examples(card, "7 misread as 1: 2 of 12. Examples, the most confident first:", "1, 50.0%")
    expect(cell(card, 4, 9)).to_have_attribute("aria-pressed", "false")
    cell(card, 0, 0).click()
    expect_examples(card, "0 read as 0: 10 of 10. The file holds no example of them.")
    cell(card, 0, 1).click()
    expect_examples(card, "No 0 was read as 1.")


def test_the_matrix_is_walked_with_arrow_keys(card):
    cell(card, 4, 9).focus()
    for key in ("ArrowLeft", "ArrowDown", "End", "ArrowRight", "Home", "ArrowUp"):
        card.keyboard.press(key)
    expect(cell(card, 4, 0)).to_be_focused()
    for _ in range(4):
        card.keyboard.press("ArrowRight")
    card.keyboard.press("Enter")
    expect_examples(card, "4 read as 4: 10 of 13. Examples, the most confident first:", "4, 99.0%")
    assert card.locator('.card .matrix button[tabindex="0"]').count() == 1


def test_the_shade_of_a_cell_grows_with_its_count(card):
    shade = "(button) => parseFloat(button.style.getPropertyValue('--shade'))"
    assert cell(card, 4, 9).evaluate(shade) > cell(card, 7, 1).evaluate(shade) > 0
    assert cell(card, 4, 9).text_content() == "3"
    assert cell(card, 0, 1).text_content() == "·"


def test_another_held_out_set_is_chosen(card):
    assert card.locator(".card .choices label").all_text_contents() == ["MNIST, validation", "MNIST, test"]
    card.get_by_label("MNIST, validation").focus()
    card.keyboard.press("ArrowRight")
    expect(card.locator(".card .classes")).to_contain_text("100 of 100 right (100.00%), 0 misread; loss 0.0500.")
    expect_examples(card, "0 read as 0: 10 of 10. The file holds no examples of these images (MNIST, test).")


def test_the_calibration_is_told_bin_by_bin(card):
    section = card.locator(".card .reliability")
    error = 5 / 105 * 0.5 + 100 / 105 * 0.01
    expect(section).to_contain_text(f"Expected calibration error: {error:.2%}.")
    readout = section.locator(".readout")
    expect(readout).to_have_text("93.3% to 100% sure: 100 answers, on average 99.00% sure, and 100.00% of them right.")
    card.get_by_role("slider", name="Confidence").focus()
    card.keyboard.press("ArrowLeft")
    expect(readout).to_have_text("86.7% to 93.3% sure: 5 answers, on average 90.00% sure, and 40.00% of them right.")
    card.keyboard.press("Home")
    expect(readout).to_have_text("0% to 6.7% sure: no answer.")
    diagram, histogram = section.locator(".chart").all()
    assert diagram.locator("rect.few").count() == diagram.locator("rect.many").count() == 1
    assert histogram.locator("rect").count() == 2
    box = histogram.bounding_box()
    card.mouse.move(box["x"] + 0.93 * box["width"], box["y"] + 0.5 * box["height"])
    expect(readout).to_contain_text("93.3% to 100% sure")


def test_everything_else_is_folded_away(card):
    recipe = card.locator(".card details").filter(has_text="Recipe")
    expect(recipe.locator("dl")).to_be_hidden()
    recipe.locator("summary").click()
    expect(recipe.locator("dl")).to_have_text("epochs2")
    about = card.locator(".card details").filter(has_text="About this file")
    about.locator("summary").click()
    for text in ("January 1, 2026", "Seed7", "sha256:", "90% of 2,000 things that are no digits", "logits over 1.5"):
        expect(about).to_contain_text(text)


def test_a_file_without_figures_says_so(card):
    card.get_by_label("Network", exact=True).select_option("bare")
    expect(card.locator(".card section.training")).to_contain_text("holds no training history")
    expect(card.locator(".card .errors")).to_contain_text("holds no metrics")
    expect(card.locator(".card .matrix")).to_have_count(0)
    expect(card.locator(".card .blocks li").nth(1)).to_contain_text("8 × 20 × 20")
    card.get_by_label("Network", exact=True).select_option("digitpad")
    expect(card.locator(".card .matrix")).to_be_visible()


def test_the_network_that_reads_lines_has_a_card_without_errors_of_digits(card):
    card.get_by_label("Network", exact=True).select_option("line")
    expect(card.locator(".card .errors")).to_have_count(0)
    expect(card.locator(".card .blocks li").first).to_contain_text("1 × 32 × 160")
    expect(card.locator(".card section.training svg.chart")).to_have_count(2)
    card.get_by_label("Network", exact=True).select_option("digitpad")
    expect(card.locator(".card .errors")).to_be_visible()

"""Plots as PNG files: learning curves, confusion matrices, contact sheets and convolutions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.evaluation.metrics import Scores
from model.files import write_atomically
from model.networks.training_record import Epoch

# From the palette of Okabe and Ito, which is safe for any colour vision.
BLUE: Final = "#0072b2"
ORANGE: Final = "#d55e00"
MARGIN: Final = 6  # in pixels, around each image of a sheet
LABEL: Final = 16  # in pixels, the height of its label


def draw_curves(path: Path, history: Sequence[Epoch], title: str) -> None:
    """Draw training and validation loss and error by epoch."""
    figure, axes = _figure(2, (9, 3.6))
    epochs = [epoch.epoch for epoch in history]
    parts = (("training (augmented images)", "training", BLUE, "--"), ("validation", "validation", ORANGE, "-"))
    for label, part, colour, line in parts:
        losses = [getattr(epoch, f"{part}_loss") for epoch in history]
        errors = [100 * (1 - getattr(epoch, f"{part}_accuracy")) for epoch in history]
        axes[0].plot(epochs, losses, line, color=colour, label=label, marker=".")
        axes[1].plot(epochs, errors, line, color=colour, label=label, marker=".")
    for axis, name in zip(axes, ("loss (cross-entropy)", "misread, in %"), strict=True):
        axis.set(xlabel="epoch", title=name, yscale="log")
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter("")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3, which="both")
    axes[0].legend(frameon=False)
    figure.suptitle(title)
    _save(figure, path)


def draw_confusion(path: Path, scores: Scores, classes: Sequence[str], title: str) -> None:
    """Draw a confusion matrix: the darker a cell, the more images were misread so."""
    side = max(4.0, 0.5 * len(classes) + 1.5)
    figure, (axis,) = _figure(1, (side, side))
    counts = scores.confusion
    mistakes = np.where(np.eye(len(classes), dtype=bool), 0, counts)
    axis.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(1, mistakes.max()) * 1.4)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axis.text(column, row, f"{count:,}", ha="center", va="center", fontsize=8)
    axis.set(xlabel="read as", ylabel="true class", title=title)
    axis.set_xticks(range(len(classes)), classes, rotation=45 if max(map(len, classes)) > 2 else 0)
    axis.set_yticks(range(len(classes)), classes)
    _save(figure, path)


def draw_sheet(path: Path, images: NDArray[np.uint8], labels: Sequence[str], zoom: int = 2, columns: int = 16) -> None:
    """Draw a contact sheet of images (N, H, W) or (N, H, W, 3), enlarged `zoom` times, with their labels below."""
    height, width = (zoom * side for side in images.shape[1:3])
    font = ImageFont.load_default(size=12)
    cell_width = max(width, *(int(font.getlength(label)) + 1 for label in labels)) + MARGIN
    cell_height = height + LABEL + MARGIN
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    sheet = Image.new("RGB", (columns * cell_width + MARGIN, rows * cell_height + MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        row, column = divmod(number, columns)
        left, top = MARGIN + column * cell_width, MARGIN + row * cell_height
        sheet.paste(Image.fromarray(pixels).resize((width, height), Image.Resampling.NEAREST), (left, top))
        draw.text((left, top + height + 1), label, "black", font)
    with write_atomically(path) as unfinished:
        sheet.save(unfinished, "PNG", optimize=True)


def draw_convolution(path: Path, image: NDArray[Any], kernel: NDArray[Any], result: NDArray[Any]) -> None:
    """Draw an image, a kernel and the resulting map side by side: orange above 0, blue below."""
    figure, axes = _figure(3, (10, 3.6))
    for axis, values, title in zip(axes, (image, kernel, result), ("image", "kernel", "map"), strict=True):
        most = max(1e-9, float(np.abs(values).max()))
        shown = axis.imshow(values, cmap="PuOr_r", vmin=-most, vmax=most)
        axis.set(title=f"{title}, {values.shape[0]}×{values.shape[1]}", xticks=[], yticks=[])
        figure.colorbar(shown, ax=axis, shrink=0.8)
    for (row, column), weight in np.ndenumerate(kernel if kernel.size <= 49 else kernel[:0]):
        axes[1].text(column, row, f"{weight:.2g}", ha="center", va="center", bbox={"fc": "white", "ec": "none"})
    _save(figure, path)


def _figure(columns: int, size: tuple[float, float]) -> tuple[Any, list[Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # takes a second to import
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def _save(figure: Any, path: Path) -> None:
    with write_atomically(path) as unfinished:
        figure.savefig(unfinished, format="png", dpi=110)

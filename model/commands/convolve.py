"""python -m model convolve: a convolution worked out on one digit."""

import argparse
from pathlib import Path

import numpy as np

from model.commands.options import add_data_dir
from model.data import image_set, mnist
from model.errors import UsageError
from model.evaluation import plots
from model.explain.convolution import KERNELS, convolve, parse_kernel
from model.preprocessing.arrays import Doubles


def add(command: argparse.ArgumentParser) -> None:
    """Add its options."""
    command.add_argument("index", type=int, nargs="?", default=0, help="digit of MNIST's training split (default: 0)")
    command.add_argument("--kernel", type=_kernel, default="edge", metavar="KERNEL",
        help=f"{', '.join(KERNELS)}, or rows of numbers: '0 1 0; 1 -4 1; 0 1 0' (default: edge)")  # fmt: skip
    command.add_argument("--stride", type=int, choices=range(1, 15), default=1, metavar="N", help="(default: 1)")
    command.add_argument("--padding", type=int, choices=range(15), default=0, metavar="N", help="(default: 0)")
    command.add_argument("--out", type=Path, default=Path("convolved.png"), metavar="FILE",
        help="the picture of the result (default: convolved.png)")  # fmt: skip
    add_data_dir(command)
    command.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the kernel and the arithmetic of one output pixel, and draw the digit beside its map."""
    digit = image_set.pick(mnist.load(options.data_dir, train=True), options.index)
    image = digit.images[0].numpy() / 255
    kernel: Doubles = options.kernel
    framed = np.pad(image, options.padding)
    if max(kernel.shape) > len(framed):
        raise UsageError(
            f"a kernel of {'×'.join(map(str, kernel.shape))} does not fit into {len(framed)}×{len(framed)} pixels: "
            "choose a smaller kernel or more --padding."
        )
    result = convolve(image[None, None], kernel[None, None], options.stride, options.padding)[0, 0]
    print(f"Digit {options.index} of MNIST's training split, a {digit.labels[0]}: 28×28 pixels from 0 to 1.")
    print(f"Kernel {'×'.join(map(str, kernel.shape))}, stride {options.stride}, padding {options.padding}:\n")
    print(_matrix(kernel))
    row, column = np.unravel_index(np.abs(result).argmax(), result.shape)
    top, left = row * options.stride, column * options.stride
    under = framed[top : top + kernel.shape[0], left : left + kernel.shape[1]]
    terms = [f"{a:g}·{b:.2f}" for a, b in zip(kernel.flat, under.flat, strict=True) if a and b]
    print(f"\nThe map has {result.shape[0]}×{result.shape[1]} pixels. The strongest is at row {row}, column {column},")
    print(f"where the kernel lies on\n\n{_matrix(under)}\n\nand each weight times its pixel, all added up, is")
    print(f"\n{' + '.join(terms) or '0'} = {result[row, column]:.2f}\n")
    plots.draw_convolution(options.out, image, kernel, result)
    print(f"Wrote {options.out}")
    return 0


def _matrix(values: Doubles) -> str:
    return "\n".join("".join(f"{value:8.2f}" for value in row) for row in values)


def _kernel(text: str) -> Doubles:
    try:
        return parse_kernel(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error

"""python -m model summary: show a network's layers."""

import argparse
from typing import Any

import torch

from model.networks import summary
from model.networks.registry import NETWORKS, build


def add(commands: Any) -> None:
    """Add the command."""
    describe = commands.add_parser("summary", help="show a network's layers, shapes, parameters and multiplications")
    describe.add_argument("network", choices=NETWORKS, metavar="NETWORK", help=", ".join(NETWORKS))
    describe.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the layers as a table."""
    with torch.device("meta"):  # shapes without memory for the weights
        network = build(options.network)
    print(summary.table(summary.summarize(network, NETWORKS[options.network].input.shape)))
    return 0

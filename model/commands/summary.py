"""python -m model summary: show a network's layers."""

import argparse

import torch

from model.networks import summary
from model.networks.registry import NETWORKS, build


def add(describe: argparse.ArgumentParser) -> None:
    """Add its options."""
    describe.add_argument("network", choices=NETWORKS, metavar="NETWORK", help=", ".join(NETWORKS))
    describe.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Print the layers as a table."""
    with torch.device("meta"):  # shapes without memory for the weights
        network = build(options.network)
    print(summary.table(summary.summarize(network, NETWORKS[options.network].input.shape)))
    return 0

"""Train a network and write its weights.

    python train.py                       the default network, in a few minutes on two processor cores
    python train.py --epochs 2            a first network, in one to three minutes
    python train.py --network lenet5      another network; all of them in turn with --network all
    python train.py --resume              go on with a training that was interrupted
    python train.py --dry-run             the whole path in seconds, on a little of the data, installing nothing
    python train.py --corrections         the default network goes on learning, from what was corrected
    torchrun --nproc-per-node 2 train.py  data-parallel, with the same options

MNIST and the pen digits are read from --data-dir, and fetched into it when they are not there. What MNIST's training
split and the pen digits' writers hold out for validation chooses; the test split is scored once, at the end.
"""

import argparse
import dataclasses
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from corrections import store
from corrections.errors import StoreError
from model.commands.options import source
from model.data import sources, templates
from model.errors import DigitpadError, UsageError
from model.evaluation import comparison
from model.files import WEIGHTS
from model.networks import weights
from model.networks.registry import DIGIT_NETWORKS, NETWORKS
from model.training import distributed, finetuning
from model.training.devices import choose_device, keep_freed_memory
from model.training.pipeline import Job, make_weights
from model.training.recipe import Recipe, recipe_for

RECIPE_OPTIONS = (
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "label_smoothing",
    "drawings",
    "varied",
    "glyphs",
    "nondigits",
    "cuts",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit status."""
    options = parse(arguments)
    command = shlex.join(["python", "train.py", *(sys.argv[1:] if arguments is None else arguments)])
    keep_freed_memory()
    name = options.network
    try:
        with distributed.process_group(options.device):
            if options.corrections is not None:
                return learn_corrections(options, command)
            status = 0
            for name in DIGIT_NETWORKS if options.network == "all" else (options.network,):
                status |= make_weights(job(options, name, command))
            if options.network == "all" and not options.dry_run and distributed.rank() == 0:
                home = WEIGHTS.parent if options.out.resolve() == WEIGHTS.resolve() else options.out
                print(comparison.markdown(comparison.write(options.out / "logs", home / "docs" / "networks.md")))
            return status
    except (DigitpadError, StoreError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. {options.out / name}.safetensors is as it was.", file=sys.stderr)
        if (options.out / f"{name}.checkpoint").exists():
            print("The last whole epoch is kept: the same command with --resume goes on from it.", file=sys.stderr)
        return 130


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_argument_group("what is trained, on what").add_argument
    what("--network", default="digitpad", choices=[*NETWORKS, "all"], metavar="NAME",
        help=f"which architecture: {', '.join(NETWORKS)}, or all that read digits (default: %(default)s)")  # fmt: skip
    what("--data", type=source, metavar="SOURCE",
        help="mnist, cifar10 or folder:PATH (default: what the network is for)")  # fmt: skip
    what("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"), metavar="DIR",
        help="where the data sets are, or are put (default: DIGITPAD_DATA, or data)")  # fmt: skip
    what("--pen-digits", type=Path, metavar="FILE", help="a copy of pendigits-orig.tra (default: fetched once)")
    what("--no-pen-digits", action="store_true", help="train on MNIST alone: worse on drawings")
    what("--seed", type=int, default=0, help="same seed, same machine, same weights (default: %(default)s)")
    what("--device", type=_device, default="auto", help="cpu, cuda, cuda:1, mps… (default: the fastest there is)")

    more = parser.add_argument_group("going on with weights that there are").add_argument
    more("--corrections", nargs="?", const="", metavar="DATABASE",
        help="learn what was corrected, rehearsing the rest; from a file or an address, by default "
        "DIGITPAD_DATABASE_URL or instance/corrections.sqlite3")  # fmt: skip
    more(
        "--from", dest="start", type=Path, metavar="WEIGHTS", help="the weights to begin from (default: those in --out)"
    )

    how = parser.add_argument_group("how (default: each network's own recipe)").add_argument
    how("--epochs", type=_positive, metavar="N", help="passes over the data")
    how("--batch-size", type=_positive, metavar="N", help="images a step, over all processes")
    how("--learning-rate", type=float, metavar="RATE", help="at the peak")
    how("--weight-decay", type=float, metavar="RATE", help="AdamW's")
    how("--label-smoothing", type=float, metavar="PART")
    how("--drawings", type=_positive, metavar="N", help="times that an epoch sees each pen digit, drawn anew")
    how("--varied", type=_count, metavar="N", help="times more, as other hands could have written it")
    how("--glyphs", type=_count, metavar="N", help="digits to write from templates, beside the pen digits")
    how("--without", nargs="+", default=[], metavar="KIND",
        help="templates to leave out: '0 slashed', or 7 for all (data preview --augmented shows them)")  # fmt: skip
    how("--nondigits", type=_count, metavar="N", help="images of what is no digit; with 0, nothing is refused")
    how("--cuts", type=_count, metavar="N", help="images to cut out of rows of digits that touch")
    how(
        "--early-stopping", type=_positive, metavar="N", help="stop when the validation loss has not fallen in N epochs"
    )
    how("--keep-best", action="store_true", help="keep the epoch with the least validation loss, not the last one")
    how("--resume", action="store_true", help="go on from the last checkpoint, if there is one, to the same weights")

    result = parser.add_argument_group("what becomes of it").add_argument
    result("--out", type=Path, default=Path("weights"), metavar="DIR", help="where weights go (default: %(default)s)")
    result("--force", action="store_true", help="replace old weights even if they read the validation digits better")
    result("--tensorboard", type=Path, metavar="DIR", help="write TensorBoard event files")
    result("--dry-run", action="store_true", help="prove the whole path in seconds; installs nothing")
    options = parser.parse_args(arguments)
    if options.corrections is not None and (options.resume or options.data or options.tensorboard):
        parser.error("--corrections goes with neither --resume, --data nor --tensorboard")
    if options.corrections is None and options.start:
        parser.error("--from goes with --corrections: other trainings begin from nothing")
    return options


def learn_corrections(options: argparse.Namespace, command: str) -> int:
    """Fine-tune weights on what was corrected. Returns the exit status."""
    start = options.start or options.out / f"{options.network}.safetensors"
    old = weights.load(start)
    database = options.corrections or os.environ.get("DIGITPAD_DATABASE_URL") or str(store.INSTANCE / store.FILE)
    name = old.description.network
    recipe = finetuning.recipe_for(recipe_for(name), old.description.rejects)
    found = store.Store(database, create=False)
    try:
        return finetuning.fine_tune(job(options, name, command, recipe), old, found)
    finally:
        found.close()


def job(options: argparse.Namespace, name: str, command: str, usual: Recipe | None = None) -> Job:
    """Put together what is to be done for the network called `name`, by its `usual` recipe or its own.

    Raises UsageError where the options do not fit.
    """
    architecture = NETWORKS[name]
    named = options.data or architecture.data
    if not named:
        raise UsageError(f"{name} reads photographs from a folder: name it with --data folder:PATH")
    if architecture.input.channels == 3 and named == "mnist":
        raise UsageError(f"{name} reads colour images, and MNIST has none: use --data cifar10 or folder:PATH")
    if architecture.input.channels == 1 and named == "cifar10":
        raise UsageError(f"{name} reads ink, and CIFAR-10 has photographs: use --network lenet-rgb")
    given = {what: getattr(options, what) for what in RECIPE_OPTIONS if getattr(options, what) is not None}
    recipe: Recipe = dataclasses.replace(usual or recipe_for(name), **given)
    recipe = dataclasses.replace(recipe, kinds=templates.without(recipe.kinds, options.without))
    if options.dry_run:
        few = sources.DRY_RUN_IMAGES
        recipe = dataclasses.replace(
            recipe,
            epochs=1,
            glyphs=min(few, recipe.glyphs),
            nondigits=min(few, recipe.nondigits),
            cuts=min(few, recipe.cuts),
        )
    return Job(
        network=name,
        source=named,
        recipe=recipe,
        device=distributed.local_device(options.device),
        seed=options.seed,
        data_dir=options.data_dir,
        pen_digits=options.pen_digits,
        without_pen_digits=options.no_pen_digits,
        out=options.out,
        force=options.force,
        resume=options.resume,
        dry_run=options.dry_run,
        patience=options.early_stopping,
        keep_best=options.keep_best,
        board=options.tensorboard,
        command=command,
    )


def _device(name: str) -> torch.device:
    try:
        device = choose_device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise argparse.ArgumentTypeError(f"{name!r} is no device of this machine, auto picks one") from error
    return device


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("it must be at least 0")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())

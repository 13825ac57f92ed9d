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
import copy
import dataclasses
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from corrections.entries import FILE, INSTANCE
from corrections.errors import StoreError
from model.commands.options import above_zero, at_least, source
from model.commands.terminal import run
from model.data import templates
from model.data.folders import DRY_RUN_IMAGES
from model.data.sources import Data
from model.errors import DigitpadError, UsageError
from model.evaluation import comparison, report
from model.evaluation.evaluate import class_logits, score
from model.evaluation.held_out import judge
from model.evaluation.significance import table
from model.files import WEIGHTS
from model.networks import weights
from model.networks.description import Description, no_pictures
from model.networks.registry import DIGIT_NETWORKS, NETWORKS, build
from model.networks.weights import Weights
from model.training import corrections, describe, devices, finetuning
from model.training.devices import choose_device, keep_freed_memory
from model.training.ink.scenes import sources_of
from model.training.install import check_classes, check_room, install, load_old, save_candidate, why_unusable
from model.training.loop import Run, run_epochs
from model.training.mixture import load_data, load_pen_digits
from model.training.recipe import Recipe, recipe_for
from model.training.stream import run as stream
from model.training.stream.kinds import STREAMS
from model.training.tensorboard import Board
from model.training.trainer import Training


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit status."""
    options = parse(arguments)
    command = shlex.join(["python", "train.py", *(sys.argv[1:] if arguments is None else arguments)])
    keep_freed_memory()
    name = options.network
    try:
        with devices.process_group(options.device):
            if options.network in STREAMS:
                return train_stream(options, options.network, command)
            if options.corrections is not None:
                return fine_tune(options, command)
            status = 0
            for name in DIGIT_NETWORKS if options.network == "all" else (options.network,):
                status |= train(options, name, command)
            if options.network == "all" and not options.dry_run and devices.rank() == 0:
                home = WEIGHTS.parent if options.out.resolve() == WEIGHTS.resolve() else options.out
                print(comparison.markdown(comparison.write(options.out / "logs", home / "docs" / "networks.md")))
            return status
    except (DigitpadError, StoreError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except (RuntimeError, MemoryError) as error:
        if not devices.is_out_of_memory(error):
            raise
        usual = STREAMS[name].recipe if name in STREAMS else recipe_for(name)
        size = options.batch_size or usual.batch_size
        slower = "" if options.device.type == "cpu" else ", or --device cpu"
        print(f"train.py: The memory of {options.device} is full; {name}.safetensors is as it was. Try --batch-size "
              f"{max(1, size // 2)} instead of {size}{slower}.", file=sys.stderr)  # fmt: skip
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. {options.out / name}.safetensors is as it was.", file=sys.stderr)
        if (options.out / f"{name}.checkpoint").exists():
            print("The last whole epoch is kept: the same command with --resume goes on from it.", file=sys.stderr)
        return 130


def train(options: argparse.Namespace, name: str, command: str) -> int:
    """Make weights of the network called `name`. Returns the exit status: 1 when old weights are better and stay."""
    started = time.perf_counter()
    path, checkpoint = options.out / f"{name}.safetensors", options.out / f"{name}.checkpoint"
    source, recipe = source_of(options, name), recipe_of(options, recipe_for(name))
    device, first = devices.local_device(options.device), devices.rank() == 0
    old = None if options.dry_run else load_old(path, options.force)
    board = Board(options.tensorboard / name) if options.tensorboard and first else None

    # Load the data
    with devices.first_alone():
        data = load(options, name, source, recipe)
    if old:
        check_classes(path, old, data.classes)

    # Build the network: seeded just before, since loading old weights has drawn random numbers, too
    torch.manual_seed(options.seed)
    network = build(name, **describe.arguments_for(data, recipe))
    if not options.dry_run:
        check_room(options.out, network)
    title = describe.title(name, network, source, data, device, options.seed)
    training = Training(network, data.training, data.variants, recipe, device, options.seed, NETWORKS[name].input)
    identity = describe.identity(name, recipe, options.seed, data, options.early_stopping, options.keep_best)
    run = Run(
        training, data.chooser, None if options.dry_run else checkpoint, identity,
        options.early_stopping, options.keep_best,
    )  # fmt: skip

    # Train
    begun = run.begin(options.resume)
    if first:
        left = "" if options.dry_run else f"It will take about {report.duration(training.estimate())}."
        print("\n".join(filter(None, (title, begun, left))), flush=True)
    if board:
        board.begin(training.averaged, data.training, training.to_input)
    run_epochs(run, board)
    if not first:
        return 0
    network = run.result()
    seconds = run.earlier + time.perf_counter() - started

    # Judge, on everything that was held out and, this once, on the test split
    judgement = judge(network, data, training.to_input, device)
    results = describe.results(judgement, source, data.classes, device, seconds)
    if board:
        board.end(judgement.misread, training.epoch)

    # Decide, on the validation images
    stays, told = "", [results]
    if old:
        before = score(class_logits(old, data.chooser), data.chooser.labels)
        told.append(report.summary("old weights, all validation", before))
        told.append(report.summary("new weights, all validation", judgement.validation))
        if before.correct > judgement.validation.correct:
            stays = "reads the validation digits better, so it stays: train longer."

    # Install
    description = describe.describe(name, training, data, judgement, run.history, seconds, options.seed)
    log = "\n".join([f"$ {command}", title, report.history(run.history), "", results])
    status = put_in_place(options.dry_run, path, network, description, judgement.pictures, command, log, stays, told)
    if not options.dry_run:
        checkpoint.unlink(missing_ok=True)
    return status


def train_stream(options: argparse.Namespace, name: str, command: str) -> int:
    """Make weights of a network that learns from made examples. Returns the exit status: 1 when old weights stay."""
    if devices.ranks() > 1:
        raise UsageError(f"the {name} network is trained in one process: start it without torchrun")
    if unused := stream.unused(options):
        raise UsageError(f"the {name} network learns from examples of its own: leave out {' and '.join(unused)}")
    kind = STREAMS[name]
    path, checkpoint = options.out / f"{name}.safetensors", options.out / f"{name}.checkpoint"
    recipe = stream.recipe_of(options, kind.recipe)
    old = None if options.dry_run else load_old(path, options.force)
    strokes = [] if options.no_pen_digits else load_pen_digits(options.data_dir, options.pen_digits)
    sources, unseen = sources_of(options.data_dir, strokes)

    torch.manual_seed(options.seed)
    network, device = build(name), choose_device(str(options.device))
    if not options.dry_run:
        check_room(options.out, network)
    if options.start:
        begin = weights.load(options.start)
        if begin.description.network != name:
            raise UsageError(f"{options.start} has weights of {begin.description.network}, not of {name}")
        network.load_state_dict(begin.network.state_dict())
    training = kind.begin(network, sources, unseen, recipe, device, options.seed)
    if old:
        check_classes(path, old, training.classes)
    title = stream.title(training, sources)
    run = stream.StreamRun(training, None if options.dry_run else checkpoint)
    print(title, run.resume() if options.resume else "", sep="\n")
    run.run()
    if options.half_way:
        training.go_half_way_back(begin.network)

    loss, share = training.validate(training.averaged)
    results = f"validation {training.unit}: {share:.2%} {training.measure}, loss {loss:.4f}, n = {recipe.validation}"
    stays, told = "", [results]
    if old:
        old_loss, old_share = training.validate(old.network.to(device))
        told.append(f"old weights: {old_share:.2%} {training.measure}, loss {old_loss:.4f}")
        stays = f"reads the validation {training.unit} better, so it stays: train longer." if old_loss < loss else ""
    description = stream.describe(training, run, share)
    if not options.dry_run:
        description = kind.calibrate(training, description, unseen, options.out)
    log = "\n".join([f"$ {command}", title, report.history(run.history), "", results])
    status = put_in_place(
        options.dry_run, path, training.averaged, description, no_pictures(), command, log, stays, told
    )
    if not options.dry_run:
        checkpoint.unlink(missing_ok=True)
    return status


def fine_tune(options: argparse.Namespace, command: str) -> int:
    """Let weights go on learning from what was corrected. Returns the exit status: 1 where they got worse."""
    started = time.perf_counter()
    old = weights.load(options.start or options.out / f"{options.network}.safetensors")
    finetuning.check(old)
    name = old.description.network
    path, device = options.out / f"{name}.safetensors", devices.local_device(options.device)
    source = source_of(options, name)
    recipe = recipe_of(options, finetuning.gentle(recipe_for(name), old.description.rejects))
    database = options.corrections or os.environ.get("DIGITPAD_DATABASE_URL") or str(INSTANCE / FILE)
    corrected = corrections.read(database, old.description.rejects)
    rivals = {"before": old}
    if not options.dry_run and not options.force and path.exists():
        installed = weights.load(path)
        finetuning.check(installed)
        if installed.version != old.version:
            rivals["installed"] = installed

    data = load(options, name, source, recipe)
    variants = finetuning.rehearse(data, corrected, options.seed)
    title = finetuning.title(name, old, corrected, len(variants[0]), device, options.seed)
    print(title)
    marks = {rival: finetuning.mark(found, data, corrected) for rival, found in rivals.items()}

    torch.manual_seed(options.seed)
    training = Training(
        copy.deepcopy(old.network), data.training[:0], variants, recipe, device, options.seed,
        old.description.input, (old.description.mean, old.description.std),
    )  # fmt: skip
    run = Run(training, data.chooser, None, {}, options.early_stopping, options.keep_best)
    run_epochs(run)
    network, part = finetuning.nearest(old, run.result().cpu(), data, marks["before"])
    seconds = time.perf_counter() - started

    judgement = judge(network.to(device), data, training.to_input, device)
    results = describe.results(judgement, source, data.classes, device, seconds)
    description = describe.describe(name, training, data, judgement, run.history, seconds, options.seed)
    marks["after"] = finetuning.mark(Weights(network.cpu(), description, ""), data, corrected)
    description = finetuning.describe(description, old, corrected, part, marks["after"][finetuning.HELD_OUT])
    compared = table(finetuning.NAMES, marks)

    worse = [] if options.force else finetuning.worse_sets(marks)
    stays = f"stays: the new weights read worse ({', '.join(worse)})." if worse else ""
    log = "\n".join([f"$ {command}", title, report.history(run.history), "", results, "", compared])
    told = [results, "", compared]
    return put_in_place(options.dry_run, path, network, description, judgement.pictures, command, log, stays, told)


def put_in_place(
    dry_run: bool, path: Path, network: nn.Module, description: Description, pictures: NDArray[np.uint8],
    command: str, log: str, stays: str, told: Sequence[str],
) -> int:  # fmt: skip
    """Install weights at `path`, or beside it where `stays` says why the old ones stay; in a dry run, elsewhere.

    Only then, print what is `told` of the training, and where its weights are. Nothing installs weights that misread
    the guard set. Returns the exit status: 1 where the old weights stay.
    """
    results = "\n".join(["", *told])
    misread = "" if dry_run else why_unusable(network, description, path.parent)
    if dry_run:
        with tempfile.TemporaryDirectory() as elsewhere:
            install(Path(elsewhere) / path.name, network, description, pictures, command, log)
        print(f"{results}\nDry run: the path holds from data to weights; nothing was installed.")
    elif stays or misread:
        candidate = save_candidate(path, network, description, pictures, command, log)
        print(results)
        if misread:
            why = f"Nothing was installed: {misread}. The new weights are in {candidate}: train longer."
        else:
            why = f"{path} {stays} The new weights are in {candidate}, and --force would install them."
        print(why, file=sys.stderr)
        return 1
    else:
        onnx_error = install(path, network, description, pictures, command, log)
        print(f"{results}\nSaved {path} ({path.stat().st_size / 1000:,.0f} kB).")
        if onnx_error:
            print(f"{onnx_error} These weights are for torch alone.", file=sys.stderr)
    return 0


def source_of(options: argparse.Namespace, name: str) -> str:
    """Return what the network called `name` is trained on. Raises UsageError where it cannot read that."""
    architecture = NETWORKS[name]
    named = options.data or architecture.data
    if not named:
        raise UsageError(f"{name} reads photographs from a folder: name it with --data folder:PATH")
    if architecture.input.channels == 3 and named == "mnist":
        raise UsageError(f"{name} reads colour images, and MNIST has none: use --data cifar10 or folder:PATH")
    if architecture.input.channels == 1 and named == "cifar10":
        raise UsageError(f"{name} reads ink, and CIFAR-10 has photographs: use --network lenet-rgb")
    return named


def recipe_of(options: argparse.Namespace, usual: Recipe) -> Recipe:
    """Change the `usual` recipe as the options say. Raises UsageError for templates that are not known."""
    names = (field.name for field in dataclasses.fields(usual))
    given = {name: value for name in names if (value := getattr(options, name, None)) is not None}
    recipe = dataclasses.replace(usual, **given)
    recipe = dataclasses.replace(recipe, kinds=templates.leave_out(recipe.kinds, options.without))
    if options.dry_run:
        few = {what: min(DRY_RUN_IMAGES, getattr(recipe, what)) for what in ("glyphs", "nondigits")}
        recipe = dataclasses.replace(recipe, epochs=1, **few)
    return recipe


def load(options: argparse.Namespace, name: str, source: str, recipe: Recipe) -> Data:
    """Load what the network called `name` is trained on. Raises DataMissing and PenDigitsError."""
    pens = source == "mnist" and not options.no_pen_digits
    strokes = load_pen_digits(options.data_dir, options.pen_digits) if pens else []
    return load_data(source, options.data_dir, NETWORKS[name].input, strokes, recipe, options.seed, options.dry_run)


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
    more("--half-way", action="store_true",
        help="with --from: end half way between those weights and what they become, which forgets less")  # fmt: skip

    how = parser.add_argument_group("how (default: each network's own recipe)").add_argument
    how("--epochs", type=at_least(1), metavar="N", help="passes over the data")
    how("--batch-size", type=at_least(1), metavar="N", help="images a step, over all processes")
    how("--learning-rate", type=above_zero, metavar="RATE", help="at the peak")
    how("--weight-decay", type=float, metavar="RATE", help="AdamW's")
    how("--label-smoothing", type=float, metavar="PART")
    how("--drawings", type=at_least(1), metavar="N", help="times that an epoch sees each pen digit, drawn anew")
    how("--varied", type=at_least(0), metavar="N", help="times more, as other hands could have written it")
    how("--glyphs", type=at_least(0), metavar="N", help="digits to write from templates, beside the pen digits")
    how("--without", nargs="+", default=[], metavar="KIND",
        help="templates to leave out: '0 slashed', or 7 for all (data preview --augmented shows them)")  # fmt: skip
    how("--nondigits", type=at_least(0), metavar="N", help="images of what is no digit; with 0, nothing is refused")
    how("--early-stopping", type=at_least(1), metavar="N",
        help="stop when the validation loss has not fallen in N epochs")  # fmt: skip
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
    if options.corrections is None and options.start and options.network not in STREAMS:
        parser.error(f"--from goes with --corrections, or --network {' or '.join(STREAMS)}: others begin from nothing")
    if options.half_way and not (options.start and options.network in STREAMS):
        parser.error("--half-way goes with --from and --network " + " or ".join(STREAMS))
    return options


def _device(name: str) -> torch.device:
    try:
        device = choose_device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise argparse.ArgumentTypeError(f"{name!r} is no device of this machine, auto picks one") from error
    return device


if __name__ == "__main__":
    sys.exit(run(main))

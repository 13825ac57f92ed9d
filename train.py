"""Train a network and write its weights.

    python train.py               the default network, in a few minutes on two processor cores
    python train.py --epochs 2    a first network in under a minute
    python train.py --dry-run     the whole path in seconds, on a little of the data, installing nothing

MNIST and the pen digits are read from --data-dir, and fetched into it when they are not there. What MNIST's training
split and the pen digits' writers hold out for validation chooses; the test split is scored once, at the end.
"""

import argparse
import dataclasses
import importlib.metadata
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from model import __version__, calibration, datasets, evaluation, pendigits, report, weights
from model.networks import NETWORKS, build, count_parameters
from model.training import Progress, Recipe, Training, choose_device, fast_bfloat16, keep_freed_memory

MOST_VARIANTS = 8  # drawings of each pen digit with other pens, of which each epoch takes the next
DRY_RUN_DIGITS = 600  # of each kind
TITLES = {
    "validation": "MNIST validation",
    "pen validation": "pen digits, unseen writers",
    "test": "MNIST test",
}


@dataclass(frozen=True)
class Data:
    """All the digits of a training. `held_out` has the validation sets, which choose, and the test split."""

    training: datasets.Digits
    variants: list[datasets.Digits]  # empty without pen digits
    held_out: dict[str, datasets.Digits]

    @property
    def choosing(self) -> list[str]:
        """The names of the held-out sets that choices are made on."""
        return [name for name in self.held_out if name != "test"]

    @property
    def chooser(self) -> datasets.Digits:
        """The validation digits of all kinds."""
        return datasets.concatenate([self.held_out[name] for name in self.choosing])

    def digests(self) -> dict[str, str]:
        """Name the content of each part."""
        parts = {"training": self.training, **self.held_out}
        if self.variants:
            parts["pen"] = datasets.concatenate(self.variants)
        return {name: digits.digest() for name, digits in parts.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit status."""
    options = parse(arguments)
    try:
        return run(options)
    except (datasets.DataMissing, pendigits.PenDigitsError, weights.WeightsError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. {options.out / options.network}.safetensors is as it was.", file=sys.stderr)
        return 130


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    default = Recipe()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--network", default="digitpad", choices=sorted(NETWORKS), help="which architecture (default: %(default)s)")
    add("--epochs", type=_positive, default=default.epochs, help="passes over the data (default: %(default)s)")
    add("--data-dir", type=Path, default=Path(os.environ.get("DIGITPAD_DATA") or "data"),
        help="where the data sets are, or are put (default: DIGITPAD_DATA, or data)")  # fmt: skip
    add("--pen-digits", type=Path, metavar="FILE", help="a copy of pendigits-orig.tra (default: fetched once)")
    add("--no-pen-digits", action="store_true", help="train on MNIST alone: worse on drawings")
    add("--out", type=Path, default=Path("weights"), metavar="DIR", help="where the weights go (default: %(default)s)")
    add("--force", action="store_true", help="replace the old weights even if they read the validation digits better")
    add("--device", type=_device, default="auto", help="cpu, cuda, cuda:1, mps… (default: the fastest there is)")
    add("--seed", type=int, default=0, help="same seed, same machine, same weights (default: %(default)s)")
    add("--batch-size", type=_positive, default=default.batch_size, help="images a step (default: %(default)s)")
    add("--learning-rate", type=float, default=default.learning_rate, help="at the peak (default: %(default)s)")
    add("--weight-decay", type=float, default=default.weight_decay, help="AdamW's (default: %(default)s)")
    add("--label-smoothing", type=float, default=default.label_smoothing, help="(default: %(default)s)")
    add("--dry-run", action="store_true", help="prove the whole path in seconds; installs nothing")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    """Load, train, report and save. Returns the exit status."""
    started = time.perf_counter()
    keep_freed_memory()
    device: torch.device = options.device
    path = options.out / f"{options.network}.safetensors"
    old = None if options.dry_run or not path.exists() else _load_old(path, options.force)

    recipe = Recipe(
        epochs=1 if options.dry_run else options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        weight_decay=options.weight_decay,
        label_smoothing=options.label_smoothing,
    )
    # Drawing them all takes seconds, so that a short training has fewer; more are seen by augmentation in any case.
    data = load_data(options, variants=min(max(1, recipe.epochs // 2), MOST_VARIANTS))
    torch.manual_seed(options.seed)  # just before the weights are drawn: building the old ones has drawn some, too
    network = build(options.network)
    print(
        f"Training {options.network} ({count_parameters(network):,} parameters) on {device} with "
        f"{len(data.training):,} MNIST digits and {len(data.variants[0]) if data.variants else 0:,} pen digits"
        f"{' in bfloat16' if fast_bfloat16(device) else ''}, seed {options.seed}."
    )
    training = Training(network, data.training, data.variants, recipe, device, options.seed)
    for epoch in range(1, recipe.epochs + 1):
        train_one_epoch(training, f"epoch {epoch}/{recipe.epochs}")
    seconds = time.perf_counter() - started

    network = training.averaged
    logits = {
        name: evaluation.predict_logits(network, digits.images.to(device), training.mean, training.std).cpu()
        for name, digits in data.held_out.items()
    }
    scores = {name: evaluation.score(logits[name], digits.labels) for name, digits in data.held_out.items()}
    print_report(scores)
    print(f"\nTrained in {report.duration(seconds)}.")
    chooser = data.chooser
    chooser_logits = torch.cat([logits[name] for name in data.choosing])
    description = weights.Description(
        network=options.network,
        mean=training.mean,
        std=training.std,
        classes=datasets.CLASSES,
        calibration=calibration.fit(chooser_logits, chooser.labels),
        metrics={name: round(found.accuracy, 6) for name, found in scores.items()},
        data=data.digests(),
        recipe={**dataclasses.asdict(recipe), "seconds": round(seconds), "device": str(device)},
        seed=options.seed,
        versions=_versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    if options.dry_run:
        with tempfile.TemporaryDirectory() as elsewhere:
            install(Path(elsewhere) / path.name, network, description, replace=True)
        print("Dry run: the path holds from data to weights; nothing was installed.")
        return 0
    worse = old is not None and _reads_better(old, evaluation.score(chooser_logits, chooser.labels), chooser)
    return install(path, network, description, replace=options.force or not worse)


def load_data(options: argparse.Namespace, variants: int) -> Data:
    """Load MNIST and draw the pen digits. Raises DataMissing and PenDigitsError."""
    mnist = datasets.load_mnist(options.data_dir, train=True)
    test = datasets.load_mnist(options.data_dir, train=False)
    pen_training, pen_validation = datasets.split_writers([] if options.no_pen_digits else load_pen_digits(options))
    if options.dry_run:
        mnist, test = mnist[:DRY_RUN_DIGITS], test[:DRY_RUN_DIGITS]
        pen_training, pen_validation = pen_training[:DRY_RUN_DIGITS], pen_validation[:DRY_RUN_DIGITS]
    training, validation = datasets.split_validation(mnist)
    if not pen_training:
        return Data(training, [], {"validation": validation, "test": test})
    total = variants * len(pen_training) + len(pen_validation)
    with tqdm(total=total, desc="drawing pen digits", unit=" digits", unit_scale=True) as bar:
        drawn = [datasets.draw_pen_digits(pen_training, options.seed + turn, bar.update) for turn in range(variants)]
        held_out = datasets.draw_pen_digits(pen_validation, datasets.SPLIT_SEED, bar.update)
    return Data(training, drawn, {"validation": validation, "pen validation": held_out, "test": test})


def load_pen_digits(options: argparse.Namespace) -> list[pendigits.PenDigit]:
    """Load the pen digits from where --pen-digits says, or fetch them. Raises PenDigitsError."""
    if options.pen_digits:
        return pendigits.load(options.pen_digits)
    folder = options.data_dir / "pen-digits"
    try:
        with tqdm(
            desc="fetching pen digits", unit="B", unit_scale=True, disable=(folder / pendigits.FILE).exists()
        ) as bar:

            def show(received: int, expected: int) -> None:
                bar.total = expected or None
                bar.update(received - bar.n)

            return pendigits.load(pendigits.fetch(folder, progress=show))
    except pendigits.PenDigitsError as error:
        raise pendigits.PenDigitsError(
            f"{error} Put {pendigits.FILE} into {folder}, or name a copy with --pen-digits FILE. To go on without it, "
            "say --no-pen-digits: MNIST is read as well, but three times as many of such drawings are misread."
        ) from error


def train_one_epoch(training: Training, title: str) -> None:
    """Run one epoch behind a progress bar that shows loss, accuracy and images per second."""
    with tqdm(total=training.epoch_images, desc=title, unit=" images", unit_scale=True) as bar:

        def show(progress: Progress) -> None:
            bar.set_postfix(loss=f"{progress.loss:.3f}", accuracy=f"{progress.accuracy:.2%}", refresh=False)
            bar.update(progress.images - bar.n)

        training.run_epoch(show)


def print_report(scores: dict[str, evaluation.Scores]) -> None:
    """Print what was held out and, this once, the test split."""
    print()
    for name, found in scores.items():
        print(report.summary(TITLES[name], found))
    print(f"\n{TITLES['test']}, by class:\n\n{report.table(scores['test'], datasets.CLASSES)}")


def install(path: Path, network: nn.Module, description: weights.Description, replace: bool) -> int:
    """Save the weights at `path`, or beside it when they may not replace what is there. Returns the exit status."""
    if replace:
        weights.save(path, network.state_dict(), description)
        print(f"Saved {path} ({path.stat().st_size / 1000:,.0f} kB).")
        return 0
    candidate = path.with_name(f"{path.name}.candidate")
    weights.save(candidate, network.state_dict(), description)
    print(
        f"{path} reads the validation digits better, so it stays. The new weights are in {candidate}: "
        "train longer, or say --force to replace the old ones.",
        file=sys.stderr,
    )
    return 1


def _load_old(path: Path, force: bool) -> weights.Weights | None:
    """Load the weights that would be replaced: what cannot be compared is not replaced without --force."""
    try:
        return weights.load(path)
    except weights.WeightsError as error:
        if force:
            return None
        raise weights.WeightsError(f"{error} Say --force to replace it, or name another folder with --out.") from error


def _reads_better(old: weights.Weights, new: evaluation.Scores, digits: datasets.Digits) -> bool:
    described = old.description
    scores = evaluation.evaluate(old.network, digits, described.mean, described.std)
    print(report.summary("old weights, all validation", scores))
    print(report.summary("new weights, all validation", new))
    return scores.correct > new.correct


def _versions() -> dict[str, str]:
    packages = ("torch", "torchvision", "numpy", "pillow")
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {"digitpad": __version__, "python": platform.python_version(), **versions}


def _device(name: str) -> torch.device:
    try:
        device = choose_device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise argparse.ArgumentTypeError(f"{name!r} is no device of this machine, auto picks one") from error
    return device


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())

"""From a job to a weights file: load the data, train, report, save.

What is told on the way goes to the terminal; what is worth keeping goes beside the weights, into `logs/`: the report as
text, the figures as JSON, and the learning curves as a picture.
"""

import dataclasses
import importlib.metadata
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from model import __version__
from model.data import image_set, sources
from model.data.pen_digits import FILE, PenDigit, PenDigitsError, fetch, load
from model.data.sources import Data
from model.evaluation import evaluate, report
from model.evaluation.held_out import Judgement, judge
from model.evaluation.metrics import Scores
from model.networks import weights
from model.networks.description import Description, WeightsError
from model.networks.registry import NETWORKS, build, count_parameters
from model.networks.training_record import Epoch, keep
from model.training import devices, distributed, mixture
from model.training.install import install, write_logs
from model.training.loop import Run
from model.training.recipe import Recipe
from model.training.tensorboard import Board
from model.training.trainer import Progress, Training

BETTER = "reads the validation digits better, so it stays: train longer."


@dataclass(frozen=True)
class Job:
    """One network to be trained: on what, how, and where the weights go."""

    network: str
    source: str  # mnist, cifar10 or folder:PATH
    recipe: Recipe
    device: torch.device
    seed: int
    data_dir: Path
    pen_digits: Path | None
    without_pen_digits: bool
    out: Path
    force: bool
    resume: bool
    dry_run: bool
    patience: int | None
    keep_best: bool
    board: Path | None
    command: str

    @property
    def weights(self) -> Path:
        """Where the weights go."""
        return self.out / f"{self.network}.safetensors"

    @property
    def checkpoint(self) -> Path:
        """Where the training stands between two epochs."""
        return self.out / f"{self.network}.checkpoint"


def make_weights(job: Job) -> int:
    """Train, report and save. Returns the exit status: 1 when old weights are better and were kept.

    Raises DataMissing, PenDigitsError, CheckpointError, WeightsError, TensorBoardMissing and OSError; old weights then
    stand, and so does the last checkpoint.
    """
    started = time.perf_counter()
    old = None if job.dry_run or not job.weights.exists() else _load_old(job.weights, job.force)
    board = Board(job.board / job.network) if job.board and distributed.rank() == 0 else None
    with distributed.first_alone():
        data = load_data(job)
    if old and old.description.classes != data.classes and not job.force:
        raise WeightsError(
            f"{job.weights} reads other classes ({', '.join(old.description.classes)}): say --force to replace it, "
            "or name another folder with --out."
        )
    torch.manual_seed(job.seed)  # just before the weights are drawn: building the old ones has drawn some, too
    network = build(job.network, **_arguments(job, data))
    title = _title(job, network, data)
    say(title)
    to_input = NETWORKS[job.network].input
    training = Training(network, data.training, data.variants, job.recipe, job.device, job.seed, to_input)
    checkpoint = None if job.dry_run else job.checkpoint
    run = Run(training, data.chooser, checkpoint, _identity(job, data), job.patience, job.keep_best)
    _begin(job, run)
    if board:
        board.begin(training.averaged, data.training, training.to_input)
    train(run, board)
    if distributed.rank() > 0:
        return 0
    network = run.result()
    judgement, description, text = tell(job, run, data, network, title, started)
    if board:
        board.end(judgement.misread, training.epoch)
    worse = old is not None and not job.force and _reads_better(old, judgement.validation, data.chooser)
    status = put_in_place(job, network, description, judgement.pictures, text, BETTER if worse else None)
    if not job.dry_run:
        job.checkpoint.unlink(missing_ok=True)
    return status


def tell(
    job: Job, run: Run, data: Data, network: nn.Module, title: str, started: float
) -> tuple[Judgement, Description, str]:
    """Judge the `network` that `run` came to and print what there is to say. Returns that text, too."""
    seconds = run.earlier + time.perf_counter() - started
    judgement = judge(network, data, run.training.to_input, job.device)
    description = _describe(job, run.training, data, judgement, run.history, seconds)
    results = _results(job, judgement, data, seconds)
    print(f"\n{results}")
    text = "\n".join([f"$ {job.command}", title, report.history(run.history), "", results])
    return judgement, description, text


def put_in_place(
    job: Job,
    network: nn.Module,
    description: Description,
    pictures: NDArray[np.uint8],
    text: str,
    stays: str | None,
) -> int:
    """Save weights and logs, or prove in a dry run that it can be done. Returns the exit status.

    `stays` says why the old weights stay, where they do: the status is then 1.
    """
    if job.dry_run:
        with tempfile.TemporaryDirectory() as elsewhere:
            path = install(Path(elsewhere) / job.weights.name, network, description, pictures)
            write_logs(path, job.command, text, description)
        print("Dry run: the path holds from data to weights; nothing was installed.")
        return 0
    path = install(job.weights, network, description, pictures, stays)
    write_logs(path, job.command, text, description)
    return 0 if stays is None else 1


def load_data(job: Job) -> Data:
    """Load what the job is trained on. Raises DataMissing and PenDigitsError."""
    quiet = distributed.rank() > 0
    if job.source == "cifar10":
        return sources.load_cifar10(job.data_dir, job.dry_run)
    if job.source.startswith(sources.FOLDER):
        folder = Path(job.source.removeprefix(sources.FOLDER))
        return sources.load_folder(folder, NETWORKS[job.network].input, job.dry_run, quiet)
    pens = [] if job.without_pen_digits else load_pen_digits(job)
    return mixture.load_mnist(job.data_dir, pens, job.recipe, job.seed, job.dry_run, quiet)


def load_pen_digits(job: Job) -> list[PenDigit]:
    """Load the pen digits from where --pen-digits says, or fetch them. Raises PenDigitsError."""
    if job.pen_digits:
        return load(job.pen_digits)
    folder = job.data_dir / "pen-digits"
    there = (folder / FILE).exists()
    try:
        with tqdm(desc="fetching pen digits", unit="B", unit_scale=True, disable=there) as bar:

            def show(received: int, expected: int) -> None:
                bar.total = expected or None
                bar.update(received - bar.n)

            return load(fetch(folder, progress=show))
    except PenDigitsError as error:
        raise PenDigitsError(
            f"{error} Put {FILE} into {folder}, or name a copy with --pen-digits FILE. To go on without it, "
            "say --no-pen-digits: MNIST is read as well, but three times as many of such drawings are misread."
        ) from error


def train(run: Run, board: Board | None) -> None:
    """Run the epochs that are left, each behind a progress bar with loss, accuracy and images per second."""
    training = run.training
    while not run.finished:
        title = f"epoch {training.epoch + 1}/{training.recipe.epochs}"
        quiet = distributed.rank() > 0
        with tqdm(total=training.epoch_images, desc=title, unit=" images", unit_scale=True, disable=quiet) as bar:

            def show(progress: Progress, bar: Any = bar) -> None:
                bar.set_postfix(loss=f"{progress.loss:.3f}", accuracy=f"{progress.accuracy:.2%}", refresh=False)
                bar.update(progress.images - bar.n)

            epoch = run.epoch(show)
            bar.set_postfix(
                loss=f"{epoch.training_loss:.3f}",
                accuracy=f"{epoch.training_accuracy:.2%}",
                validation=f"{epoch.validation_accuracy:.2%}",
            )
        if board:
            board.epoch(epoch)


def say(text: str) -> None:
    """Print, where several processes train only once."""
    if distributed.rank() == 0:
        print(text)


def _begin(job: Job, run: Run) -> None:
    """Go on from a checkpoint, or say that there is one."""
    if job.dry_run or not job.checkpoint.exists():
        if job.resume:
            say(f"There is no {job.checkpoint} to resume from: starting anew.")
    elif job.resume:
        run.resume(job.checkpoint)
        say(f"Going on after epoch {run.training.epoch}, from {job.checkpoint}.")
    else:
        say(f"{job.checkpoint} of an unfinished training will be replaced: --resume would go on with it.")


def _identity(job: Job, data: Data) -> dict[str, Any]:
    """Name all that decides what weights a training comes to."""
    return {
        "network": job.network,
        **dataclasses.asdict(job.recipe),
        "seed": job.seed,
        "processes": distributed.ranks(),
        "early stopping": job.patience,
        "keep best": job.keep_best,
        **{f"data, {name}": digest for name, digest in data.digests().items()},
    }


def _arguments(job: Job, data: Data) -> dict[str, Any]:
    """Name the arguments that the network is built with: none where it reads digits and refuses nothing."""
    outputs = len(data.classes) + (job.recipe.nondigits > 0)
    return {} if outputs == len(image_set.CLASSES) else {"classes": outputs}


def _describe(
    job: Job,
    training: Training,
    data: Data,
    judgement: Judgement,
    history: Sequence[Epoch],
    seconds: float,
) -> Description:
    to_input = training.to_input
    return Description(
        network=job.network,
        arguments=_arguments(job, data),
        input_size=to_input.size,
        channels=to_input.channels,
        scaled=to_input.scaled,
        mean=to_input.mean,
        std=to_input.std,
        classes=data.classes,
        rejects=job.recipe.nondigits > 0,
        calibration=judgement.calibration,
        metrics={name: round(found.accuracy, 6) for name, found in judgement.scores.items()},
        data=data.digests(),
        recipe={**dataclasses.asdict(job.recipe), "seconds": round(seconds), "device": str(job.device)},
        seed=job.seed,
        versions=_versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        history=keep(history),
        figures=dict(judgement.figures),
        refusal=judgement.refusal,
        examples=judgement.examples,
    )


def _load_old(path: Path, force: bool) -> weights.Weights | None:
    """Load the weights that would be replaced: what cannot be compared is not replaced without --force."""
    try:
        return weights.load(path)
    except WeightsError as error:
        if force:
            return None
        raise WeightsError(f"{error} Say --force to replace it, or name another folder with --out.") from error


def _reads_better(old: weights.Weights, new: Scores, images: image_set.ImageSet) -> bool:
    _, logits = evaluate.look_twice(old.network, images.images, old.description.input)
    scores = evaluate.score(logits[:, : len(old.description.classes)], images.labels)
    print(report.summary("old weights, all validation", scores))
    print(report.summary("new weights, all validation", new))
    return scores.correct > new.correct


def _title(job: Job, network: nn.Module, data: Data) -> str:
    pens = f" and {len(data.variants[0]):,} drawings" if data.variants else ""
    parts = (
        f"Training {job.network} ({count_parameters(network):,} parameters) on {job.device} with "
        f"{len(data.training):,} images of {sources.title(job.source)}{pens}, seed {job.seed}",
        "in bfloat16" if devices.fast_bfloat16(job.device) else "",
        f"in {distributed.ranks()} processes" if distributed.ranks() > 1 else "",
    )
    return ", ".join(filter(None, parts)) + "."


def _results(job: Job, judgement: Judgement, data: Data, seconds: float) -> str:
    """Write what was held out and, this once, the test split."""
    scores = judgement.scores
    names = {name: f"{sources.title(job.source)} {name}" for name in scores}
    names |= {"pen validation": "pen digits, unseen writers"}
    lines = [report.summary(names[name], found) for name, found in scores.items()]
    if judgement.refusal:
        lines.append(report.refusal(judgement.refusal))
    last = list(scores)[-1]
    machine = f"{devices.describe(job.device)}, Python {platform.python_version()}, torch {torch.__version__}"
    return "\n".join(
        [*lines, f"\n{names[last]}, by class:\n", report.table(scores[last], data.classes),
         f"\nTrained in {report.duration(seconds)}, from start to report, on {machine}."]
    )  # fmt: skip


def _versions() -> dict[str, str]:
    packages = ("torch", "torchvision", "numpy", "pillow")
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {"digitpad": __version__, "python": platform.python_version(), **versions}

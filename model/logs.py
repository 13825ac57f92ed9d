"""What is kept of a training beside its weights, in `logs/`: the report, the figures, and the learning curves."""

import dataclasses
import json
from pathlib import Path

from model.evaluation import plots
from model.files import write_atomically
from model.networks.description import Description


def write(path: Path, command: str, text: str, description: Description) -> None:
    """Write what there is to say of the weights at `path`, made by `command`, into `logs/` beside them."""
    stem = path.parent / "logs" / path.name.replace(".safetensors", "")
    stem.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "command": command,
        "network": description.network,
        "arguments": description.arguments,
        "seed": description.seed,
        "recipe": description.recipe,
        "versions": description.versions,
        "created": description.created,
        "epochs": [dataclasses.asdict(epoch) for epoch in description.history],
        "scores": {
            name: {"accuracy": description.metrics[name], **dataclasses.asdict(found)}
            for name, found in description.figures.items()
        },
        "refusal": description.refusal and dataclasses.asdict(description.refusal),
    }
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in figures.items())
    for ending, content in ((".log", f"{text}\n"), (".json", f"{{\n{lines}\n}}\n")):
        with write_atomically(stem.with_name(stem.name + ending)) as unfinished:
            unfinished.write_text(content)
    plots.draw_curves(stem.with_name(stem.name + ".png"), description.history, description.network)

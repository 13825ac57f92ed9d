"""Frames of a line → text: beam search over prefixes, and where in the frames each character is.

Sources: Graves, Fernández, Gomez and Schmidhuber, "Connectionist Temporal Classification" (2006), and for the search
Hannun, Maas, Jurafsky and Ng, "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent
DNNs" (2014).
"""

from typing import Final

import numpy as np

from model.preprocessing.arrays import Doubles

BEAM: Final = 12  # prefixes that are kept
LEAST: Final = 1e-4  # the probability from which a class is considered at a frame

Prefix = tuple[int, ...]


def likeliest(logs: Doubles) -> tuple[Prefix, float]:
    """Return the likeliest classes and their probability, summed over all ways to spread them over the frames.

    `logs` are log-probabilities (T, classes + 1), of which the last one is the blank.
    """
    rows, blank = np.exp(logs).tolist(), logs.shape[1] - 1
    beam: dict[Prefix, tuple[float, float]] = {(): (1.0, 0.0)}  # the probabilities that it ends in a blank, or not
    for row in rows:
        likely = [at for at in range(blank) if row[at] > LEAST]
        after: dict[Prefix, tuple[float, float]] = {}
        for prefix, (blank_end, class_end) in beam.items():
            whole, last = blank_end + class_end, prefix[-1] if prefix else -1
            stays, repeats = after.get(prefix, (0.0, 0.0))
            after[prefix] = stays + whole * row[blank], repeats + (class_end * row[last] if prefix else 0.0)
            for at in likely:
                longer = (*prefix, at)
                ends, goes_on = after.get(longer, (0.0, 0.0))
                after[longer] = ends, goes_on + (blank_end if at == last else whole) * row[at]
        best = sorted(after, key=lambda prefix: -sum(after[prefix]))[:BEAM] if len(after) > BEAM else after
        beam = {prefix: after[prefix] for prefix in best}
    text = max(beam, key=lambda prefix: sum(beam[prefix]))
    return text, min(1.0, sum(beam[text]))


def align(logs: Doubles, text: Prefix) -> list[tuple[int, int]]:
    """Return the frames of each character, from one to another, exclusive, on the likeliest way (Viterbi)."""
    if not text:
        return []
    blank = logs.shape[1] - 1
    states = [blank]
    for character in text:
        states += [character, blank]
    count = len(states)
    # From a character to the next one without a blank, where they differ.
    jumps = np.array([k > 1 and states[k] != blank and states[k] != states[k - 2] for k in range(count)])
    scores = logs[:, states]
    best = np.full(count, -np.inf)
    best[:2] = scores[0, :2]
    steps = np.zeros((len(logs), count), np.int8)
    for frame in range(1, len(logs)):
        ways = np.stack([best, np.concatenate(([-np.inf], best[:-1])), np.concatenate(([-np.inf] * 2, best[:-2]))])
        ways[2, ~jumps] = -np.inf
        steps[frame] = ways.argmax(axis=0)
        best = ways.max(axis=0) + scores[frame]
    state = count - 1 if best[-1] >= best[-2] else count - 2
    spans: list[list[int]] = [[len(logs), 0] for _ in text]
    for frame in range(len(logs) - 1, -1, -1):
        if state % 2:
            span = spans[state // 2]
            span[0], span[1] = frame, max(span[1], frame + 1)
        state -= int(steps[frame, state])
    return [(start, stop) for start, stop in spans]

"""Numbers read entirely right through POST /read, composed of pen digits of writers whom no training saw.

    DIGITPAD_DATA=… python -m benchmarks.numbers

Every number is written by one writer, at any size, with any pen, on an uneven baseline; see
benchmarks/composed_numbers.py. "Apart" means that no two digits touch. Where they touch, the ink of every two
neighbours overlaps by a twentieth to a quarter of the pen's width at their closest place; where they overlap, by up to
six tenths of it. Words and numbers with letters in them, by people from other countries, are right where they are
refused as no number; what matters is that none is sure.

--writers training composes with digits that trainings see: parameters are tuned on those.
"""

import statistics
from collections import Counter

from app import create_app
from benchmarks.arguments import data_parser, pin_to_one_core
from benchmarks.composed_numbers import KINDS, composed
from benchmarks.data import by_writer, load_letters, split_pen_digits
from benchmarks.tally import Tally, read, served_model


def main() -> None:
    """Print every kind's figures."""
    parser = data_parser(__doc__)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND", help="of the numbers")
    parser.add_argument("--count", type=int, help="of each kind, instead of as many as it has")
    parser.add_argument("--writers", choices=("unseen", "training"), default="unseen")
    parser.add_argument("--model", help="the network that reads (default: the server's)")
    options = parser.parse_args()
    pin_to_one_core()
    client = create_app().test_client()
    path = f"/read?model={options.model}" if options.model else "/read"
    model = served_model(client, path)
    writers = by_writer(split_pen_digits(options.data_dir)[options.writers == "unseen"])
    letters = load_letters(options.data_dir)
    print(f"{model}, {len(writers)} {options.writers} writers, seed {options.seed}\n")
    for kind in options.only:
        if KINDS[kind].letters and not letters:
            print(f"{kind}: there are no letters in {options.data_dir}\n")
            continue
        written = [{**writer, **letters} for writer in writers] if KINDS[kind].letters else writers
        print_figures(read(client, path, kind, composed(kind, written, options.seed, options.count)))


def print_figures(tally: Tally) -> None:
    """Print how many numbers were entirely right, how many surely, and the most frequent mistakes."""
    print(tally.summary())
    median, p95 = statistics.median(tally.times), statistics.quantiles(tally.times, n=20)[18]
    print(f"  {median:.1f} ms median, 95th percentile {p95:.1f} ms, from PNG to answer, on one core")
    misread = [(label, answer) for _, label, answer in tally.misread]
    same_length = [(label, answer) for label, answer in misread if len(label) == len(answer)]
    pairs = Counter(
        f"{one} as {other}"
        for label, answer in same_length
        for one, other in zip(label, answer, strict=True)
        if one != other
    )
    frequent = ", ".join(f"{pair} ({number})" for pair, number in pairs.most_common(6))
    print(f"  wrong: {len(misread) - len(same_length)} with another number of characters; {frequent}")
    print(f"  such as {', '.join(f'{label} as {answer}' for label, answer in misread[:6])}\n")


if __name__ == "__main__":
    main()

"""Figures as they are shown: with their interval, in a table, as a reliability diagram on a terminal or as SVG."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evals.measures import Best, Bin, auroc, best_threshold, bootstrap, calibration_error, decided
from evals.rows import Truths


def with_interval(figure: Callable[[np.ndarray], float], n: int) -> str:
    """A figure of n questions with its bootstrap interval; a dash where there are none that it could be of."""
    value = figure(np.arange(n)) if n else float("nan")
    if np.isnan(value):
        return "-"
    low, high = bootstrap(figure, n)
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def share(values: Sequence[bool] | Truths) -> str:
    """A share with its interval."""
    array = np.array(values, float)
    return with_interval(lambda at: float(array[at].mean()), len(array))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, its columns aligned, so that it reads well on a terminal too."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    rule = "-|-".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (lines[0], rule, *lines[1:]))


RESULTS = (
    "", "answerable / not", "best find", "AUROC", "right at 0.5", "refused at 0.5", "mean", "best mean",
    "calibration error", "calibrated",
)  # fmt: skip


def result(name: str, b: Best, calibrated: Best | None = None) -> tuple[str, ...]:
    """A row of a table of `RESULTS`: how well the best finds decide. The best mean is at a threshold of hindsight."""
    right, refused, mean = decided(b, 0.5)
    top = best_threshold(b)
    error = calibration_error(b.probability, b.right)
    after = f"{calibration_error(calibrated.probability, calibrated.right):.3f}" if calibrated else "-"
    return (
        name, f"{int(b.answerable.sum())} / {int((~b.answerable).sum())}", f"{b.right[b.answerable].mean():.3f}",
        f"{auroc(b.probability, b.answerable):.3f}", f"{right:.3f}", f"{refused:.3f}", f"{mean:.3f}",
        f"{decided(b, top)[2]:.3f} at {top:.2f}", f"{error:.3f}", after,
    )  # fmt: skip


def diagram(bins: Sequence[Bin]) -> str:
    """A reliability diagram on a terminal: # is what came, and | where it would stand if all were as likely as said."""
    lines = []
    for b in bins:
        bar = ["#" if i < round(40 * b.observed) else " " for i in range(41)]
        bar[round(40 * b.foretold)] = "|"
        lines.append(
            f"{b.low:.1f}-{b.high:.1f}  {''.join(bar)}  foretold {b.foretold:.2f}, came {b.observed:.2f}, of {b.count}"
        )
    return "\n".join(lines)


def indented(text: str) -> str:
    """The same lines as a block of Markdown that keeps them."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def svg(curves: Mapping[str, Sequence[Bin]]) -> str:
    """A reliability diagram as a picture: a curve for each name, its dots as large as their bins are full."""
    colours = ("#1b6ca8", "#c0392b", "#27824b", "#8e44ad")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 440" font-family="sans-serif" font-size="12">',
        '<rect width="420" height="440" fill="white"/>',
        '<path d="M50 20V370H400" fill="none" stroke="black"/><path d="M50 370L400 20" stroke="#999" stroke-dasharray="4"/>',
        '<text x="225" y="405" text-anchor="middle">probability foretold of the best sentence</text>',
        '<text x="15" y="195" text-anchor="middle" transform="rotate(-90 15 195)">share that is right</text>',
    ]
    for tick in (0, 0.5, 1):
        parts.append(f'<text x="{50 + 350 * tick:g}" y="386" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="44" y="{374 - 350 * tick:g}" text-anchor="end">{tick:g}</text>')
    for i, (name, bins) in enumerate(curves.items()):
        colour, total = colours[i % len(colours)], sum(b.count for b in bins)
        points = [(50 + 350 * b.foretold, 370 - 350 * b.observed, 2 + 10 * (b.count / total) ** 0.5) for b in bins]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}" fill-opacity="0.6"/>' for x, y, r in points
        ]
        parts.append(f'<text x="60" y="{34 + 16 * i}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])

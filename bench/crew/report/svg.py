"""Drawings as text: elements, scales and axes of SVG. Colours are classes, so that the page's style rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from bench.crew.report.names import share

Point = tuple[float, float]


def tag(name: str, *inside: str, **attributes: object) -> Markup:
    """Make an element; plain text inside is escaped, `class_` and the like lose their last underscore.

    >>> tag("text", "<", class_="a", text_anchor="end")
    Markup('<text class="a" text-anchor="end">&lt;</text>')
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"' for key, value in attributes.items()
    )
    return Markup("<{}{}>{}</{}>").format(Markup(name), Markup(given), together(inside), Markup(name))  # noqa: S704 - escaped above


def together(parts: Iterable[str]) -> Markup:
    """Join elements."""
    return Markup("").join(parts)


def drawing(width: float, height: float, label: str, *inside: str) -> Markup:
    """Make a whole picture with a name for who cannot see it."""
    box = f"0 0 {_short(width)} {_short(height)}"
    return tag("svg", tag("title", label), *inside, viewBox=box, role="img", aria_label=label)


def line(start: Point, end: Point, class_: str) -> Markup:
    """Draw a straight line."""
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def text(at: Point, words: str, class_: str = "", anchor: str = "start") -> Markup:
    """Write words; the point is on their base line."""
    return tag("text", words, x=at[0], y=at[1], class_=class_, text_anchor=anchor)


def dot(at: Point, radius: float, class_: str, words: str) -> Markup:
    """Draw a dot that says what it is when pointed at."""
    return tag("circle", tag("title", words), cx=at[0], cy=at[1], r=radius, class_=class_)


def path(points: Sequence[Point | None], class_: str) -> Markup:
    """Draw a line through points, with a gap where there is none."""
    steps = []
    pen_up = True
    for point in points:
        if point is not None:
            steps.append(f"{'M' if pen_up else 'L'}{_short(point[0])} {_short(point[1])}")
        pen_up = point is None
    return tag("path", d=" ".join(steps), class_=class_)


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` on a line of the picture from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Give where a value lies; what lies outside is put at the edge."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, step: float) -> list[float]:
        """Give the multiples of a step within the range."""
        first = round(self.low / step)
        if first * step < self.low - 1e-9:
            first += 1
        return [n * step for n in range(first, round(self.high / step) + 1) if n * step <= self.high + 1e-9]


def share_axis(scale: Scale, top: float, bottom: float) -> Markup:
    """Draw vertical lines at tenths or fifths of a share, with 0 and 1 stronger."""
    step = 0.2 if scale.high - scale.low < 2.0 else 0.5  # noqa: PLR2004 - else labels would touch
    lines = [
        line((scale(at), top), (scale(at), bottom), "axis" if share(at) in {".00", "1.00"} else "grid")
        for at in scale.ticks(step)
    ]
    labels = [text((scale(at), bottom + 16), share(at, 1), "tick", "middle") for at in scale.ticks(step)]
    return together([*lines, *labels])


def _short(value: object) -> str:
    """Write a number with at most one digit after the point."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)

"""The whole page as one text: style and drawings inside, nothing to load."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.crew.report import charts, names, sentences
from bench.crew.report.facts import Facts

_HERE = Path(__file__).parent


def page(facts: Facts) -> str:
    """Write the page of a result."""
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    # A file of the project, not text from a payment.
    given = {"facts": facts, "names": names, "charts": charts, "sentences": sentences}
    return made.get_template("page.html.jinja").render(style=Markup(style), **given)  # noqa: S704 - as said above

"""Watch payment traffic with the crew, and decide what it asks you: `python run.py --help`."""

import typer

from console.commands import cases, deciding, incidents, lessons, safety, serving, watching
from console.commands.endings import EndsInWords, fill_closed_streams

app = typer.Typer(
    cls=EndsInWords,
    help="A crew of agents on duty for payment operations: it watches, diagnoses, proposes one safe action, "
    "and acts alone only when it is sure and the guardrails allow it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (watching, incidents, deciding, safety, serving):
    app.add_typer(group.app)
app.add_typer(cases.app, name="cases")
app.add_typer(lessons.app, name="lessons")


if __name__ == "__main__":
    fill_closed_streams()
    app()

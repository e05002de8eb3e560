"""Commands that look at incidents."""

from typing import Annotated

from typer import Option, Typer

from console.commands.options import AsJson, Config, IncidentId

app = Typer()


@app.command(epilog="Examples: run.py inbox | run.py inbox --json")
def inbox(json: AsJson = False, config: Config = None) -> None:
    """List the incidents that wait for a human."""
    from console.lookups import inbox as on_inbox

    on_inbox(config, json=json)


@app.command(epilog="Example: run.py show 3f2a")
def show(incident: IncidentId, json: AsJson = False, config: Config = None) -> None:
    """Show all that is known about an incident."""
    from console.lookups import show as on_show

    on_show(incident, config, json=json)


@app.command(epilog="Examples: run.py report | run.py report --since 7d --json")
def report(
    since: Annotated[
        str | None,
        Option(metavar="SPAN", help="Only the last while, such as 7d or 12h; default: everything."),
    ] = None,
    json: AsJson = False,
    config: Config = None,
) -> None:
    """Say for each mode what the crew did or would have done, and what came of it."""
    from console.lookups import report as on_report

    on_report(since, config, json=json)

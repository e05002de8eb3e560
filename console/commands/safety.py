"""Commands that stop all writes, and that look after the record of every decision."""

from typing import Annotated, Literal

from typer import Argument, Exit, Option, Typer

from console.commands.options import AsJson, By, Config, Note

app = Typer()


@app.command(epilog="Examples: run.py kill on --by asha --note 'the bank asks for calm' | run.py kill status")
def kill(
    state: Annotated[
        Literal["on", "off", "status"], Argument(help="on forbids every write to traffic.")
    ] = "status",
    by: By = "operator",
    note: Note = "",
    config: Config = None,
) -> None:
    """Stop every write to traffic, allow them again, or say how the switch stands."""
    from console.safety import kill as on_kill

    on_kill(state, by, note, config)


@app.command(epilog="Examples: run.py audit --incident 3f2a --json | run.py audit --verify")
def audit(
    incident: Annotated[
        str | None, Option(metavar="INCIDENT", help="Only what concerns this incident.")
    ] = None,
    limit: Annotated[int, Option(metavar="N", min=1, help="How many at most, the newest.")] = 50,
    verify: Annotated[
        bool, Option("--verify", help="Check every line; exit code 1 when one was changed.")
    ] = False,
    json: AsJson = False,
    config: Config = None,
) -> None:
    """List what was decided and done, by whom and why, or check that nobody changed the record."""
    from console.safety import audit as on_audit
    from console.safety import verify as on_verify

    if not verify:
        on_audit(incident, limit, config, json=json)
    elif not on_verify(config, json=json):
        raise Exit(1)

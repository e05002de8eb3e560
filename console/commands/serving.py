"""Commands that serve something until they are interrupted: the console, the switches, Studio."""

from pathlib import Path
from typing import Annotated

from typer import BadParameter, Option, Typer

from console.commands.options import Config, LoopbackPort, Map, Port, Seed, Table

app = Typer()


@app.command(
    epilog="Examples: run.py console --scenario psp_outage --seed 7 | run.py console --source payments.csv "
    "--map attempts=t,success=success,time=hr,dims=mid,pg,bank | run.py console"
)
def console(  # noqa: PLR0913, PLR0917 - a command has as many options as its users need
    host: Annotated[
        str, Option(help="Address to listen on; another one than loopback needs a way to sign in.")
    ] = "127.0.0.1",
    port: Port = 8765,
    scenario: Annotated[
        str | None, Option(metavar="NAME", help="Watch the simulator too; see run.py scenarios.")
    ] = None,
    seed: Seed = 7,
    source: Annotated[
        str | None,
        Option(metavar="FILE|ADDRESS", help="Watch a file or a live source too, as run.py watch does."),
    ] = None,
    mapping: Map = None,
    table: Table = None,
    calendar: Annotated[
        Path | None, Option(metavar="FILE.toml", help="Planned downtimes, for a replay.")
    ] = None,
    tick: Annotated[
        float, Option(metavar="SECONDS", min=0.0, max=86_400.0, help="Pause between cycles.")
    ] = 0.5,
    cycles: Annotated[int | None, Option(metavar="N", min=1, help="Stop watching after N cycles.")] = None,
    metrics: Annotated[
        int | None,
        Option(
            metavar="PORT",
            min=1,
            max=65534,
            help="Serve /metrics to Prometheus on the loopback interface; the watch's own are at PORT + 1.",
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Serve the console to a browser: see, understand, decide; with a source, watch it too."""
    if scenario is not None and source is not None:
        raise BadParameter("choose one of --scenario and --source")
    given = {
        "--scenario": scenario,
        "--seed": seed if scenario is not None else None,
        "--source": source,
        "--map": mapping,
        "--table": table,
        "--calendar": calendar,
        "--cycles": cycles,
        "--tick": tick,
        "--metrics": None if metrics is None else metrics + 1,
    }
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    from console.web.serving import Place
    from console.web.serving import console as on_console

    on_console(Place(host, port, metrics), tuple(words) if scenario or source else (), config)


@app.command(epilog="Example: PAYOPS_ACTUATOR_SECRET=... run.py switch --port 8930")
def switch(port: LoopbackPort = 8930, config: Config = None) -> None:
    """Serve the simulated world's switches over HTTP, to try what PAYOPS_ACTUATOR_URL does."""
    from console.switch import switch as on_switch

    on_switch(port, config)


@app.command(epilog="Example: run.py studio --port 2024")
def studio(port: LoopbackPort = 2024) -> None:
    """Serve the crew to LangGraph Studio on this machine."""
    from console.studio_server import serve

    serve(port)

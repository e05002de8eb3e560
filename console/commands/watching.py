"""Commands that begin with payments: watch them, load them, or see what the simulator can play."""

from pathlib import Path
from typing import Annotated

from typer import Argument, BadParameter, Option, Typer

from console.commands.options import AsJson, Config, Map, Seed, Table

app = Typer()


@app.command(
    epilog="Examples: run.py watch --scenario psp_outage --seed 7 | "
    "run.py watch --scenario quiet --cycles 500 --plain | "
    "run.py watch --source payments.csv --map attempts=t,success=success,time=hr,dims=mid,pg,bank --json"
)
def watch(  # noqa: PLR0913, PLR0917 - a command has as many options as its users need
    source: Annotated[
        str,
        Option(
            metavar="simulator|FILE|ADDRESS",
            help="The simulator, a CSV, JSONL or Parquet file to replay, chdb, push, or an address such as "
            "clickhouse://user@host/db, postgresql://user@host/db or prometheus://host:9090.",
        ),
    ] = "simulator",
    scenario: Annotated[
        str, Option(metavar="NAME", help="What goes wrong; see run.py scenarios. Or a YAML file.")
    ] = "psp_outage",
    seed: Seed = 7,
    cycles: Annotated[int | None, Option(metavar="N", min=1, help="Stop after N cycles.")] = None,
    tick: Annotated[
        float | None,
        Option(
            metavar="SECONDS",
            min=0.0,
            max=86_400.0,
            help="Pause between cycles; default 0.5 on a terminal, else none.",
        ),
    ] = None,
    mapping: Map = None,
    table: Table = None,
    calendar: Annotated[
        Path | None, Option(metavar="FILE.toml", help="Planned downtimes, but for the simulator.")
    ] = None,
    plain: Annotated[bool, Option("--plain", help="Each cycle in five or six lines, nothing else.")] = False,
    json: AsJson = False,
    until_incident: Annotated[
        bool,
        Option(
            help="Stop when the first incident is over, nothing more can be done for it, or it waits for you."
        ),
    ] = False,
    worker: Annotated[
        str, Option(metavar="NAME", help="Name of this worker, where several share DATABASE_URL.")
    ] = "",
    metrics: Annotated[
        int | None,
        Option(
            metavar="PORT", min=1, max=65535, help="Serve /metrics to Prometheus on the loopback interface."
        ),
    ] = None,
    end_with_input: Annotated[bool, Option("--end-with-input", hidden=True)] = False,
    config: Config = None,
) -> None:
    """Watch payment traffic, cycle by cycle, until it ends or you press Ctrl-C."""
    if plain and json:
        raise BadParameter("choose one of --plain and --json")
    from console.watch import Request
    from console.watch import watch as on_watch

    request = Request(
        source=source,
        scenario=scenario,
        seed=seed,
        cycles=cycles,
        pause_s=tick,
        mapping=mapping,
        calendar=calendar,
        table=table,
        form="plain" if plain else "json" if json else "people",
        until_incident=until_incident,
        worker=worker,
        metrics_port=metrics,
        ends_with_input=end_with_input,
    )
    on_watch(request, config)


@app.command(
    epilog="Examples: run.py ingest payments.csv | zcat attempts.jsonl.gz | run.py ingest - | "
    "run.py ingest payments.parquet --into clickhouse://loader@db.example:8123/payments"
)
def ingest(
    file: Annotated[
        str, Argument(metavar="FILE|-", help="CSV, JSONL or Parquet, one row an attempt of a payment.")
    ],
    mapping: Map = None,
    into: Annotated[
        str, Option(metavar="ADDRESS", help="chdb in the state folder, or clickhouse://user@host/db.")
    ] = "chdb",
    config: Config = None,
) -> None:
    """Load payments into ClickHouse, each attempt once; then watch them with --source chdb."""
    from console.ingest import ingest as on_ingest

    on_ingest(file, mapping, into, config)


@app.command(epilog="Example: run.py scenarios --json")
def scenarios(json: AsJson = False) -> None:
    """List what the simulator can let go wrong, and the right answer to it."""
    from console.lookups import scenarios as on_scenarios

    on_scenarios(json=json)

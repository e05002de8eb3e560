"""Watch payment traffic with the crew, and decide what it asks you: `python run.py --help`.

Heavy imports happen inside the commands, so that `--help` answers at once.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

app = typer.Typer(
    help="A crew of agents on duty for payment operations: it watches, diagnoses, proposes one safe action, "
    "and acts alone only when it is sure and the guardrails allow it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

cases = typer.Typer(
    help="The case environment: one risky transaction at a time, with an exact optimum.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(cases, name="cases")


class _FindByDefault(TyperGroup):
    """Finds where no command is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        """Put the name of the command before what belongs to it."""
        named = args[:1] == ["--help"] or (args and args[0] in self.commands)
        return super().parse_args(ctx, args if named else ["find", *args])


lessons = typer.Typer(
    help="What earlier incidents taught; words to look for may follow at once.",
    epilog="Examples: run.py lessons 'UPI collect timeouts' | run.py lessons export lessons.jsonl",
    cls=_FindByDefault,
    rich_markup_mode=None,
)
app.add_typer(lessons, name="lessons")

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file; default payops.toml if it is there.")
]
IncidentId = Annotated[str, typer.Argument(metavar="INCIDENT", help="Incident id, or its first characters.")]
By = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who decides; default: your login name.", envvar="USER")
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, in at most 1,000 characters.")]
Question = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="The question that you answer; default: the one asked now."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
LessonFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="JSON lines; - is standard input or output.")
]


@app.command(
    epilog="Examples: run.py watch --scenario psp_outage --seed 7 | "
    "run.py watch --scenario quiet --cycles 500 --plain | "
    "run.py watch --source payments.csv --map attempts=t,success=success,time=hr,dims=mid,pg,bank --json"
)
def watch(  # noqa: PLR0913, PLR0917 - a command has as many options as its users need
    source: Annotated[
        str,
        typer.Option(
            metavar="simulator|FILE|ADDRESS",
            help="The simulator, a CSV, JSONL or Parquet file to replay, chdb, push, or an address such as "
            "clickhouse://user@host/db, postgresql://user@host/db or prometheus://host:9090.",
        ),
    ] = "simulator",
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="What goes wrong; see run.py scenarios. Or a YAML file.")
    ] = "psp_outage",
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the simulator.")] = 7,
    cycles: Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after N cycles.")] = None,
    tick: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=0.0,
            max=86_400.0,
            help="Pause between cycles; default 0.5 on a terminal, else none.",
        ),
    ] = None,
    mapping: Annotated[
        str | None, typer.Option("--map", metavar="MAP|FILE.toml", help="Which column is what; see README.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.sql", help="Table, query or metric of a database; default: payments."
        ),
    ] = None,
    calendar: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Planned downtimes, but for the simulator.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Each cycle in five or six lines, nothing else.")
    ] = False,
    json: AsJson = False,
    until_incident: Annotated[
        bool,
        typer.Option(
            help="Stop when the first incident is over, nothing more can be done for it, or it waits for you."
        ),
    ] = False,
    worker: Annotated[
        str,
        typer.Option(metavar="NAME", help="Name of this worker, where several share DATABASE_URL."),
    ] = "",
    metrics: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=1, max=65535, help="Serve /metrics to Prometheus on the loopback interface."
        ),
    ] = None,
    end_with_input: Annotated[bool, typer.Option("--end-with-input", hidden=True)] = False,
    config: Config = None,
) -> None:
    """Watch payment traffic, cycle by cycle, until it ends or you press Ctrl-C."""
    if plain and json:
        raise typer.BadParameter("choose one of --plain and --json")
    with errors_in_words():
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
        str, typer.Argument(metavar="FILE|-", help="CSV, JSONL or Parquet, one row an attempt of a payment.")
    ],
    mapping: Annotated[
        str | None, typer.Option("--map", metavar="MAP|FILE.toml", help="Which column is what; see README.")
    ] = None,
    into: Annotated[
        str, typer.Option(metavar="ADDRESS", help="chdb in the state folder, or clickhouse://user@host/db.")
    ] = "chdb",
    config: Config = None,
) -> None:
    """Load payments into ClickHouse, each attempt once; then watch them with --source chdb."""
    with errors_in_words():
        from console.ingest import ingest as on_ingest

        on_ingest(file, mapping, into, config)


@app.command(epilog="Example: run.py scenarios --json")
def scenarios(json: AsJson = False) -> None:
    """List what the simulator can let go wrong, and the right answer to it."""
    with errors_in_words():
        from console.commands import scenarios as on_scenarios

        on_scenarios(json=json)


@app.command(epilog="Examples: run.py inbox | run.py inbox --json")
def inbox(json: AsJson = False, config: Config = None) -> None:
    """List the incidents that wait for a human."""
    with errors_in_words():
        from console.commands import inbox as on_inbox

        on_inbox(config, json=json)


@app.command(epilog="Example: run.py show 3f2a")
def show(incident: IncidentId, json: AsJson = False, config: Config = None) -> None:
    """Show all that is known about an incident."""
    with errors_in_words():
        from console.commands import show as on_show

        on_show(incident, config, json=json)


@app.command(epilog="Examples: run.py report | run.py report --since 7d --json")
def report(
    since: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="Only the last while, such as 7d or 12h; default: everything."),
    ] = None,
    json: AsJson = False,
    config: Config = None,
) -> None:
    """Say for each mode what the crew did or would have done, and what came of it."""
    with errors_in_words():
        from console.commands import report as on_report

        on_report(since, config, json=json)


@app.command(epilog="Example: run.py approve 3f2a --by asha --note 'backup tested this morning'")
def approve(
    incident: IncidentId,
    by: By = "operator",
    note: Note = "",
    question: Question = None,
    config: Config = None,
) -> None:
    """Let the crew do what it proposes."""
    with errors_in_words():
        from console.deciding import Answer, decide

        decide(Answer(incident, by, note, question), "approve", config)


@app.command(epilog="Example: run.py reject 3f2a --by asha --note 'known test traffic'")
def reject(
    incident: IncidentId,
    by: By = "operator",
    note: Note = "",
    question: Question = None,
    config: Config = None,
) -> None:
    """Refuse what the crew proposes; it will learn from that."""
    with errors_in_words():
        from console.deciding import Answer, decide

        decide(Answer(incident, by, note, question), "reject", config)


@app.command(epilog="Example: run.py respond 3f2a --by asha --note 'unipay is back, look again'")
def respond(
    incident: IncidentId,
    by: By = "operator",
    note: Note = "",
    question: Question = None,
    config: Config = None,
) -> None:
    """Tell the crew something: it plans with the routes as they are now, and asks again."""
    with errors_in_words():
        from console.deciding import Answer, decide

        decide(Answer(incident, by, note, question), "respond", config)


@app.command(epilog="Example: run.py ignore 3f2a --by asha --note 'not mine to judge'")
def ignore(
    incident: IncidentId,
    by: By = "operator",
    note: Note = "",
    question: Question = None,
    config: Config = None,
) -> None:
    """Leave a proposal undecided: nothing is done, and nothing is learned against it."""
    with errors_in_words():
        from console.deciding import Answer, decide

        decide(Answer(incident, by, note, question), "ignore", config)


@app.command(
    epilog="Examples: run.py edit 3f2a --share 0.1 | run.py edit 3f2a --to unipay=0.5 --to zenpay=0.5"
)
def edit(  # noqa: PLR0913, PLR0917 - each is an option, none is given by position
    incident: IncidentId,
    share: Annotated[
        float | None, typer.Option(metavar="FRACTION", help="Share of the path to move, 0.01 to 1.")
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option(metavar="ROUTE=FRACTION", help="Where to; repeat for several routes.")
    ] = None,
    max_attempts: Annotated[
        int | None, typer.Option(metavar="N", help="Attempts a payment may make in all.")
    ] = None,
    backoff: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Pause before the next attempt.")
    ] = None,
    by: By = "operator",
    note: Note = "",
    question: Question = None,
    config: Config = None,
) -> None:
    """Approve a proposal with other parameters; the guardrails check it again."""
    with errors_in_words():
        from console.deciding import Answer
        from console.deciding import edit as on_edit

        changes = {"share": share, "to": to, "max_attempts": max_attempts, "backoff_s": backoff}
        given = {name: value for name, value in changes.items() if value is not None}
        on_edit(Answer(incident, by, note, question), given, config)


@app.command(epilog="Example: run.py undo 3f2a --by asha --note 'the bank says that it is well again'")
def undo(incident: IncidentId, by: By = "operator", note: Note = "", config: Config = None) -> None:
    """Take back what is in force for an incident, now; the crew watches on and changes nothing more."""
    with errors_in_words():
        from console.deciding import undo as on_undo

        on_undo(incident, by, note, config)


@lessons.command(
    epilog="Examples: run.py lessons 'UPI collect timeouts' | run.py lessons --merchant stride_shoes"
)
def find(  # noqa: PLR0917 - a command has as many options as its users need
    query: Annotated[
        str | None, typer.Argument(help="Words to look for; without them the newest lessons.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")] = 10,
    merchant: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this merchant.")] = None,
    method: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this payment method.")] = None,
    json: AsJson = False,
    config: Config = None,
) -> None:
    """Look up what earlier incidents taught; this is what `lessons` does when no command is named."""
    with errors_in_words():
        from console.commands import lessons as on_lessons

        wanted = {"merchant": merchant, "method": method}
        on_lessons(
            query, limit, {name: one for name, one in wanted.items() if one is not None}, config, json=json
        )


@lessons.command("export", epilog="Example: run.py lessons export lessons.jsonl")
def export_lessons(file: LessonFile, config: Config = None) -> None:
    """Write all lessons as JSON lines, the oldest first."""
    with errors_in_words():
        from console.lessons import write_to

        write_to(file, config)


@lessons.command("import", epilog="Example: run.py lessons import lessons.jsonl")
def import_lessons(file: LessonFile, config: Config = None) -> None:
    """Learn the lessons of a file, or none of them when a line is wrong; a known incident is replaced."""
    with errors_in_words():
        from console.lessons import read_from

        read_from(file, config)


@app.command(epilog="Examples: run.py kill on --by asha --note 'the bank asks for calm' | run.py kill status")
def kill(
    state: Annotated[
        Literal["on", "off", "status"], typer.Argument(help="on forbids every write to traffic.")
    ] = "status",
    by: By = "operator",
    note: Note = "",
    config: Config = None,
) -> None:
    """Stop every write to traffic, allow them again, or say how the switch stands."""
    with errors_in_words():
        from console.safety import kill as on_kill

        on_kill(state, by, note, config)


@app.command(epilog="Examples: run.py audit --incident 3f2a --json | run.py audit --verify")
def audit(
    incident: Annotated[
        str | None, typer.Option(metavar="INCIDENT", help="Only what concerns this incident.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="How many at most, the newest.")] = 50,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check every line; exit code 1 when one was changed.")
    ] = False,
    json: AsJson = False,
    config: Config = None,
) -> None:
    """List what was decided and done, by whom and why, or check that nobody changed the record."""
    with errors_in_words():
        from console.safety import audit as on_audit
        from console.safety import verify as on_verify

        if not verify:
            on_audit(incident, limit, config, json=json)
        elif not on_verify(config, json=json):
            raise typer.Exit(1)


@app.command(
    epilog="Examples: run.py console --scenario psp_outage --seed 7 | run.py console --source payments.csv "
    "--map attempts=t,success=success,time=hr,dims=mid,pg,bank | run.py console"
)
def console(  # noqa: PLR0913, PLR0917 - as for watch
    host: Annotated[
        str, typer.Option(help="Address to listen on; another one than loopback needs a way to sign in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8765,
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Watch the simulator too; see run.py scenarios.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the simulator.")] = 7,
    source: Annotated[
        str | None,
        typer.Option(metavar="FILE|ADDRESS", help="Watch a file or a live source too, as run.py watch does."),
    ] = None,
    mapping: Annotated[
        str | None, typer.Option("--map", metavar="MAP|FILE.toml", help="Which column is what; see README.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE.sql", help="Table, query or metric of a database; default: payments."
        ),
    ] = None,
    calendar: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Planned downtimes, for a replay.")
    ] = None,
    tick: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.0, max=86_400.0, help="Pause between cycles.")
    ] = 0.5,
    cycles: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Stop watching after N cycles.")
    ] = None,
    metrics: Annotated[
        int | None,
        typer.Option(
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
        raise typer.BadParameter("choose one of --scenario and --source")
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
    with errors_in_words():
        from console.web.serving import Place
        from console.web.serving import console as on_console

        on_console(Place(host, port, metrics), tuple(words) if scenario or source else (), config)


@app.command(epilog="Example: PAYOPS_ACTUATOR_SECRET=... run.py switch --port 8930")
def switch(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on the loopback interface.")] = 8930,
    config: Config = None,
) -> None:
    """Serve the simulated world's switches over HTTP, to try what PAYOPS_ACTUATOR_URL does."""
    with errors_in_words():
        from console.switch import switch as on_switch

        on_switch(port, config)


@app.command(epilog="Example: run.py studio --port 2024")
def studio(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on the loopback interface.")] = 2024,
) -> None:
    """Serve the crew to LangGraph Studio on this machine."""
    with errors_in_words():
        from console.commands import studio as on_studio

        on_studio(port)


@cases.command(epilog="Example: run.py cases serve --port 8000")
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; default: this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8000,
) -> None:
    """Serve the environment to OpenEnv clients over HTTP and WebSocket."""
    with errors_in_words():
        from console.cases import serve as on_serve

        on_serve(host, port)


@cases.command(epilog="Examples: run.py cases play --split train/easy --seed 3 | run.py cases play --index 7")
def play(
    split: Annotated[
        str, typer.Option(metavar="NAME", help="train or eval, or one of their tiers such as train/hard.")
    ] = "train/easy",
    index: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Place of the task; default: the seed picks.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, help="Seed; default: any.")] = None,
) -> None:
    """Play an episode yourself: ask, decide, and see at the end what was true."""
    with errors_in_words():
        from secrets import randbelow

        from console.cases import play as on_play

        on_play(split, index, randbelow(10**6) if seed is None else seed)


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Turn our own errors into one sentence and exit code 2, and Ctrl-C into exit code 130."""
    from console.terminal.clean import one_line
    from payments.errors import PayOpsError

    try:
        yield
    except PayOpsError as error:
        # A message may quote what a file or a person wrote: no escape sequence reaches the terminal.
        sys.stderr.write("\n".join(one_line(line) for line in f"run.py: {error}".splitlines()) + "\n")
        raise typer.Exit(2) from error
    except BrokenPipeError:
        # The reader has had enough. What is still buffered goes nowhere, else Python fails again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except OSError as error:
        where = f" {error.filename!r}" if error.filename is not None else ""
        sys.stderr.write(
            f"run.py: the system refuses a file or an output{where}: {error.strerror or error}.\n"
        )
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fill_closed_streams() -> None:
    """Send what goes to a closed output nowhere; a database must not be given its number either."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


if __name__ == "__main__":
    fill_closed_streams()
    app()

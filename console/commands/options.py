"""Options and arguments that several commands share, so that they read the same everywhere."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Config = Annotated[Path | None, Option("--config", help="Settings file; default payops.toml if it is there.")]
AsJson = Annotated[bool, Option("--json", help="JSON on standard output.")]

Seed = Annotated[int, Option(metavar="N", min=0, help="Seed of the simulator.")]
Map = Annotated[
    str | None, Option("--map", metavar="MAP|FILE.toml", help="Which column is what; see README.")
]
Table = Annotated[
    str | None,
    Option(metavar="NAME|FILE.sql", help="Table, query or metric of a database; default: payments."),
]

IncidentId = Annotated[str, Argument(metavar="INCIDENT", help="Incident id, or its first characters.")]
By = Annotated[
    str, Option("--by", metavar="NAME", help="Who decides; default: your login name.", envvar="USER")
]
Note = Annotated[str, Option("--note", metavar="TEXT", help="Why, in at most 1,000 characters.")]
Question = Annotated[
    int | None,
    Option(metavar="N", min=1, help="The question that you answer; default: the one asked now."),
]

Port = Annotated[int, Option(min=1, max=65535, help="Port.")]
LoopbackPort = Annotated[int, Option(min=1, max=65535, help="Port on the loopback interface.")]

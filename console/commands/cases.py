"""Commands about the case environment: `run.py cases ...`."""

from typing import Annotated

from typer import Option, Typer

from console.commands.options import Port

app = Typer(
    help="The case environment: one risky transaction at a time, with an exact optimum.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command(epilog="Example: run.py cases serve --port 8000")
def serve(
    host: Annotated[str, Option(help="Address to listen on; default: this machine only.")] = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Serve the environment to OpenEnv clients over HTTP and WebSocket."""
    from console.cases import serve as on_serve

    on_serve(host, port)


@app.command(epilog="Examples: run.py cases play --split train/easy --seed 3 | run.py cases play --index 7")
def play(
    split: Annotated[
        str, Option(metavar="NAME", help="train or eval, or one of their tiers such as train/hard.")
    ] = "train/easy",
    index: Annotated[
        int | None, Option(metavar="N", min=0, help="Place of the task; default: the seed picks.")
    ] = None,
    seed: Annotated[int | None, Option(metavar="N", min=0, help="Seed; default: any.")] = None,
) -> None:
    """Play an episode yourself: ask, decide, and see at the end what was true."""
    from secrets import randbelow

    from console.cases import play as on_play

    on_play(split, index, randbelow(10**6) if seed is None else seed)

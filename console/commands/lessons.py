"""Commands about what earlier incidents taught: `run.py lessons ...`."""

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option, Typer
from typer.core import TyperGroup

from console.commands.options import AsJson, Config

LessonFile = Annotated[Path, Argument(metavar="FILE", help="JSON lines; - is standard input or output.")]


class _FindByDefault(TyperGroup):
    """Finds where no command is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own
        """Put the name of the command before what belongs to it."""
        named = args[:1] == ["--help"] or (args and args[0] in self.commands)
        return super().parse_args(ctx, args if named else ["find", *args])


app = Typer(
    help="What earlier incidents taught; words to look for may follow at once.",
    epilog="Examples: run.py lessons 'UPI collect timeouts' | run.py lessons export lessons.jsonl",
    cls=_FindByDefault,
    rich_markup_mode=None,
)


@app.command(
    epilog="Examples: run.py lessons 'UPI collect timeouts' | run.py lessons --merchant stride_shoes"
)
def find(  # noqa: PLR0917 - a command has as many options as its users need
    query: Annotated[str | None, Argument(help="Words to look for; without them the newest lessons.")] = None,
    limit: Annotated[int, Option(metavar="N", min=1, help="How many at most.")] = 10,
    merchant: Annotated[str | None, Option(metavar="NAME", help="Only of this merchant.")] = None,
    method: Annotated[str | None, Option(metavar="NAME", help="Only of this payment method.")] = None,
    json: AsJson = False,
    config: Config = None,
) -> None:
    """Look up what earlier incidents taught; this is what `lessons` does when no command is named."""
    from console.lookups import lessons

    wanted = {"merchant": merchant, "method": method}
    lessons(query, limit, {name: one for name, one in wanted.items() if one is not None}, config, json=json)


@app.command("export", epilog="Example: run.py lessons export lessons.jsonl")
def export_lessons(file: LessonFile, config: Config = None) -> None:
    """Write all lessons as JSON lines, the oldest first."""
    from console.lessons import write_to

    write_to(file, config)


@app.command("import", epilog="Example: run.py lessons import lessons.jsonl")
def import_lessons(file: LessonFile, config: Config = None) -> None:
    """Learn the lessons of a file, or none of them when a line is wrong; a known incident is replaced."""
    from console.lessons import read_from

    read_from(file, config)

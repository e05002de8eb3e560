"""Commands with which a human answers the crew, or takes back what it did."""

from typing import Annotated, Literal

from typer import Option, Typer

from console.commands.options import By, Config, IncidentId, Note, Question

app = Typer()

Plain = Literal["approve", "reject", "respond", "ignore"]
"""Answers that take nothing but words."""

_ANSWERS: dict[Plain, tuple[str, str]] = {
    "approve": ("Let the crew do what it proposes.", "backup tested this morning"),
    "reject": ("Refuse what the crew proposes; it will learn from that.", "known test traffic"),
    "respond": (
        "Tell the crew something: it plans with the routes as they are now, and asks again.",
        "unipay is back, look again",
    ),
    "ignore": (
        "Leave a proposal undecided: nothing is done, and nothing is learned against it.",
        "not mine to judge",
    ),
}
"""What each answer means, and a note that goes with it in the example."""


def _add(kind: Plain, meaning: str, note_shown: str) -> None:
    @app.command(kind, help=meaning, epilog=f"Example: run.py {kind} 3f2a --by asha --note '{note_shown}'")
    def answer(
        incident: IncidentId,
        by: By = "operator",
        note: Note = "",
        question: Question = None,
        config: Config = None,
    ) -> None:
        from console.deciding import Answer, decide

        decide(Answer(incident, by, note, question), kind, config)


for _kind, _shown in _ANSWERS.items():
    _add(_kind, *_shown)


@app.command(
    epilog="Examples: run.py edit 3f2a --share 0.1 | run.py edit 3f2a --to unipay=0.5 --to zenpay=0.5"
)
def edit(  # noqa: PLR0913, PLR0917 - each is an option, none is given by position
    incident: IncidentId,
    share: Annotated[
        float | None, Option(metavar="FRACTION", help="Share of the path to move, 0.01 to 1.")
    ] = None,
    to: Annotated[
        list[str] | None, Option(metavar="ROUTE=FRACTION", help="Where to; repeat for several routes.")
    ] = None,
    max_attempts: Annotated[
        int | None, Option(metavar="N", help="Attempts a payment may make in all.")
    ] = None,
    backoff: Annotated[float | None, Option(metavar="SECONDS", help="Pause before the next attempt.")] = None,
    by: By = "operator",
    note: Note = "",
    question: Question = None,
    config: Config = None,
) -> None:
    """Approve a proposal with other parameters; the guardrails check it again."""
    from console.deciding import Answer
    from console.deciding import edit as on_edit

    changes = {"share": share, "to": to, "max_attempts": max_attempts, "backoff_s": backoff}
    given = {name: value for name, value in changes.items() if value is not None}
    on_edit(Answer(incident, by, note, question), given, config)


@app.command(epilog="Example: run.py undo 3f2a --by asha --note 'the bank says that it is well again'")
def undo(incident: IncidentId, by: By = "operator", note: Note = "", config: Config = None) -> None:
    """Take back what is in force for an incident, now; the crew watches on and changes nothing more."""
    from console.deciding import undo as on_undo

    on_undo(incident, by, note, config)

"""The result as a table of the README, and as lines for a terminal."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.crew.report import names
from bench.crew.report.facts import Facts, PolicyFacts
from payments.errors import InputError

BEGIN, END = "<!-- worth:begin -->", "<!-- worth:end -->"
_HEAD = (
    "policy",
    "payments saved",
    "money saved",
    "found after",
    "acted rightly after",
    "harmful actions",
    "false actions a week",
)


def write(facts: Facts, readme: Path) -> None:
    """Put the table between the markers of a file, in place of what was there.

    Raises:
        InputError: the file has no such place.
    """
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        msg = f"{readme.name} has no lines {BEGIN!r} and {END!r}: put them where the table shall stand"
        raise InputError(msg)
    readme.write_text(f"{before}{BEGIN}\n{markdown(facts)}{END}{after}", encoding="utf-8")


def markdown(facts: Facts) -> str:
    """Give the table of the policies and a line of the crew's shares by kind, with the seeds."""
    rows = [_cells(one) for one in facts.ranked]
    lines = ["| " + " | ".join(row) + " |" for row in (_HEAD, ["---"] * len(_HEAD), *rows)]
    return "\n".join(["", *lines, "", *_below(facts), ""])


def plain(facts: Facts) -> str:
    """Give the policies as aligned lines, and the crew's share of each kind."""
    rows = [_HEAD, *(_cells(one) for one in facts.ranked)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    aligned = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([line.rstrip() for line in aligned] + ["", *_below(facts)]) + "\n"


def _cells(one: PolicyFacts) -> Sequence[str]:
    span = f" ({names.span(one.saved_share_ci)})" if one.saved_share_ci else ""
    return (
        names.policy(one.name),
        f"{names.share(one.saved_share)}{span}",
        names.share(one.money_saved_share),
        names.seconds(one.detection_delay_s_median),
        names.seconds(one.mitigation_delay_s_median),
        f"{one.harmful_actions} of {one.actions}" if one.actions else names.UNKNOWN,
        names.count(one.false_actions_per_week),
    )


def _below(facts: Facts) -> Iterator[str]:
    shares = [f"{names.within(names.kind(kind))} {names.share(share)}" for kind, share in _of_the_crew(facts)]
    if shares:
        yield f"The crew in autopilot, by kind: {', '.join(shares)}."
    if facts.traps is not None and facts.traps.episodes:
        yield (
            f"Where nothing must be done ({facts.traps.episodes} episodes): {facts.traps.actions} needless "
            f"actions, {names.percent(facts.traps.payments_lost_share, 4)} of the payments lost."
        )
    yield f"{facts.episodes} episodes, seeds {facts.seeds[0]}-{facts.seeds[-1]}, version {facts.version}."


def _of_the_crew(facts: Facts) -> Iterator[tuple[str, float | None]]:
    for kind in facts.counted:
        share = facts.share(kind.signature, facts.crew.name) if facts.crew is not None else None
        if share is not None:
            yield kind.signature, share.saved_share

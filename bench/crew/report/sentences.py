"""What the numbers say, in sentences: the headline, and where others are ahead."""

from collections.abc import Iterator
from itertools import groupby

from bench.crew.report import names
from bench.crew.report.facts import Facts, RestraintFacts, WinnerFacts


def headline(facts: Facts) -> str:
    """Say the one number; a result without the crew has none."""
    crew = facts.crew
    if crew is None or crew.saved_share is None:
        return "The crew was not among the policies that were played"
    saved = round(100.0 * crew.saved_share)
    return f"Of 100 payments that could have been saved, the crew saved {saved}"


def certainty(facts: Facts) -> str:
    """Say how sure the headline is, and over what."""
    crew = facts.crew
    over = (
        f"{facts.episodes} simulated episodes, {len(facts.counted)} kinds of incidents with something to save"
    )
    if crew is None or crew.saved_share_ci is None:
        return over
    low, high = (round(100.0 * value) for value in crew.saved_share_ci)
    return f"{low} to {high} with 95 % certainty, over {over}; alone, without a human"


def rivals(facts: Facts) -> str:
    """Compare the crew with the best of the others."""
    crew = facts.crew
    others = [one for one in facts.ranked if one.is_rival and one.saved_share is not None]
    if crew is None or not others:
        return ""
    best = others[0]
    surely = [one for one in others if one.crew_leads_by_ci is not None and one.crew_leads_by_ci[0] > 0.0]
    which = "each" if len(surely) == len(others) else f"{len(surely)}"
    saved = names.share(best.saved_share)
    said = f"The next best way of working, {names.within(names.policy(best.name))}, saved {saved}."
    return f"{said} The crew is ahead of {which} of the {len(others)} others beyond chance."


def harm(facts: Facts) -> Iterator[str]:
    """Say what the crew did that it had better not done."""
    crew, traps = facts.crew, facts.traps
    if crew is None or traps is None:
        return
    lost = names.count(crew.payments_lost_by_harmful_actions)
    if crew.harmful_actions:
        did = f"{crew.harmful_actions} of its {crew.actions} actions did harm"
        yield f"{did}: without them {lost} payments more would have gone through."
    else:
        yield f"None of its {crew.actions} actions did harm."
    if traps.episodes:
        yield _restraint(traps)


def _restraint(traps: RestraintFacts) -> str:
    return (
        f"In {traps.episodes} episodes in which nothing that moves traffic helps (traps, quiet traffic, "
        f"issuer outages, card testing) it acted needlessly {names.count(traps.actions)} times and lost "
        f"{names.percent(traps.payments_lost_share, 4)} of the payments."
    )


def ahead(facts: Facts) -> list[tuple[str, list[WinnerFacts]]]:
    """Group what others win by the kind."""
    rows = sorted(facts.where_others_win, key=lambda one: one.signature)
    return [(kind, list(group)) for kind, group in groupby(rows, key=lambda one: one.signature)]

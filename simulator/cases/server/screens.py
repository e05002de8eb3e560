"""The text of an observation: byte for byte what its model dumps, several times faster.

What stays as long as a case is on the screen is written once, the rest is set in around it.
"""

from typing import Final

import orjson

from simulator.cases.engine import Episode
from simulator.cases.views import recent, reward_of, status_of, steps_remaining, told_decision, told_fields
from simulator.cases.vocabulary import BUDGET_TENTHS, View

_TENTHS: Final = tuple(str(tenths / 10) for tenths in range(BUDGET_TENTHS + 1))


def observation_text(episode: Episode, view: View) -> str:
    """Write the envelope of what is seen; reward and done stand beside the observation."""
    case = episode.case
    fixed, notes, metadata = case.written
    inspected, read, verified, called = episode.state
    told = _told_to_agents(episode) if view == "agent" else _json(told_fields(episode, view))[1:-1]
    return (
        f'{{"type":"observation","data":{{"observation":{{{fixed},'
        f'"inspection_notes":{notes[0] if inspected >= 0 else "null"},'
        f'"docs_notes":{notes[1] if read >= 0 else "null"},'
        f'"kyc_notes":{notes[2] if verified >= 0 else "null"},'
        f'"contact_notes":{notes[3] if called >= 0 else "null"},'
        f'"network_graph":{case.graph_json if inspected >= 0 else "null"},'
        f'"status":"{status_of(episode)}","chain_step":{episode.position + 1},'
        f'"steps_remaining":{steps_remaining(episode)},"action_cost":{_TENTHS[episode.last_tenths]},'
        f'"budget_remaining":{_TENTHS[episode.tenths_left]},"step_in_episode":{len(episode.moves)},'
        f'{told}}},"reward":{_number(reward_of(episode, view))},"done":{"true" if episode.done else "false"},'
        f'"metadata":{metadata}}}}}'
    )


def _told_to_agents(episode: Episode) -> str:
    """Write the fields that would tell, as agents see them."""
    decisions = (
        _json([told_decision(decision) for decision in recent(episode)]) if episode.decisions else "[]"
    )
    value = _json(episode.value) if episode.done else "0.0"
    error = "{}" if episode.error is None else _json({"error": episode.error})
    return (
        f'"chain_total":{episode.position + 1},"task_id":"","task_difficulty":"easy",'
        f'"investigation_hints":[],"reward_breakdown":{{}},"cumulative_reward":{value},'
        f'"recent_decisions":{decisions},"info":{error}'
    )


def _number(value: float) -> str:
    """Write a number; most are zero."""
    return _json(value) if value else "0.0"


def _json(value: object) -> str:
    """Write anything."""
    return orjson.dumps(value).decode()

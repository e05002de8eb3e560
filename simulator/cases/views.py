"""What an observation shows: everything to a trainer, and to an agent only what cannot tell the answer.

An agent never sees the task, its tier, how many cases follow, hints, or any reward before the end; of its
recent decisions it sees which case and which verb, never how they turned out nor that a report was filed
(G7). Both views have the same fields.
"""

from typing import Final, TypeAlias

from simulator.cases.engine import Episode
from simulator.cases.ledger import Decision, step_breakdown
from simulator.cases.vocabulary import BUDGET_TENTHS, PROBES, STEPS_PER_CASE, View

Fields: TypeAlias = dict[str, object]
"""Fields of `PayOpsObservation` by name."""

NOTES: Final = ("inspection_notes", "docs_notes", "kyc_notes", "contact_notes")
_STATUS: Final = {
    "approve": "approved",
    "reject": "rejected",
    "flag": "flagged",
    "escalate": "escalated",
    "hold": "held",
    "inspect": "inspected",
    "request_docs": "docs_requested",
    "verify_kyc": "kyc_triggered",
    "contact_sender": "sender_contacted",
    "file_sar": "sar_filed",
    "lapse": "approved",
    None: "pending",
}
_RECENT: Final = 3


def view_of(episode: Episode, view: View) -> Fields:
    """Give the observation's fields for one kind of reader."""
    ends = {"reward": reward_of(episode, view), "done": episode.done}
    shown = episode.case.fixed | _file(episode) | _progress(episode)
    return {**shown, **told_fields(episode, view), **ends}


def agent_view(episode: Episode) -> Fields:
    """Give what an agent may see."""
    return view_of(episode, "agent")


def status_of(episode: Episode) -> str:
    """Say what the last action made of the case."""
    return _STATUS[episode.decisions[-1].action_type if episode.done else episode.last_probe]


def reward_of(episode: Episode, view: View) -> float:
    """Give the reward of the last action: agents get the value, at the end."""
    if view == "trainer":
        return episode.last_reward
    return episode.value if episode.has_just_ended else 0.0


def told_decision(decision: Decision) -> Fields:
    """Give a decision without its outcome."""
    verb = "hold" if decision.action_type == "file_sar" else decision.action_type
    return {"transaction_id": decision.transaction_id, "action_type": verb}


def recent(episode: Episode) -> list[Decision]:
    """Give the decisions that are still told."""
    return episode.decisions[-_RECENT:]


def steps_remaining(episode: Episode) -> int:
    """Count the steps before the case lapses."""
    return 0 if episode.done else STEPS_PER_CASE - episode.case_steps


def told_fields(episode: Episode, view: View) -> Fields:
    """Give the fields that would tell: in full to trainers, and so that they tell nothing to agents."""
    return _told_to_trainers(episode) if view == "trainer" else _told_to_agents(episode)


def _told_to_trainers(episode: Episode) -> Fields:
    """Give the fields that would tell, in full."""
    return {
        "chain_total": len(episode.cases),
        "task_id": episode.task.task_id,
        "task_difficulty": episode.task.tier,
        "investigation_hints": list(episode.case.hidden.family.hints),
        "reward_breakdown": step_breakdown(episode.ledger, episode.worst_usd),
        "cumulative_reward": episode.value,
        "recent_decisions": [_told_in_full(decision) for decision in recent(episode)],
        "info": {**_trouble(episode), **(_truth(episode) if episode.done else {})},
    }


def _told_to_agents(episode: Episode) -> Fields:
    """Give the fields that would tell, as agents see them."""
    return {
        "chain_total": episode.position + 1,
        "task_id": "",
        "task_difficulty": "easy",
        "investigation_hints": [],
        "reward_breakdown": {},
        "cumulative_reward": episode.value if episode.done else 0.0,
        "recent_decisions": [told_decision(decision) for decision in recent(episode)],
        "info": _trouble(episode),
    }


def state_of(episode: Episode, view: View) -> Fields:
    """Give the fields of `PayOpsState`; agents get the defaults of what would tell."""
    is_open = view == "trainer"
    value = episode.value if is_open or episode.done else 0.0
    told = _told_in_full if is_open else told_decision
    return {
        "step_count": len(episode.moves),
        "current_task_id": episode.task.task_id if is_open else "",
        "transactions_processed": len(episode.decisions),
        "total_tasks": len(episode.cases) if is_open else 0,
        "cumulative_reward": value,
        "budget_spent": (BUDGET_TENTHS - episode.tenths_left) / 10,
        "actions_taken": list(episode.moves),
        "last_action": episode.moves[-1] if episode.moves else None,
        "investigation_actions_used": _asked(episode),
        "correct_decisions": sum(d.is_best for d in episode.decisions) if is_open else 0,
        "wrong_high_cost": sum(d.is_released for d in episode.decisions) if is_open else 0,
        "recent_decisions": [told(decision) for decision in recent(episode)],
        "done": episode.done,
        "episode_seed": episode.seed if is_open else None,
    }


def _asked(episode: Episode) -> list[str]:
    """Name the questions asked about the case on the screen."""
    return [probe for probe, answer in zip(PROBES, episode.state, strict=True) if answer >= 0]


def _file(episode: Episode) -> Fields:
    """Give the answers so far."""
    case = episode.case
    notes = (note if answer >= 0 else None for note, answer in zip(case.notes, episode.state, strict=True))
    graph = case.graph if episode.state[0] >= 0 else None
    return {**dict(zip(NOTES, notes, strict=True)), "network_graph": graph}


def _progress(episode: Episode) -> Fields:
    """Give where the episode stands."""
    return {
        "status": status_of(episode),
        "chain_step": episode.position + 1,
        "steps_remaining": steps_remaining(episode),
        "action_cost": episode.last_tenths / 10,
        "budget_remaining": episode.tenths_left / 10,
        "step_in_episode": len(episode.moves),
    }


def _trouble(episode: Episode) -> Fields:
    """Give why the last move was not carried out, when it was not."""
    return {} if episode.error is None else {"error": episode.error}


def _told_in_full(decision: Decision) -> Fields:
    """Give a decision with its outcome."""
    best = f"{decision.best.verb}+{decision.best.report}"
    return {**decision._asdict(), "best": best, "is_best": decision.is_best, "brier": decision.brier}


def _truth(episode: Episode) -> Fields:
    """Give what was hidden, once it can no longer be used."""
    return {
        "dollars": episode.ledger.total,
        "spent": (BUDGET_TENTHS - episode.tenths_left) / 10,
        "correct_action": [f"{d.best.verb}+{d.best.report}" for d in episode.decisions],
        "worlds": [case.hidden.family.worlds[case.hidden.world].name for case in episode.cases],
        "families": [case.hidden.family.name for case in episode.cases],
        "answers": [dict(zip(PROBES, case.hidden.answers, strict=True)) for case in episode.cases],
        "breaches": [breach._asdict() for breach in episode.breaches],
    }

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

_NOTES: Final = ("inspection_notes", "docs_notes", "kyc_notes", "contact_notes")
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
    return {**episode.case.fixed, **moving_fields(episode, view)}


def agent_view(episode: Episode) -> Fields:
    """Give what an agent may see."""
    return view_of(episode, "agent")


def trainer_view(episode: Episode) -> Fields:
    """Give everything; the truth itself only after the end."""
    return view_of(episode, "trainer")


def moving_fields(episode: Episode, view: View) -> Fields:
    """Give the observation's fields without those that stay as long as the case is on the screen."""
    fields = _common(episode)
    fields.update(_told_to_trainers(episode) if view == "trainer" else _told_to_agents(episode))
    return fields


def _told_to_trainers(episode: Episode) -> Fields:
    """Give the fields that would tell, in full."""
    family = episode.case.hidden.family
    return {
        "chain_total": len(episode.cases),
        "task_id": episode.task.task_id,
        "task_difficulty": episode.task.tier,
        "investigation_hints": list(family.hints),
        "reward": episode.last_reward,
        "reward_breakdown": step_breakdown(episode.ledger, episode.worst_usd),
        "cumulative_reward": episode.value,
        "recent_decisions": [_told_in_full(decision) for decision in episode.decisions[-_RECENT:]],
        "info": {**_trouble(episode), **(_truth(episode) if episode.done else {})},
    }


def state_of(episode: Episode, view: View) -> Fields:
    """Give the fields of `PayOpsState`; agents get the defaults of what would tell."""
    is_open = view == "trainer"
    value = episode.value if is_open or episode.done else 0.0
    told = _told_in_full if is_open else _told
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
        "recent_decisions": [told(decision) for decision in episode.decisions[-_RECENT:]],
        "done": episode.done,
        "episode_seed": episode.seed if is_open else None,
    }


def _asked(episode: Episode) -> list[str]:
    """Name the questions asked about the case on the screen."""
    return [probe for probe, answer in zip(PROBES, episode.state, strict=True) if answer >= 0]


def _told_to_agents(episode: Episode) -> Fields:
    """Give the fields that would tell, as agents see them."""
    value = episode.value if episode.done else 0.0
    return {
        "chain_total": episode.position + 1,
        "task_id": "",
        "task_difficulty": "easy",
        "investigation_hints": [],
        "reward": value if episode.has_just_ended else 0.0,
        "reward_breakdown": {},
        "cumulative_reward": value,
        "recent_decisions": [_told(decision) for decision in episode.decisions[-_RECENT:]],
        "info": _trouble(episode),
    }


def _common(episode: Episode) -> Fields:
    """Give the moving fields that both views share."""
    case = episode.case
    found = {
        word: note if answer >= 0 else None
        for word, note, answer in zip(_NOTES, case.notes, episode.state, strict=True)
    }
    last = episode.decisions[-1].action_type if episode.done else episode.last_probe
    return {
        **found,
        "status": _STATUS[last],
        "chain_step": episode.position + 1,
        "steps_remaining": 0 if episode.done else STEPS_PER_CASE - episode.case_steps,
        "action_cost": episode.last_tenths / 10,
        "budget_remaining": episode.tenths_left / 10,
        "step_in_episode": len(episode.moves),
        "done": episode.done,
        "network_graph": case.graph if episode.state[0] >= 0 else None,
    }


def _trouble(episode: Episode) -> Fields:
    """Give why the last move was not carried out, when it was not."""
    return {} if episode.error is None else {"error": episode.error}


def _told(decision: Decision) -> Fields:
    """Give a decision without its outcome."""
    verb = "hold" if decision.action_type == "file_sar" else decision.action_type
    return {"transaction_id": decision.transaction_id, "action_type": verb}


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

import functools
import json
import subprocess
import sys
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.cases.engine import Episode, Rules
from simulator.cases.ledger import breakdown, step_breakdown
from simulator.cases.moves import Move
from simulator.cases.policies import Clairvoyant, always, at_random, nothing, optimal, play
from simulator.cases.solver import solve
from simulator.cases.tasks import Task, tasks
from simulator.cases.views import agent_view, view_of
from simulator.cases.vocabulary import ActionType

SINGLE, QUEUE = tasks()[0], tasks()[-1]
SEEDS = range(5)
_BYTES = """
import json
from simulator.cases.engine import Episode
from simulator.cases.policies import optimal, play
from simulator.cases.tasks import tasks
from simulator.cases.views import view_of
print(json.dumps([view_of(play(optimal, Episode(task, 7)), "trainer") for task in tasks()[-3:]]))
"""


def move(episode: Episode, action: ActionType, **metadata: object) -> Move:
    return Move(action, episode.case.transaction_id, metadata=metadata)


def in_other_process(hash_seed: str) -> str:
    command = [sys.executable, "-c", _BYTES]
    env = {"PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    here = json.dumps([view_of(play(optimal, Episode(task, 7)), "trainer") for task in tasks()[-3:]])
    assert in_other_process("1").strip() == here


def test_training_and_evaluation_share_no_draw() -> None:
    trained = {Episode(SINGLE, seed, "train").case.transaction_id for seed in range(50)}
    assert not trained & {Episode(SINGLE, seed, "eval").case.transaction_id for seed in range(50)}


def test_a_repeated_question_gives_the_same_answer_and_still_costs() -> None:
    episode = Episode(SINGLE, 3)
    seen = []
    for _ in range(2):
        episode.take(move(episode, "inspect"))
        seen.append(agent_view(episode)["inspection_notes"])
    assert seen[0] == seen[1]
    assert episode.tenths_left == 48
    assert episode.ledger.repeats > 0


@pytest.mark.parametrize(
    "given_move",
    [
        Move("approve", "TX-elsewhere"),
        Move("approve", Episode(SINGLE, 1).case.transaction_id, metadata={"report": ["sar"]}),
        Move("file_sar", Episode(SINGLE, 1).case.transaction_id, metadata={"report": "ctr"}),
    ],
)
def test_a_malformed_move_says_so_and_takes_nothing(given_move: Move) -> None:
    episode = Episode(SINGLE, 1)
    before = agent_view(episode)
    episode.take(given_move)
    assert episode.error
    assert agent_view(episode) | {"info": {}} == before


def test_a_question_beyond_the_budget_is_refused_and_takes_only_a_step() -> None:
    episode = Episode(QUEUE, 1)
    while episode.tenths_left >= 3:
        episode.take(move(episode, "contact_sender"))
    left, total = episode.tenths_left, episode.ledger.total
    episode.take(move(episode, "contact_sender"))
    assert "budget" in str(episode.error)
    assert (episode.tenths_left, episode.ledger.total) == (left, total)


def test_a_case_that_nobody_decides_lapses() -> None:
    episode = play(always("inspect"), Episode(SINGLE, 1))
    assert [decision.action_type for decision in episode.decisions] == ["lapse"]


def test_under_audit_a_breach_is_carried_out_and_recorded() -> None:
    episode = Episode(SINGLE, 1, rules=Rules(enforcement="audit"))
    episode.take(move(episode, "file_sar"))
    assert episode.done
    assert [(breach.guardrail, breach.was_carried_out) for breach in episode.breaches] == [("G2", True)]


@given(st.integers(0, 2**32), st.sampled_from(tasks()))
def test_whatever_is_played_the_value_stays_within_its_declared_bounds(seed: int, task: Task) -> None:
    episode = play(at_random(seed), Episode(task, seed))
    assert 0.0 <= episode.value <= 1.0


@given(st.integers(0, 2**32), st.sampled_from(tasks()))
def test_rewards_sum_to_the_value_and_so_does_each_breakdown(seed: int, task: Task) -> None:
    episode, policy, total = Episode(task, seed), at_random(seed), 0.0
    while not episode.done:
        chosen = policy(episode)
        assert chosen is not None
        episode.take(chosen)
        total += episode.last_reward
    assert total == pytest.approx(episode.value)
    assert sum(breakdown(episode.ledger, episode.worst_usd).values()) == pytest.approx(episode.value)
    assert sum(step_breakdown(episode.ledger, episode.worst_usd).values()) == pytest.approx(episode.value)


def test_agents_see_no_reward_before_the_end_and_nothing_that_names_the_task() -> None:
    episode = Episode(QUEUE, 1)
    episode.take(move(episode, "hold"))
    seen = agent_view(episode)
    assert (seen["reward"], seen["cumulative_reward"], seen["task_id"], seen["chain_total"]) == (
        0.0,
        0.0,
        "",
        2,
    )
    assert seen["recent_decisions"] == [
        {"transaction_id": episode.decisions[0].transaction_id, "action_type": "hold"}
    ]


def test_the_measured_optimum_is_the_solved_one_within_three_standard_errors() -> None:
    lost = [play(optimal, Episode(QUEUE, seed)).ledger.total for seed in range(300)]
    mean = sum(lost) / len(lost)
    spread = (sum((x - mean) ** 2 for x in lost) / (len(lost) - 1) / len(lost)) ** 0.5
    assert abs(mean - solve(QUEUE.families).least_usd) < 3 * spread


@pytest.mark.parametrize(("task", "seeds"), [(SINGLE, 30), (QUEUE, 8)], ids=["single", "queue"])
def test_nobody_does_better_than_the_clairvoyant_on_any_seed(task: Task, seeds: int) -> None:
    for seed in range(seeds):
        least = play(Clairvoyant(), Episode(task, seed)).ledger.total
        others = [
            play(policy, Episode(task, seed)).ledger.total for policy in (optimal, nothing, at_random(0))
        ]
        assert least <= min(others) + 1e-9


@functools.cache
def dollars_of_nothing_and_of_the_optimum() -> tuple[float, float]:
    floor = sum(play(nothing, Episode(task, seed)).ledger.total for task in tasks() for seed in SEEDS)
    best = sum(play(optimal, Episode(task, seed)).ledger.total for task in tasks() for seed in SEEDS)
    return floor, best


@pytest.mark.parametrize("action", get_args(ActionType))
def test_doing_always_the_same_gets_at_most_half_of_the_way_to_the_optimum(action: ActionType) -> None:
    lost = sum(play(always(action), Episode(task, seed)).ledger.total for task in tasks() for seed in SEEDS)
    floor, best = dollars_of_nothing_and_of_the_optimum()
    assert (floor - lost) / (floor - best) <= 0.5

"""The environment in this process: steps and resets, without a server."""

import time
from statistics import fmean, quantiles

from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.models import PayOpsAction
from simulator.cases.tasks import tasks
from simulator.cases.vocabulary import ActionType

_WORDS: tuple[ActionType, ...] = (
    "inspect",
    "request_docs",
    "verify_kyc",
    "contact_sender",
    "hold",
    "flag",
    "escalate",
)


def steps(wanted: int) -> dict[str, float]:
    """Play whole episodes of every task in turn, in processor time."""
    environment = PayOpsEnvironment()
    taken, resets_s, seed = 0, 0.0, 0
    start = time.process_time()
    while taken < wanted:
        before = time.process_time()
        seen = environment.reset(seed=seed)
        resets_s += time.process_time() - before
        seed, turn, case = seed + 1, 0, seen.transaction_id
        while not seen.done:
            word = _WORDS[turn % len(_WORDS)]
            seen = environment.step(PayOpsAction(action_type=word, transaction_id=case))
            turn, case = (turn + 1 if case == seen.transaction_id else 0), seen.transaction_id
            taken += 1
    took_s = time.process_time() - start
    return {
        "in_process_steps_s": taken / (took_s - resets_s),
        "in_process_steps_s_with_resets": taken / took_s,
    }


def resets(seeds: tuple[int, ...]) -> dict[str, float]:
    """Reset to every task on every seed, in milliseconds of the clock."""
    environment = PayOpsEnvironment()
    took_ms = []
    for seed in seeds:
        for task in tasks():
            start = time.perf_counter()
            environment.reset(seed=seed, task_id=task.task_id)
            took_ms.append(1e3 * (time.perf_counter() - start))
    return {"reset_ms": fmean(took_ms), "reset_ms_p95": quantiles(took_ms, n=20)[-1]}

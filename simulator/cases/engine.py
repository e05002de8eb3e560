"""An episode: cases one after another, one budget, and what each move does.

Three things can come of a move. It is **carried out**. It is **refused**, by a guardrail under `mask` or
because the budget does not reach: the move takes a step of the case and nothing else. Or it is
**malformed** (an unknown transaction, an unknown report, an episode that is over): it takes nothing at all.
Both say why in `error`. A case lapses after `STEPS_PER_CASE` steps.
"""

from dataclasses import dataclass
from typing import NamedTuple

from payments.errors import InputError
from simulator.cases.beliefs import NOTHING_ASKED, FileState, asked, beliefs_of
from simulator.cases.draw import Case, draw_case
from simulator.cases.guardrails import Facts, Guardrail, act_breach, closed_act, closed_probe, probe_breach
from simulator.cases.ledger import Decision, Ledger
from simulator.cases.moves import Move, act_of
from simulator.cases.prices import LOAD, TENTH_USD, review_usd, wait_usd
from simulator.cases.tasks import Task, episode_key
from simulator.cases.vocabulary import (
    BUDGET_TENTHS,
    PROBE_TENTHS,
    PROBES,
    REPORT_TENTHS,
    STEPS_PER_CASE,
    Act,
    Enforcement,
    ProbeName,
    Profile,
    Split,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose law, and what happens at a breach."""

    profile: Profile = "us"
    enforcement: Enforcement = "mask"


class Breach(NamedTuple):
    """A guardrail that was touched."""

    guardrail: Guardrail
    transaction_id: str
    action_type: str
    was_carried_out: bool


class Episode:
    """The cases of one task, drawn from a seed; only `take` and `walk_away` move it on."""

    def __init__(self, task: Task, seed: int, split: Split = "train", rules: Rules | None = None) -> None:
        key = episode_key(task, split, seed)
        self.task = task
        self.seed = seed
        self.rules = rules or Rules()
        self.cases: tuple[Case, ...] = tuple(
            draw_case(family, f"{key}/{at}") for at, family in enumerate(task.families)
        )
        self.worst_usd = task.worst_usd
        self.ledger = Ledger()
        self.decisions: list[Decision] = []
        self.breaches: list[Breach] = []
        self.moves: list[str] = []
        """Action types that took a step."""
        self.tenths_left = BUDGET_TENTHS
        self.load = 0
        self.done = False
        self.has_just_ended = False
        """Whether the last move ended the episode."""
        self.error: str | None = None
        """Why the last move was not carried out."""
        self.last_tenths = 0
        self.last_reward = 0.0
        """Of the last move; the rewards of an episode sum to its value at the end."""
        self._earned = 0.0
        """All rewards so far."""
        self._open_case(0)

    @property
    def value(self) -> float:
        """Give 1 minus the dollars lost so far over the declared worst case."""
        return 1.0 - self.ledger.total / self.worst_usd

    def take(self, move: Move) -> None:
        """Carry out, refuse or reject one move."""
        try:
            choice = self._choice(move)
        except InputError as error:
            self.refuse(str(error))
            return
        self.refuse(None)
        self.case_steps += 1
        self.moves.append(move.action_type)
        if isinstance(choice, str):
            self._ask(choice, move)
        else:
            self._decide(choice, move)
        if not self.done and self.case_steps >= STEPS_PER_CASE:
            self._lapse()
        self._book_reward()

    def refuse(self, error: str | None) -> None:
        """Say why what was sent cannot be a move; it costs nothing and changes nothing else."""
        self.last_tenths, self.last_reward, self.has_just_ended = 0, 0.0, False
        self.error = error

    def walk_away(self) -> None:
        """Let every case that is left lapse."""
        while not self.done:
            self._lapse()
        self._book_reward()

    def _book_reward(self) -> None:
        """Give what the last move earned: a decided case brings its share of 1, a dollar takes from it."""
        earned = len(self.decisions) / len(self.cases) - self.ledger.total / self.worst_usd
        self.last_reward, self._earned = earned - self._earned, earned

    def _choice(self, move: Move) -> Act | ProbeName:
        """Give what a move asks or decides.

        Raises:
            InputError: it can mean nothing.
        """
        if self.done:
            raise InputError("The episode is over; reset to start another.")
        if move.transaction_id != self.case.transaction_id:
            msg = f"transaction_id {move.transaction_id[:60]!r} is not on the screen"
            raise InputError(f"{msg}; the case is {self.case.transaction_id!r}.")
        return move.probe or act_of(move)

    def _ask(self, probe: ProbeName, move: Move) -> None:
        """Answer a question, new or repeated, and charge it."""
        exempt = self.case.hidden.family.exempt_contact
        breach = closed_probe(probe, self.facts, self.rules.profile, exempt=exempt)
        message = move.metadata.get("message")
        if breach is None and isinstance(message, str):
            breach = probe_breach(self.facts, message)
        if self._stops(breach, move) or self._is_unaffordable(PROBE_TENTHS[probe]):
            return
        number = PROBES.index(probe)
        self._spend(PROBE_TENTHS[probe])
        self._charge_question(probe, is_repeat=self.state[number] >= 0)
        self._file(asked(self.state, number, self.case.hidden.answers[number]))
        self.last_probe: ProbeName | None = probe

    def _charge_question(self, probe: ProbeName, *, is_repeat: bool) -> None:
        """Book budget and waiting of a question."""
        price, waiting = TENTH_USD * PROBE_TENTHS[probe], wait_usd(self.questions_asked)
        if is_repeat:
            self.ledger.repeats += price + waiting
        else:
            self.ledger.questions += price
            self.ledger.waiting += waiting
        self.questions_asked += 1

    def _decide(self, act: Act, move: Move) -> None:
        """End the case with a decision, unless a guardrail or the budget stands against it."""
        breach = closed_act(act, self.facts) or self._said_wrong(act, move)
        if self._stops(breach, move) or self._is_unaffordable(REPORT_TENTHS[act.report]):
            return
        self._spend(REPORT_TENTHS[act.report])
        self.ledger.reviews += review_usd(self.load, LOAD[act.verb])
        self.load += LOAD[act.verb]
        hidden = self.case.hidden
        usd = hidden.family.worlds[hidden.world].losses.of(act)
        self._close(move.action_type, act.report, usd, move.confidence)

    def _said_wrong(self, act: Act, move: Move) -> Guardrail | None:
        """Name the guardrail that the words beside a decision breach, or None."""
        return act_breach(act.report, self.facts, self.case.amount_usd, move.reason, move.metadata)

    def _lapse(self) -> None:
        """End a case that nobody decided."""
        hidden = self.case.hidden
        self._close("lapse", "none", hidden.family.worlds[hidden.world].losses.of_lapse(), None)

    def _close(self, action_type: str, report: str, usd: float, confidence: float | None) -> None:
        """Book a decision and put the next case on the screen."""
        hidden = self.case.hidden
        best, best_usd = beliefs_of(hidden.family).best[hidden.world]
        self.ledger.decisions += usd
        self.decisions.append(
            Decision(
                self.case.transaction_id,
                action_type,
                report,
                usd,
                best,
                best_usd,
                self.case.is_illicit,
                confidence,
            )
        )
        if self.position + 1 < len(self.cases):
            self._open_case(self.position + 1)
        else:
            self.done = self.has_just_ended = True

    def _open_case(self, position: int) -> None:
        """Put a case on the screen, with an empty file."""
        self.position = position
        self.case = self.cases[position]
        self._file(NOTHING_ASKED)
        self.case_steps = 0
        self.questions_asked = 0
        self.last_probe = None

    def _file(self, state: FileState) -> None:
        """Put the answers so far, and the facts that follow from them, on file."""
        self.state = state
        self.facts: Facts = beliefs_of(self.case.hidden.family).facts(state)

    def _stops(self, breach: Guardrail | None, move: Move) -> bool:
        """Record a breach and tell whether it stops the move."""
        if breach is None:
            return False
        is_refused = self.rules.enforcement == "mask"
        self.breaches.append(Breach(breach, self.case.transaction_id, move.action_type, not is_refused))
        if is_refused:
            self.error = f"Guardrail {breach} forbids {move.action_type!r} here; nothing was done."
        return is_refused

    def _is_unaffordable(self, tenths: int) -> bool:
        """Tell, and say, when the budget does not reach."""
        if tenths <= self.tenths_left:
            return False
        left = self.tenths_left / 10
        self.error = f"That costs {tenths / 10:.2f} and {left:.2f} of the budget is left; nothing was done."
        return True

    def _spend(self, tenths: int) -> None:
        """Take from the budget."""
        self.tenths_left -= tenths
        self.last_tenths = tenths

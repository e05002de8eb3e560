"""The typed client: actions, observations and states instead of dictionaries.

with PayOpsClient(base_url="http://127.0.0.1:8000").sync() as client:
    seen = client.reset(split="train/easy").observation
    result = client.step(PayOpsAction(action_type="inspect", transaction_id=seen.transaction_id))
"""

from collections.abc import Mapping

from openenv.core.client_types import StepResult
from openenv.core.env_client import EnvClient

from simulator.cases.models import PayOpsAction, PayOpsObservation, PayOpsState


class PayOpsClient(EnvClient[PayOpsAction, PayOpsObservation, PayOpsState]):
    """A session on a server; each client has its own."""

    def _step_payload(self, action: PayOpsAction) -> dict[str, object]:
        """Write an action."""
        return action.model_dump(exclude_none=True)

    def _parse_result(self, payload: Mapping[str, object]) -> StepResult[PayOpsObservation]:
        """Read an observation."""
        body = payload["observation"]
        fields = body if isinstance(body, dict) else {}
        seen = PayOpsObservation.model_validate(
            {**fields, "reward": payload["reward"], "done": payload["done"]}
        )
        reward = None if seen.reward is None else float(seen.reward)
        return StepResult(observation=seen, reward=reward, done=seen.done, metadata=seen.metadata)

    def _parse_state(self, payload: Mapping[str, object]) -> PayOpsState:
        """Read a state."""
        return PayOpsState.model_validate(payload)

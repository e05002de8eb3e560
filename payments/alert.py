"""A message to the people on duty."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict


class AlertMessage(BaseModel):
    """One alert; messages with the same `dedup_key` speak of the same thing and are sent once."""

    model_config = ConfigDict(frozen=True)

    dedup_key: str
    incident_id: str
    at: AwareDatetime
    severity: Literal["info", "warning", "critical"]
    title: str
    text: str

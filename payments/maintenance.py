"""What is planned to be down."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from payments.segment import Segment


class Maintenance(BaseModel):
    """A planned downtime, known beforehand."""

    model_config = ConfigDict(frozen=True)

    segment: Segment
    start: AwareDatetime
    end: AwareDatetime
    note: str

"""What a human answers to a proposal."""

from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, PositiveInt, model_validator

from payments.action import Action

DecisionType = Literal["approve", "edit", "reject", "respond", "ignore", "review"]
"""approve: do it. edit: do it with other parameters. reject: no, and learn that. respond: a note to the crew,
which plans again and asks again. ignore: nobody judges, so nothing is done and nothing is learned.
review: the crew's own, never a human's: newer evidence says something else, so it asks something else."""


class Decision(BaseModel):
    """A human's answer to a proposal."""

    model_config = ConfigDict(frozen=True)

    type: DecisionType
    question: PositiveInt = 1
    """Number of the incident's question that is answered."""
    by: str
    at: AwareDatetime
    note: str = ""
    action: Action | None = None
    """The edited action; goes with `edit` only."""

    @model_validator(mode="after")
    def _edit_has_action(self) -> Self:
        if (self.type == "edit") != (self.action is not None):
            msg = "an edit carries an action, and nothing else does"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _response_has_words(self) -> Self:
        if self.type == "respond" and not self.note.strip():
            msg = "a response carries words: say in its note what the crew should know"
            raise ValueError(msg)
        return self

    @property
    def words(self) -> str:
        """Who chose what and when, in one clause."""
        return f"{self.by} chose to {self.type} at {self.at:%Y-%m-%d %H:%M:%S %Z}"

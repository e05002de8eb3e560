"""What there is to see in the evidence, before anything is said about its cause."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from agents.analyst.counts import Counts, count
from agents.analyst.cube import Mask
from agents.analyst.features import Features, features, on_calendar, shape
from agents.analyst.margins import Margins, margins
from agents.analyst.place import Place, locate
from agents.analyst.settings import AnalystSettings
from payments.diagnosis import Signature
from payments.evidence import Evidence
from payments.maintenance import Maintenance
from payments.window import Cells


@dataclass(frozen=True)
class View:
    """The place of a change, the counts there, and the features of it."""

    place: Place
    counts: Counts
    found: Features
    margins: Margins
    rest: "View | None" = None
    """What is left when the culprit is taken away, where that explains too little and something is left."""

    @property
    def shape(self) -> dict[str, float]:
        """The numeric features that similar incidents share."""
        return shape(self.place, self.counts, self.found)

    @property
    def signature(self) -> Signature:
        """What it looks like, as the key for similar past incidents."""
        return Signature(culprit=self.place.culprit, shape=self.shape)


class Located:
    """Finds the culprit once for evidence that is first described and then analysed: the costly part."""

    def __init__(self) -> None:
        self._last: tuple[Evidence, AnalystSettings, Place] | None = None

    def place(self, evidence: Evidence, settings: AnalystSettings) -> Place:
        """Give the culprit; evidence is frozen, so that the same object has the same one."""
        last = self._last
        if last is None or last[0] is not evidence or last[1] is not settings:
            self._last = last = (evidence, settings, locate(evidence, settings))
        return last[2]


def look(
    evidence: Evidence,
    planned: Sequence[Maintenance],
    at: datetime,
    settings: AnalystSettings,
    located: Located | None = None,
) -> View:
    """Find the culprit, read off what is there, and look at the rest when there is something in it."""
    place = (located or Located()).place(evidence, settings)
    view = _read(evidence, place, planned, at, settings)
    if view.place.second is None or view.place.share >= settings.share_needed:
        return view
    outside = _outside(evidence, view.place.mask)
    rest = _read(outside, locate(outside, settings), planned, at, settings)
    return view if rest.place.lead == "none" else replace(view, rest=rest)


def _read(
    evidence: Evidence,
    place: Place,
    planned: Sequence[Maintenance],
    at: datetime,
    settings: AnalystSettings,
) -> View:
    """Read off what is there."""
    counts = count(evidence, place.mask)
    calendar = on_calendar(evidence, place, planned, at)
    found = features(evidence, place, counts, calendar, settings)
    return View(place, counts, found, margins(evidence, place, settings))


def _outside(evidence: Evidence, mask: Mask) -> Evidence:
    """Give the evidence of the cells that are not marked; whose onset it was that was sharp is not known."""
    rows = np.flatnonzero(~mask)
    columns = {name: getattr(evidence, name) for name in type(evidence).model_fields}
    kept = {name: column[rows] for name, column in columns.items() if isinstance(column, np.ndarray)}
    keys = tuple(evidence.cells.keys[row] for row in rows)
    cells = Cells(attributes=evidence.cells.attributes, keys=keys)
    return evidence.model_copy(update={**kept, "cells": cells, "onset_sharpness": None})

"""All that a live page shows, put together from the board and the incident store."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment

from console.authority import kill_switch_of
from console.web.incidents.listing import TOLD, stamp_of
from console.web.live.figures_now import ALL_PAYMENTS, Figures, figures_of
from console.web.live.marks import marks
from console.web.live.panels import cells, heat_map, in_force, noteworthy
from console.web.live.view import SPANS, View, Wanted, look
from console.web.site import Site
from memory.incidents import IncidentStore
from memory.live import WIDE
from memory.live_reading import LiveReader
from payments.errors import PayOpsError
from payments.incident import Incident, Status
from payments.intervention import Intervention

PANELS = ("headline", "incidents", "in_force", "happened", "heat", "segments")
"""Parts of the page that are drawn here and sent as they are, each from its template."""
FIGURE_TICKS = 12
"""Increments that the figures at the top are of: a minute of 5 s."""
SILENT_AFTER_TICKS, SILENT_AFTER_S = 6, 20.0
"""A watch that has published nothing for so long, whichever is longer, is said to be silent."""
EVENTS_SHOWN = 12


@dataclass(frozen=True)
class Happenings:
    """What is going on with a feed beside its figures."""

    incidents: tuple[Incident, ...]
    """Those that the longest span shows, newest first."""
    acting: tuple[Intervention, ...]
    """Actions in force."""
    acted: tuple[Intervention, ...]
    """All of them, for the marks."""

    @property
    def live(self) -> tuple[Incident, ...]:
        """Give the incidents that are not closed; who waits for people comes first."""
        order = {Status.WAITING: 0, Status.ACTING: 1, Status.OPEN: 2}
        found = [one for one in self.incidents if one.status is not Status.CLOSED]
        return tuple(sorted(found, key=lambda one: order.get(one.status, 3)))


@dataclass(frozen=True)
class Outlook:
    """Looks at what a watch publishes and at what is decided."""

    site: Site
    reader: LiveReader
    incidents: IncidentStore

    def stamp(self) -> object:
        """Give something that changes when there may be news."""
        folder = self.site.settings.state_dir
        files = [_changed_ns(folder / name) for name in ("payops.db", "payops.db-wal")]
        decided = [self.incidents.written()] if self.site.settings.database_url else files
        switch = kill_switch_of(self.site.settings)
        return (self.reader.version(), *decided, switch.is_on(), self.site.ended())

    def page(self, wanted: Wanted) -> dict[str, Any]:
        """Give what the template of the whole page needs.

        Raises:
            NotFoundError: there is no such feed, segment or span.
        """
        view = look(wanted, self.reader)
        if view is None:
            return {"view": None, "wanted": wanted}
        going_on = self._going_on(view)
        return {
            "view": view,
            "wanted": wanted,
            "feeds": self.reader.feeds(),
            "spans": SPANS.values(),
            "panels": self._values(view, going_on),
            "data": {**self._told(view, wanted, going_on), "points": view.points(self.reader, lately=False)},
        }

    def series(self, wanted: Wanted) -> dict[str, Any]:
        """Give all points of the charts."""
        view = look(wanted, self.reader)
        if view is None:
            return {}
        told = self._told(view, wanted, self._going_on(view))
        return {**told, "points": view.points(self.reader, lately=False)}

    def updates(self, wanted: Collection[Wanted]) -> dict[Wanted, str]:
        """Give the news as JSON for each that some page wants; what pages share is put together once."""
        state, shared = self.state(), dict[str, tuple[Happenings, dict[str, str]]]()
        return {one: json.dumps({"state": state, **self._news(one, shared)}) for one in wanted}

    def state(self) -> dict[str, Any]:
        """Give what is in sight on every page."""
        switch = kill_switch_of(self.site.settings)
        newest = self.incidents.list(limit=TOLD)
        said = [one for feed in self.reader.feeds()[:1] for one in self.reader.said(feed, 1)]
        return {
            "mode": said[0].get("mode", self.site.mode.value) if said else self.site.mode.value,
            "kill": switch.is_on(),
            "words": switch.words(),
            "ended": self.site.ended(),
            "waiting": len(self.incidents.undecided()),
            "incidents": {one.id: stamp_of(one) for one in newest},
        }

    def _news(self, wanted: Wanted, shared: dict[str, tuple[Happenings, dict[str, str]]]) -> dict[str, Any]:
        if not wanted.span:  # a page without charts
            return {}
        try:
            view = look(wanted, self.reader)
            if view is None:
                return {}
            if view.feed.name not in shared:
                going_on = self._going_on(view)
                shared[view.feed.name] = going_on, self._drawn(self._values(view, going_on))
            going_on, panels = shared[view.feed.name]
            told = self._told(view, wanted, going_on)
            return {**told, "points": view.points(self.reader, lately=True), "panels": panels}
        except PayOpsError as error:
            return {"gone": str(error)}

    def _told(self, view: View, wanted: Wanted, going_on: Happenings) -> dict[str, Any]:
        return {
            "feed": view.feed.name,
            "now": view.feed.at_s,
            "since": view.since_s,
            "point_s": view.span.point_s(view.feed.tick_s),
            "marks": marks(going_on.incidents, going_on.acted, view.since_s),
        }

    def _going_on(self, view: View) -> Happenings:
        feed = view.feed.name
        since = view.now - timedelta(seconds=SPANS["long"].ticks * view.feed.tick_s)
        acted = self.incidents.interventions_of(feed)
        recent = self.incidents.recent(feed, since)
        known = {one.id for one in recent}
        older = [one for one in self.incidents.live(feed) if one.id not in known]
        return Happenings((*recent, *older), tuple(one for one in acted if one.ended_at is None), acted)

    def _values(self, view: View, going_on: Happenings) -> dict[str, Any]:
        """Give what the templates of the panels need."""
        wide = cells(view, self.reader, WIDE)
        by_id = {incident.id: incident for incident in going_on.incidents}
        said = self.reader.said(view.feed, 1)
        return {
            "feed": view.feed,
            "now": view.now,
            "said": said[0] if said else None,
            "silent_s": self._silent_s(view),
            "ended": self.site.ended(),
            "figures": self._figures(view),
            "live": going_on.live,
            "closed": [one for one in going_on.incidents if one.status is Status.CLOSED][:4],
            "in_force": in_force(going_on.acting, by_id, view.now),
            "events": self.reader.events(view.feed, EVENTS_SHOWN),
            "heat": heat_map(view, self.reader, wide),
            "noteworthy": noteworthy(wide),
            "span": view.span,
        }

    def _drawn(self, values: Mapping[str, Any]) -> dict[str, str]:
        environment: Environment = self.site.templates
        return {name: environment.get_template(f"live/{name}.html").render(panels=values) for name in PANELS}

    def _silent_s(self, view: View) -> float | None:
        """Give for how long nothing was published, if that is long."""
        silent_s = self.site.clock().timestamp() - view.feed.published_s
        return silent_s if silent_s > max(SILENT_AFTER_S, SILENT_AFTER_TICKS * view.feed.tick_s) else None

    def _figures(self, view: View) -> Figures:
        """Give the last minute of all payments."""
        since_s = view.feed.at_s - FIGURE_TICKS * view.feed.tick_s
        series = self.reader.series(view.feed, ALL_PAYMENTS, "fine", since_s + 1e-6)
        usual = self.reader.usual_latency(view.feed, ALL_PAYMENTS)
        return figures_of(series, usual, view.feed.tick_s)


def _changed_ns(path: Path) -> int:
    """Give when a file was changed; 0 when it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0

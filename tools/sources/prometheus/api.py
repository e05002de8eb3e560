"""Prometheus' HTTP API, as far as a source needs it."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import httpx

from tools.sources.address import Address
from tools.sources.prometheus.counters import Labels
from tools.sources.stream.reader import SourceDown
from tools.sources.trouble import down

CONNECT_S, ANSWER_S = 5.0, 20.0
ANSWER_BYTES: Final = 256 << 20
_PORT = 9090
_LOOKED_BACK = "10m"


@dataclass(frozen=True)
class Api:
    """Asks one server; what it says is checked before it is believed."""

    client: httpx.Client
    place: str

    def labels(self, selector: str) -> tuple[str, ...]:
        """Give the names of the labels of some series."""
        found = self._ask("labels", {"match[]": selector})
        return tuple(name for name in found if isinstance(name, str) and name != "__name__")

    def names(self) -> tuple[str, ...]:
        """Give the names of all metrics."""
        return tuple(name for name in self._ask("label/__name__/values", {}) if isinstance(name, str))

    def scrape_s(self, metric: str) -> float | None:
        """Give the seconds between the scrapes of a metric's first series; None where too few are kept."""
        found = self._ask("query", {"query": metric})
        try:
            if not found["result"]:
                return None
            first = {
                name: value for name, value in found["result"][0]["metric"].items() if name != "__name__"
            }
            matchers = ",".join(f"{name}={json.dumps(value)}" for name, value in first.items())
            found = self._ask("query", {"query": f"{metric}{{{matchers}}}[{_LOOKED_BACK}]"})
            times = [float(at) for at, _ in found["result"][0]["values"]] if found["result"] else []
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise self._strange(found) from error
        return min((after - before for before, after in pairwise(times)), default=None)

    def series(
        self, query: str, since_s: float, until_s: float, step_s: float
    ) -> dict[Labels, dict[int, float]]:
        """Give the values of series at equal steps, by the number of the step."""
        given = {"query": query, "start": f"{since_s:.6f}", "end": f"{until_s:.6f}", "step": f"{step_s:.6f}"}
        found = self._ask("query_range", given)
        try:
            return {
                _labels(one["metric"]): {
                    round((float(at) - since_s) / step_s): float(value)
                    for at, value in one["values"]
                    if math.isfinite(float(value))
                }
                for one in found["result"]
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._strange(found) from error

    def _ask(self, path: str, given: Mapping[str, str]) -> Any:  # noqa: ANN401 - the data of any answer
        try:
            answer = (
                self.client.post(f"api/v1/{path}", data=given)
                if "query" in given
                else self.client.get(f"api/v1/{path}", params=given)
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise down(f"Prometheus at {self.place}", error) from error
        try:
            said = answer.json()
        except (ValueError, RecursionError) as error:
            words = f"{answer.status_code} {answer.reason_phrase}, and no JSON"
            raise down(f"Prometheus at {self.place}", RuntimeError(words)) from error
        if not isinstance(said, dict) or said.get("status") != "success" or "data" not in said:
            error_words = said.get("error") if isinstance(said, dict) else None
            raise down(
                f"Prometheus at {self.place}",
                RuntimeError(f"{answer.status_code} {error_words or 'no data'}"),
            )
        return said["data"]

    def _strange(self, found: object) -> SourceDown:
        return SourceDown(
            f"Prometheus at {self.place} gives half an answer, or none of its own: {str(found)[:120]!r}."
        )


def open_api(address: Address, password: str) -> Api:
    """Make the API of an address; `prometheuss://` is TLS, a password without a user a bearer token."""
    scheme = "https" if address.scheme == "prometheuss" else "http"
    place = f"{address.host}:{address.port or _PORT}"
    auth = httpx.BasicAuth(address.user, password) if address.user else None
    client = httpx.Client(
        base_url=f"{scheme}://{place}/{address.path}".rstrip("/") + "/",
        auth=auth,
        headers={"Authorization": f"Bearer {password}"} if password and auth is None else {},
        timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
        trust_env=False,
    )
    return Api(client, place)


def _labels(metric: Mapping[str, str]) -> Labels:
    return tuple(sorted((str(name), str(value)) for name, value in metric.items() if name != "__name__"))

"""People who visit the console: each with a name, a role and the marks of the pages that they have loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from console.outside import now
from console.settings import Settings
from console.web.access.entrance import Seals
from console.web.access.people import Person, Role
from console.web.app import create_app
from console.web.site import Site, templates

NAME, ROLE = "x-name", "x-role"
_SEAL = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class Answer(NamedTuple):
    """What a visitor gets."""

    status_code: int
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class AsTold:
    """An entrance that believes what the test says."""

    signs_in = False

    def person(self, request: Request) -> Person | None:
        name = request.headers.get(NAME)
        return Person(name, Role[request.headers[ROLE]]) if name else None

    def visit(self, request: Request, person: Person) -> str:
        return person.name


def console_of(settings: Settings) -> FastAPI:
    """Make the console of a state folder."""
    site = Site(settings, AsTold(), Seals(b"key of the tests"), now, templates())
    return create_app(site, ("testserver",))


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser, who sees no script at work."""

    app: FastAPI
    name: str = "asha"
    role: Role = Role.APPROVER
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        given = {NAME: self.name, ROLE: self.role.name}
        object.__setattr__(self, "client", TestClient(self.app, headers=given, follow_redirects=False))

    def get(self, path: str) -> Answer:
        answer = self.client.get(path)
        return Answer(answer.status_code, answer.text, answer.headers)

    def seal(self) -> str:
        """Give the mark of this visitor's forms, from a page that has one."""
        found = _SEAL.search(self.get("/incidents").text)
        return found[1] if found else Seals(b"key of the tests").seal(self.name)

    def post(self, path: str, form: Mapping[str, str], seal: str | None = None) -> Answer:
        answer = self.client.post(path, data={"csrf": self.seal() if seal is None else seal, **form})
        return Answer(answer.status_code, answer.text, answer.headers)

"""The pinned files, what they install and how run.py stands above the rooms."""

import ast
import re
import socket
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.conftest import NetworkForbiddenError

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = set(PROJECT["tool"]["importlinter"]["root_packages"])
PINNED_FILES = ["requirements-bootstrap.txt", "requirements.txt", "requirements-dev.txt"]
PINNED = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>\S+)( ; .+?)?(?P<hashes>( --hash=sha256:[0-9a-f]{64})+)"
)


def requirements_in(name: str) -> list[str]:
    text = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / name).read_text(encoding="utf-8"))
    return [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines()]


def pins_in(name: str) -> set[tuple[str, str]]:
    return {
        (pin["name"], pin["version"]) for line in requirements_in(name) if (pin := PINNED.fullmatch(line))
    }


@pytest.mark.parametrize("name", PINNED_FILES)
def test_every_requirement_is_an_exact_version_with_hashes(name: str) -> None:
    assert [line for line in requirements_in(name) if not PINNED.fullmatch(line)] == []
    assert pins_in(name)


@pytest.mark.parametrize("name", PINNED_FILES)
def test_no_pinned_file_names_a_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert (
        re.findall(r"\w+:/\S*|--(?:extra-)?index\S*|--find-links\S*|--trusted-host\S*|-[if] \S+", text) == []
    )


def test_the_developers_set_holds_the_runtime_set() -> None:
    assert pins_in("requirements.txt") < pins_in("requirements-dev.txt")


def test_the_elastic_licensed_server_is_not_in_the_runtime() -> None:
    runtime = {name for name, _ in pins_in("requirements.txt")}
    assert runtime.isdisjoint({"langgraph-api", "langgraph-cli", "langgraph-runtime-inmem"})


def test_every_direct_dependency_is_pinned() -> None:
    wanted = {re.split(r"[^a-z0-9-]", line)[0] for line in PROJECT["project"]["dependencies"]}
    assert wanted <= {name for name, _ in pins_in("requirements.txt")}


def test_no_installed_package_shares_a_name_with_a_room() -> None:
    # The wheels of openai-agents and guardrails-ai would; `langgraph dev` then imports theirs, not ours.
    ours = ROOMS | {"run", "tests"}
    clashes = {
        room: others
        for room, distributions in packages_distributions().items()
        if room in ours and (others := [name for name in distributions if name != PROJECT["project"]["name"]])
    }
    assert clashes == {}


def test_every_folder_of_source_is_a_room() -> None:
    folders = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests"}
    assert folders <= ROOMS, "A new room needs its place in the import-linter contracts."
    assert set(PROJECT["tool"]["hatch"]["build"]["only-include"]) == ROOMS | {"run.py"}


@pytest.mark.parametrize(
    "file",
    [ROOT / "run.py", *sorted((ROOT / "console" / "commands").glob("*.py"))],
    ids=lambda file: file.stem,
)
def test_a_command_names_neither_langgraph_nor_a_vendor_of_a_room(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named}.isdisjoint(
        {"langgraph", "chromadb", "pyarrow", "sqlalchemy"}
    )


def test_no_test_reaches_the_network() -> None:
    with socket.socket() as sock, pytest.raises(NetworkForbiddenError, match=re.escape("192.0.2.1")):
        sock.connect(("192.0.2.1", 9))
    with pytest.raises(NetworkForbiddenError, match=re.escape("example.org")):
        socket.getaddrinfo("example.org", 80)


def test_tests_reach_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()

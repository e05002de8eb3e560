"""The crew as one LangGraph: who speaks after whom, and where a human is asked."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, assert_never

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from graph import nodes
from graph.services import Services
from graph.state import CrewInput, CrewState, decision_in, plan_in, verdict_in
from payments.action import ActionKind
from payments.verdict import Mode, Ruling

Node = Callable[[CrewState, Services], CrewState]
ServicesOf = Callable[[Runtime[Services]], Services]
Around = Callable[[], AbstractContextManager[object]]
CrewGraph = CompiledStateGraph[CrewState, Services, CrewInput, CrewState]

NODES: Mapping[str, Node] = {
    "monitor": nodes.monitor,
    "analyst": nodes.analyst,
    "planner": nodes.planner,
    "risk_officer": nodes.risk_officer,
    "human_checkpoint": nodes.ask,
    "act": nodes.act,
    "alert": nodes.alert,
    "second_opinion": nodes.second_opinion,
    "learn": nodes.learn,
}

STEPS_AT_MOST = 25
"""Recursion limit of one run; the longest path (ask, edit, act, fail, alert, learn) takes 14 steps."""


def after_monitor(state: CrewState) -> Literal["analyst", "learn", "__end__"]:
    """Go on with a finding or an outcome; without either there is nothing to do."""
    if state.get("outcome"):
        return "learn"
    return "analyst" if state.get("finding") else "__end__"


def after_risk_officer(state: CrewState) -> Literal["act", "alert", "learn"]:
    """Act only on a clear ruling, which takes the approvals into account; in shadow mode nobody is told."""
    verdict, kind = verdict_in(state), plan_in(state).action.kind
    in_shadow = verdict.mode is Mode.SHADOW
    if verdict.ruling is not Ruling.ACT:
        return "learn" if in_shadow else "alert"
    match kind:
        case ActionKind.REROUTE | ActionKind.RETRY_POLICY | ActionKind.SUPPRESS:
            return "act"
        case ActionKind.ALERT:
            return "learn" if in_shadow else "alert"
        case ActionKind.NONE:
            return "learn"
        case _:
            assert_never(kind)


def after_second_opinion(state: CrewState) -> Literal["human_checkpoint", "learn", "__end__"]:
    """Wait for a human when the ruling asks for one; what is in force has its outcome in a later run."""
    if verdict_in(state).ruling is Ruling.ASK:
        return "human_checkpoint"
    in_force = state.get("receipt") is not None and not state.get("outcome")
    return "__end__" if in_force else "learn"


def after_human(
    state: CrewState,
) -> Literal["risk_officer", "planner", "analyst", "human_checkpoint", "learn"]:
    """Check an approved or edited action again, plan again after a note, diagnose again from newer evidence.

    What was not accepted is asked again.
    """
    decision = decision_in(state)
    if decision is None:
        return "human_checkpoint"
    match decision.type:
        case "approve" | "edit":
            return "risk_officer"
        case "respond":
            return "planner"
        case "review":
            return "analyst"
        case "reject" | "ignore":
            return "learn"
        case _:
            assert_never(decision.type)


def after_act(state: CrewState) -> Literal["alert", "second_opinion"]:
    """Alert at once when nothing could be done. No action waits for an opinion: that comes afterwards."""
    return "alert" if state.get("outcome") else "second_opinion"


def context_of(runtime: Runtime[Services]) -> Services:
    """Take the services from LangGraph's runtime context."""
    return runtime.context


def build(
    services_of: ServicesOf = context_of, around: Around = nullcontext
) -> StateGraph[CrewState, Services, CrewInput, CrewState]:
    """Wire the crew; `services_of` says where the nodes find their services, `around` surrounds each node."""

    def bind(name: str, node: Node) -> Any:  # noqa: ANN401 - LangGraph's protocol is generic in private types
        def run(state: CrewState, runtime: Runtime[Services]) -> CrewState:
            with around():
                services = services_of(runtime)
                with services.telemetry.span(name, state.get("incident_id", "")):
                    return node(state, services)

        return run

    # Studio asks for the schema of every input; services that are bound already are none.
    context = Services if services_of is context_of else None
    graph = StateGraph(CrewState, context_schema=context, input_schema=CrewInput)
    for name, node in NODES.items():
        graph.add_node(name, bind(name, node))
    graph.add_edge(START, "monitor")
    graph.add_conditional_edges("monitor", after_monitor)
    graph.add_edge("analyst", "planner")
    graph.add_edge("planner", "risk_officer")
    graph.add_conditional_edges("risk_officer", after_risk_officer)
    graph.add_edge("alert", "second_opinion")
    graph.add_conditional_edges("second_opinion", after_second_opinion)
    graph.add_conditional_edges("human_checkpoint", after_human)
    graph.add_conditional_edges("act", after_act)
    graph.add_edge("learn", END)
    return graph


def compile_crew(
    saver: BaseCheckpointSaver[str] | None = None,
    services_of: ServicesOf = context_of,
    around: Around = nullcontext,
) -> CrewGraph:
    """Compile the crew; without a saver nothing is checkpointed, which is what a quiet tick needs."""
    return build(services_of, around).compile(checkpointer=saver, name="crew")

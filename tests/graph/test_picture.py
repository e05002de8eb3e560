"""The drawn graph is what the README shows."""

from pathlib import Path

from graph.crew import compile_crew

PICTURE = Path(__file__).parents[2] / "docs" / "graph.mmd"


def test_the_picture_in_docs_is_the_graph_that_runs() -> None:
    assert PICTURE.read_text(encoding="utf-8") == compile_crew().get_graph().draw_mermaid()

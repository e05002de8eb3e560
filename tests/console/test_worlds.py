"""What is opened for a crew carries a name that people recognise."""

from pathlib import Path

import pytest

from console.settings import Settings
from console.worlds import open_simulation
from simulator.traffic.scenario_file import find_scenario

FLASH_SALE = Path(__file__).parents[2] / "docs" / "scenarios" / "flash_sale.yaml"


@pytest.mark.parametrize(
    ("named", "scenario"),
    [("psp_outage", "psp_outage"), (str(FLASH_SALE), "flash_sale")],
    ids=["known", "file"],
)
def test_the_feed_of_a_simulation_is_named_by_its_scenario(
    state_dir: Path, named: str, scenario: str
) -> None:
    world = open_simulation(find_scenario(named), 7, Settings(state_dir=state_dir)).source
    assert world.feed.startswith(f"simulator:{scenario}:7:")

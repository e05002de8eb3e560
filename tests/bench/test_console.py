"""What the measurement of the console makes of its numbers."""

import asyncio
from itertools import cycle, islice

import pytest

from bench.console.endurance import PAGES, Block, Told, summary
from bench.console.memory import FLAT_BELOW, memory_told
from bench.console.readers import ADDRESSES, Pages


def blocks(cpu_ms: list[float]) -> list[Block]:
    return [Block(ms, 2 * ms, 100.0) for ms in cpu_ms]


def test_the_slowdown_is_that_of_neighbours_so_that_a_slow_hour_counts_for_both() -> None:
    told = summary(Told(blocks([10, 20, 40]), blocks([11, 22, 44]), [PAGES, PAGES, PAGES]), 1.0)
    assert told["slowdown_cpu"] == pytest.approx(0.1)
    assert told["slowdown_wall"] == pytest.approx(0.1)
    assert told["news_heard_by_a_page"] == 3


@pytest.mark.parametrize(
    ("memory", "a_day"), [([90, 200, 200, 200, 200, 200], 0.0), ([1, 2, 3, 101, 102, 103], 24 / 102)]
)
def test_growth_of_memory_is_read_off_the_second_half(memory: list[float], a_day: float) -> None:
    assert memory_told(memory, 6.0)["server_memory_growth_a_day"] == pytest.approx(a_day, abs=1e-9)


@pytest.mark.parametrize(("factor", "words"), [(0.9, "flat"), (1.1, "growing"), (-5.0, "flat")])
def test_what_counts_as_flat_is_said(factor: float, words: str) -> None:
    a_reading = factor * FLAT_BELOW / 24
    memory = [100.0 * (1.0 + a_reading * (number - 11.0)) for number in range(16)]
    assert str(memory_told(memory, 16.0)["server_memory_is"]).startswith(f"{words}: ")


def test_memory_is_told_at_the_nearest_readings_of_some_hours() -> None:
    told = memory_told([float(number) for number in range(1, 31)], 30.0)["server_memory_mb_at_hour"]
    assert told == {"1.0": 1.0, "6.0": 6.0, "12.0": 12.0, "24.0": 24.0, "30.0": 30.0}


def test_the_pages_look_at_different_things() -> None:
    assert set(islice(cycle(ADDRESSES), PAGES)) == set(ADDRESSES)


def test_pages_say_when_they_are_open_and_count_their_news(capsys: pytest.CaptureFixture[str]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        stream = b'retry: 2000\n\ndata: {"a": 1}\n\n: still here\n\ndata: {}\n\n'
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + (stream if b"/events" in asked else b"page"))
        writer.close()

    async def read() -> int:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            pages = Pages(server.sockets[0].getsockname()[1], 3)
            with pytest.raises(asyncio.IncompleteReadError):
                await pages.read_all()
            await asyncio.sleep(0)
            return pages.heard

    assert asyncio.run(read()) >= 2
    assert "open" in capsys.readouterr().out

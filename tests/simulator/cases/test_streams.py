from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from simulator.cases.streams import Dice, chances

WORDS = st.lists(st.text() | st.integers(), max_size=3)


@given(WORDS, st.integers(0, 40), st.integers(0, 40))
def test_a_longer_draw_of_a_stream_starts_with_the_shorter(
    words: list[str | int], few: int, more: int
) -> None:
    drawn = chances(few + more, *words)
    assert drawn[:few] == chances(few, *words)
    assert all(0.0 <= chance < 1.0 for chance in drawn)


def test_chances_are_even() -> None:
    counts = [0] * 10
    for chance in chances(10_000, "even"):
        counts[int(10 * chance)] += 1
    assert sum((count - 1_000) ** 2 / 1_000 for count in counts) < 27.9  # chi squared, 9 degrees, 0.001


def test_whole_numbers_reach_both_ends_and_no_further() -> None:
    dice = Dice(200, "ends")
    assert {dice.whole(-2, 3) for _ in range(200)} == {-2, -1, 0, 1, 2, 3}


def test_normal_numbers_have_mean_0_and_variance_1() -> None:
    dice = Dice(20_000, "normal")
    drawn = [dice.normal() for _ in range(10_000)]
    assert abs(fmean(drawn)) < 0.03
    assert abs(fmean(number**2 for number in drawn) - 1.0) < 0.05


def test_a_stream_is_shake_256_of_its_words() -> None:
    assert chances(1, "seed", 7) == [0.6832540463656187]

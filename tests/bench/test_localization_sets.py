"""Reading published sets, judging answers, and the method itself on sets made here."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.__main__ import main
from bench.localization.folders import read_sets
from bench.localization.forecast import expected_bad, overdispersion
from bench.localization.generate import ALL_LAYERS, SMALL_NOISE_LEAVES, generate
from bench.localization.generate_ratio import generate_ratio
from bench.localization.method import Instance
from bench.localization.payops import payops
from bench.localization.score import Hits, alike, among_first, exact
from payments.errors import BadFile
from payments.segment import Segment

ROWS = [(f"a{i}", f"b{j}", 40.0 + i + j if (i, j) != (1, 2) else 5.0, 40.0 + i + j)
        for i in range(5) for j in range(5)]  # fmt: skip


def squeeze(folder: Path, causes: str = "a=a1&b=b2", packed: bool = False) -> Path:
    """Write a set of one instance in the form of Squeeze."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "a,b,real,predict\n" + "".join(f"{a},{b},{real},{due}\n" for a, b, real, due in ROWS)
    if packed:
        (folder / "7.csv.gz").write_bytes(gzip.compress(lines.encode()))
    else:
        (folder / "7.csv").write_text(lines)
    (folder / "injection_info.csv").write_text(f"timestamp,set\n7,{causes}\n")
    return folder


def stalls(folder: Path, values: tuple[str, str] = ("500", "2000")) -> Path:
    """Write a set of one instance of a ratio: the first value's last minute is bad."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["min,bitrate,p2p,value,cnt"]
    for minute in (60, 120, 180, 240):
        for value in values:
            bad = 300 if (minute, value) == (180, values[0]) else 10
            rows += [f'{minute},"{value}",{p2p},{bad},1000' for p2p in "01"]
    (folder / "one.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    cause = json.dumps({"bitrate": values[0]}, ensure_ascii=False)
    index = f"- data: one\n  timestamp: 180\n  cause: {cause}\n"
    (folder / "anomaly.yaml").write_text(index, encoding="utf-8")
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_a_set_is_read_plain_or_packed_and_its_culprit_is_named(tmp_path: Path, packed: bool) -> None:
    (data,) = read_sets(squeeze(tmp_path / "mine", packed=packed))
    (labelled,) = data.instances
    assert (data.name, data.form) == ("mine", "squeeze")
    assert labelled.causes == {Segment.of(a="a1", b="b2")}
    assert payops(labelled.instance, 5)[0] == labelled.causes


@pytest.mark.parametrize("values", [("500", "2000"), ("移动", "a&b=c, d"), ("", " ")])
def test_minutes_after_the_labelled_one_are_not_looked_at(tmp_path: Path, values: tuple[str, str]) -> None:
    (data,) = read_sets(stalls(tmp_path, values))
    (labelled,) = data.instances
    assert labelled.instance.past_total is not None
    assert labelled.instance.past_total.shape == (2, 4)
    assert payops(labelled.instance, 1) == [frozenset({Segment({"bitrate": values[0]})})]
    assert labelled.causes == {Segment({"bitrate": values[0]})}


def test_a_folder_of_several_sets_gives_each_under_its_name(tmp_path: Path) -> None:
    (
        squeeze(tmp_path / "x"),
        stalls(tmp_path / "y"),
        squeeze(tmp_path / "z" / "layer_1"),
        squeeze(tmp_path / "z" / "layer_2"),
    )
    found = {data.name: (data.form, len(data.instances)) for data in read_sets(tmp_path)}
    assert found == {"x": ("squeeze", 1), "y": ("rs", 1), "z": ("squeeze", 2)}
    assert [data.name for data in read_sets(tmp_path / "z")] == ["z"]


def test_several_causes_are_separated_by_semicolons(tmp_path: Path) -> None:
    (data,) = read_sets(squeeze(tmp_path, "a=a1&b=b2;a=a3"))
    assert data.instances[0].causes == {Segment.of(a="a1", b="b2"), Segment.of(a="a3")}


BROKEN = {
    "injection_info.csv": ["", "timestamp\n7\n", "timestamp,set\n7,\n", "timestamp,set\n7,nonsense\n",
                           "timestamp,set\n8,a=a1\n"],
    "7.csv": ["", "a,b,real\n", "a,real,predict\na1,x,1\n", "a,real,predict\na1,nan,1\n",
              "a,real,predict\na1,1\n"],
}  # fmt: skip


@pytest.mark.parametrize(("file", "text"), [(file, text) for file, texts in BROKEN.items() for text in texts])
def test_a_broken_file_is_refused_in_a_sentence(tmp_path: Path, file: str, text: str) -> None:
    (squeeze(tmp_path) / file).write_text(text)
    if (file, text) == ("injection_info.csv", ""):
        assert next(read_sets(tmp_path)).instances == ()
        return
    with pytest.raises(BadFile):
        list(read_sets(tmp_path))


@pytest.mark.parametrize(
    "text", ["", "- data: one\n", "a: [", "- 5\n", "- {data: x, timestamp: y, cause: {}}\n"]
)
def test_a_broken_list_of_labels_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (stalls(tmp_path) / "anomaly.yaml").write_text(text)
    with pytest.raises(BadFile):
        list(read_sets(tmp_path))


def test_a_folder_without_sets_ends_with_a_sentence_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["localization", "--data", str(tmp_path)]) == 2
    assert main(["localization", "--data", str(tmp_path / "absent")]) == 2
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize("seed", range(3))
def test_generated_leaves_of_small_noise_are_all_named(seed: int) -> None:
    labelled = generate(SMALL_NOISE_LEAVES, seed)
    assert payops(labelled.instance, 1) == [labelled.causes]


def test_generated_elements_of_all_layers_are_nearly_all_named() -> None:
    hits = Hits()
    for seed in range(6):
        labelled = generate(ALL_LAYERS, seed)
        hits += exact(payops(labelled.instance, 1)[0], labelled.causes)
    assert hits.f1 >= 0.9


def test_a_leaf_is_named_and_not_a_group_of_unlike_leaves_around_it() -> None:
    labelled = generate(SMALL_NOISE_LEAVES, 3038)
    assert payops(labelled.instance, 1) == [labelled.causes]


def test_generated_ratios_with_unequal_hits_are_mostly_named() -> None:
    drawn = [generate_ratio(seed) for seed in range(20)]
    first = [payops(labelled.instance, 1) == [labelled.causes] for labelled in drawn]
    assert np.mean(first) >= 0.8


def test_further_answers_mean_other_leaves_than_the_single_elements_before() -> None:
    instance = generate_ratio(3).instance
    answers = payops(instance, 12)
    masks = [instance.mask(next(iter(answer))).tobytes() for answer in answers if len(answer) == 1]
    assert len(set(masks)) == len(masks) > 5


def test_every_element_of_a_generated_ratio_is_in_excess() -> None:
    for seed in range(10):
        labelled = generate_ratio(seed)
        instance = labelled.instance
        for cause in labelled.causes:
            inside = instance.mask(cause)
            assert (instance.real - instance.expected)[inside].sum() >= 20.0


def test_the_same_seed_generates_the_same_ratio() -> None:
    one, other = generate_ratio(5), generate_ratio(5)
    assert np.array_equal(one.instance.real, other.instance.real)
    assert one.causes == other.causes


def test_the_same_seed_generates_the_same_instance() -> None:
    one, other = generate(ALL_LAYERS, 5), generate(ALL_LAYERS, 5)
    assert np.array_equal(one.instance.real, other.instance.real)
    assert one.causes == other.causes


def test_exact_hits_are_counted_by_element() -> None:
    a, b, c = (Segment.of(x=value) for value in "abc")
    assert exact(frozenset({a, b}), frozenset({b, c})) == Hits(found=1, wrong=1, missed=1)
    assert Hits(1, 1, 1).f1 == pytest.approx(0.5)
    assert among_first([frozenset({a}), frozenset({a, b})], frozenset({a, b}), 2)
    assert not among_first([frozenset({a}), frozenset({a, b})], frozenset({a, b}), 1)


def test_another_name_for_the_same_leaves_is_alike_but_not_exact() -> None:
    leaves = np.array([[0, 0], [1, 1]], dtype=np.intp)
    amounts = np.array([1.0, 2.0])
    instance = Instance("x", ("p", "q"), (("u", "v"), ("s", "t")), leaves, amounts, amounts)
    truth = frozenset({Segment.of(p="u")})
    assert alike(frozenset({Segment.of(q="s")}), truth, instance) == Hits(found=1)
    assert exact(frozenset({Segment.of(q="s")}), truth).found == 0
    assert alike(frozenset({Segment.of(q="t")}), truth, instance) == Hits(0, 1, 1)


def test_the_forecast_of_a_ratio_is_not_spoilt_by_minutes_that_are_bad_already() -> None:
    past_total = np.full((6, 3), 1000.0)
    past_bad = np.full((6, 3), 20.0)
    past_bad[4:, 0] = 500.0
    leaves = np.array([[0], [1], [2]], dtype=np.intp)
    expected = expected_bad(leaves, past_bad, past_total, np.full(3, 1000.0))
    assert expected == pytest.approx([20.0, 20.0, 20.0], rel=0.05)


def test_overdispersion_is_one_for_independent_events_and_more_for_bursts() -> None:
    rng = np.random.default_rng(1)
    total = np.full((40, 30), 500.0)
    assert overdispersion(rng.binomial(500, 0.1, (40, 30)).astype(float), total) == pytest.approx(
        1.0, abs=0.2
    )
    bursts = rng.binomial(500, rng.beta(5.0, 45.0, (40, 30))).astype(float)
    assert overdispersion(bursts, total) > 3.0


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 10),
    st.lists(st.text(max_size=4), min_size=1, max_size=3, unique=True),
    st.booleans(),
    st.integers(0, 2**32),
)
def test_any_instance_gives_answers_or_none(width: int, names: list[str], ratio: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    leaves = np.unique(rng.integers(0, len(names), (20, width)), axis=0).astype(np.intp)
    total = rng.integers(0, 9, len(leaves)).astype(float)
    real = np.minimum(rng.integers(0, 9, len(leaves)), total)
    expected = rng.random(len(leaves)) * total
    attributes = tuple(f"x{c}" for c in range(width))
    instance = Instance(
        "x", attributes, (tuple(names),) * width, leaves, real, expected, total if ratio else None
    )
    answers = payops(instance, 5)
    assert len(answers) == len(set(answers)) <= 5
    assert all(instance.mask(element).any() for answer in answers for element in answer)


REAL = Path(__file__).parents[3] / "shared" / "data" / "rootcause"


@pytest.mark.skipif(not REAL.is_dir(), reason="the published sets are not beside the project")
@pytest.mark.parametrize("name", ["b0/B_cuboid_layer_1_n_ele_1", "rs"])
def test_the_published_sets_are_read(name: str) -> None:
    (data,) = read_sets(REAL / name)
    assert all(one.causes for one in data.instances)


def test_instances_of_a_recipe_are_drawn_by_their_seeds_and_judged(tmp_path: Path) -> None:
    file = tmp_path / "drawn.json"
    assert (
        main(["localization", "--draw", "leaves", "--seeds", "1000-1002", "--quick", "--json", str(file)])
        == 0
    )
    ours = json.loads(file.read_text())["sets"][0]
    assert (ours["name"], ours["method"], ours["instances"], ours["exact_f1"]) == (
        "drawn leaves",
        "payops",
        3,
        1.0,
    )

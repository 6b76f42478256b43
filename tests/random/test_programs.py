"""Random programs: what archlang infers of each is what PyTorch makes of it on the meta device."""

import os
from functools import cache

import pytest

torch = pytest.importorskip("torch")

from compare import differences  # noqa: E402
from programs import program  # noqa: E402
from reference import EVERYWHERE, ON_FEATURES, ON_MAPS  # noqa: E402
from sequences import WORDS as ON_SEQUENCES  # noqa: E402

from archlang.elaborate.options import options  # noqa: E402
from archlang.elaborate.wraps import WRAPS  # noqa: E402
from archlang.model import parse  # noqa: E402
from archlang.ops import ALL  # noqa: E402

torch.set_num_threads(1)
COUNT = 200
JOINS = {"concat", "add", "mul", "crop", "resize"}  # their own lines: `label in crop`
READS_MORE = {"embed", "beside"}  # inputs of another kind than the image of every program: `tests/zoo/test_words.py`
WRITTEN = {
    *("as", "as parts", "bare", "no", "when", "guard", "variant", "claim", "default", "group", "group as", "seq as"),
    *("repeat x", "repeat *", "repeat as", "repeat as..", "repeat stride", "group stride", "branch label", "shortcut"),
    *(
        "means plain",
        "means seq",
        "means labelled",
        "block plain",
        "block seq",
        "block if",
        "block in",
        "call",
        "call as",
    ),
    *("stage", "stage named", "aux", "if", "let", "for", "table", "expect", "from concat", "from add", "label in add"),
    *(
        "label in concat",
        "label in concat crop",
        "label in again",
        "label in crop",
        "label in resize",
        *WRAPS,
        *(f"{w} as" for w in WRAPS),
    ),
}
"""What a program may have besides its layers and their options."""


def test_every_layer_has_a_reference():
    assert {op.word for op in ALL} == {*EVERYWHERE, *ON_FEATURES, *ON_MAPS, *ON_SEQUENCES, *JOINS, *READS_MORE}


@cache
def rarities():
    """The programs after the first `COUNT` that have something none before has, and what no program has."""
    wanted = {op.word for op in ALL} - JOINS - READS_MORE | WRITTEN
    wanted |= {f"{op.word}.{name}" for op in ALL if op.word not in JOINS | READS_MORE for name in options(op)}
    wanted -= set().union(*(program(seed).saw for seed in range(COUNT)))
    seeds = []
    for seed in range(COUNT, 4 * COUNT):
        if not wanted:
            break
        if wanted & program(seed).saw:
            wanted -= program(seed).saw
            seeds.append(seed)
    return seeds, wanted


def test_the_programs_have_every_layer_option_bracket_modifier_and_statement():
    assert rarities()[1] == set()


def test_what_only_later_programs_have_is_pytorchs_too():
    for seed in rarities()[0]:
        assert differences(program(seed)) == [], f"program({seed})\n{program(seed).text}"


@pytest.mark.parametrize("first", range(0, COUNT, 50))
def test_keys_shapes_parameters_and_operations_are_pytorchs(first):
    for seed in range(first, first + 50):
        assert differences(program(seed)) == [], f"program({seed})\n{program(seed).text}"


@pytest.mark.slow
def test_thousands_of_programs_come_to_what_pytorch_makes_of_them():
    for seed in range(COUNT, int(os.environ.get("ARCHLANG_PROGRAMS", "10000"))):
        made = program(seed)
        assert differences(made) == [], f"program({seed})\n{made.text}"


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_the_module_that_is_built_has_these_keys_and_leaves_this_shape(first):
    for seed in range(first, first + 10):
        made = program(seed)
        with torch.device("meta"):
            module = parse(made.text, name="random.arch", variant=made.variant).build().eval()
            state = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
            assert state == made.sum.state, f"program({seed})\n{made.text}"
            output = module(torch.empty(1, *made.input))
        assert tuple(output.shape[1:]) == made.output or made.reads, f"program({seed})\n{made.text}"

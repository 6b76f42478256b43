"""What is drawn of a network: companions, frames, folded repeats, labels, totals."""

from __future__ import annotations

from contextlib import ExitStack

import hand_made
import pytest
from hand_made import Builder
from picture_checks import problems

import archlang
from archlang.draw.compose import MOST_BOXES, compose
from archlang.draw.layout import layout
from archlang.draw.scene import Box, Fork, Frame, Scene, boxes, items_of
from archlang.draw.words import amount, tensor_text
from archlang.ir.scope import Kind
from archlang.ops import BY_WORD
from archlang.ops.dim import ceil_div, symbol
from archlang.ops.notation import options, short_form


def rows(scene: Scene) -> list[list[str]]:
    return [[row.text for row in box.rows] for box in boxes(scene.body)]


def frames(scene: Scene) -> list[Frame]:
    return [item for item in items_of(scene.body) if isinstance(item, Frame)]


def test_batch_norm_and_relu_stand_inside_their_convolution() -> None:
    b = Builder()
    b.input(3, 8, 8)
    b.conv(16, after=("bn", "relu"))
    assert rows(compose(b.network())) == [["input0"], ["conv3-16", "bn", "relu"]]


def test_companions_without_a_word_join_the_layer_they_follow() -> None:
    b = Builder()
    b.input(3, 8, 8)
    for word in ("bn", "relu"):
        b.word("conv", out=4, k=(1, 1))
        b.word(word)
    assert rows(compose(b.network()))[1:] == [["conv1-4", "bn"], ["conv1-4", "relu"]]


def test_a_companion_stands_alone_where_its_input_is_read_by_others() -> None:
    b = Builder()
    b.input(4, 8, 8)
    conv = b.word("conv", out=4, k=(3, 3))
    b.word("relu")
    b.word("add", conv, b.at)
    assert rows(compose(b.network()))[1:] == [["conv3-4"], ["relu"], ["add"]]


def test_a_pre_activation_stands_above_its_convolution() -> None:
    scene = compose(hand_made.dense_like())
    assert ["bn", "relu", "conv1-128"] in rows(scene)
    box = next(box for box in boxes(scene.body) if box.rows[-1].text == "conv1-128")
    assert box.main == 2
    assert box.family == "conv"


def test_an_input_takes_no_companion() -> None:
    b = Builder()
    b.input(3, 8, 8)
    b.word("bn")
    assert rows(compose(b.network())) == [["input0"], ["bn"]]


def test_a_companion_does_not_leave_its_frame() -> None:
    b = Builder()
    b.input(3, 8, 8)
    with b.scope(Kind.STAGE, "s"):
        b.word("conv", out=4, k=(3, 3))
    b.word("relu")
    assert rows(compose(b.network()))[1:] == [["conv3-4"], ["relu"]]


def test_copies_that_are_alike_are_drawn_once_and_counted() -> None:
    scene = compose(hand_made.resnet_like((3, 4)))
    assert [(frame.title, frame.times) for frame in frames(scene)] == [
        ("conv2", 1),
        ("bottleneck", 1),
        ("bottleneck", 2),
        ("conv3", 1),
        ("bottleneck", 1),
        ("bottleneck", 3),
    ]


def test_expanding_draws_every_copy() -> None:
    scene = compose(hand_made.resnet_like((3, 4)), expand=True)
    assert sum(frame.title == "bottleneck" for frame in frames(scene)) == 7
    assert all(item.times == 1 for item in items_of(scene.body) if not isinstance(item, Fork))
    assert len(list(boxes(scene.body))) > len(list(boxes(compose(hand_made.resnet_like((3, 4))).body)))


def test_a_repeat_of_one_layer_is_a_box_with_a_multiplier() -> None:
    b = Builder()
    b.input(8, 8, 8)
    with b.scope(Kind.REPEAT):
        for copy in range(3):
            with b.scope(Kind.COPY, copy=copy, copies=3):
                b.conv(8)
    last = list(boxes(compose(b.network()).body))[-1]
    assert (last.rows[0].text, last.times) == ("conv3-8", 3)


def test_a_repeat_of_several_layers_is_a_frame_with_a_multiplier() -> None:
    b = Builder()
    b.input(8, 32, 32)
    with b.scope(Kind.REPEAT):
        for copy in range(3):
            with b.scope(Kind.COPY, copy=copy, copies=3):
                b.conv(8)
                b.word("maxpool")
    (frame,) = frames(compose(b.network()))
    assert (frame.title, frame.times, len(list(boxes(frame)))) == ("", 3, 2)


def four_copies(b: Builder) -> list[int]:
    """The same convolution four times, as a repeat; what each copy leaves."""
    ends = []
    with b.scope(Kind.REPEAT):
        for copy in range(4):
            with b.scope(Kind.COPY, copy=copy, copies=4):
                ends.append(b.conv(8))
    return ends


def test_copies_that_leave_out_more_and_more_are_folded_and_tell_how_much() -> None:
    text = "input 8x8x8\nseq[ conv3-8; dropout(0.1*(copy+1)/3) ] x3\nseq[ droppath(0.1*(copy+1)) ] x4\n"
    found = [(box.rows[-1].text, box.note) for box in boxes(compose(archlang.parse(text).network).body)]
    assert found[1:] == [("dropout(0.0333…0.1)", ""), ("droppath", "p=0.1…0.4")]


def test_copies_whose_layers_differ_otherwise_are_not_folded() -> None:
    text = "input 8x8x8\nseq[ conv3-8(dilation=copy+1) ] x3\n"
    assert len(list(boxes(compose(archlang.parse(text).network).body))) == 4


def test_a_copy_that_others_read_is_not_folded_away() -> None:
    b = Builder()
    b.input(8, 8, 8)
    ends = four_copies(b)
    b.word("add", ends[1], ends[3])
    assert [box.times for box in boxes(compose(b.network()).body)] == [1, 2, 2, 1]


def test_a_copy_that_is_an_output_is_not_folded_away() -> None:
    b = Builder()
    b.input(8, 8, 8)
    ends = four_copies(b)
    scene = compose(b.network(ends[1], ends[3]))
    assert [box.times for box in boxes(scene.body)] == [1, 2, 2]
    assert problems(layout(scene)) == []


def test_a_tap_is_noted_on_the_box_it_leaves_and_keeps_its_copy() -> None:
    model = archlang.parse("net A { input 3x8x8; conv3-8 x3 as c1..; conv3-4\n taps c1, c2 }")
    notes = [(box.rows[0].text, box.note, box.times) for box in boxes(compose(model.network).body)]
    assert notes == [
        ("data", "", 1),
        ("conv3-8", "tap c1", 1),
        ("conv3-8", "tap c2", 1),
        ("conv3-8", "c3", 1),
        ("conv3-4", "", 1),
    ]


def test_copies_with_other_layers_are_drawn_apart() -> None:
    b = Builder()
    b.input(8, 8, 8)
    with b.scope(Kind.REPEAT):
        for copy, width in enumerate((8, 8, 16, 16, 16)):
            with b.scope(Kind.COPY, copy=copy, copies=5):
                b.conv(width)
    assert [box.times for box in boxes(compose(b.network()).body)] == [1, 2, 3]


def test_growing_channels_are_told_as_a_range_inside_and_as_they_leave_outside() -> None:
    b = Builder()
    b.input(8, 8, 8)
    with b.scope(Kind.REPEAT):
        for copy in range(3):
            with b.scope(Kind.COPY, copy=copy, copies=3):
                entered = b.at
                b.word("bn")
                b.word("concat", entered, b.at)
    scene = compose(b.network())
    assert sorted(scene.labels.values()) == ["64ch · 8x8", "8ch · 8x8", "8…32ch · 8x8"]


def test_branches_stand_side_by_side_and_a_projection_beside_the_trunk() -> None:
    forks = [item for item in items_of(compose(hand_made.googlenet_like()).body) if isinstance(item, Fork)]
    assert [(len(fork.columns), fork.straight) for fork in forks] == [(4, None), (4, None)]
    forks = [item for item in items_of(compose(hand_made.resnet_like()).body) if isinstance(item, Fork)]
    assert [(len(fork.columns), fork.straight) for fork in forks] == [(2, 0), (2, 0)]


def test_two_streams_stand_side_by_side_and_each_share_of_a_split_with_its_reader() -> None:
    scene = compose(hand_made.towers_like())
    first, second = (item for item in items_of(scene.body) if isinstance(item, Fork))
    assert [[box.rows[0].text for box in boxes(column)] for column in first.columns] == [
        ["input0", "conv3-64", "maxpool", "conv3-64"],
        ["input1", "conv3-64", "maxpool", "conv3-64"],
    ]
    assert [[box.rows[0].text for box in boxes(column)] for column in second.columns] == [["slice", "conv3-32"]] * 2


def test_a_train_only_head_is_dashed_and_stands_aside() -> None:
    scene = compose(hand_made.googlenet_like())
    head = next(frame for frame in frames(scene) if frame.kind == "aux")
    assert head.dashed
    assert head.aside
    assert all(box.dashed for box in boxes(head))
    assert not any(frame.dashed for frame in frames(scene) if frame is not head)


def test_identity_is_a_line_and_no_box() -> None:
    assert not any(row.text == "identity" for box in boxes(compose(hand_made.dense_like()).body) for row in box.rows)


def test_the_totals_leave_train_only_heads_out() -> None:
    b = Builder("Net")
    b.input(3, 8, 8)
    b.conv(16)
    with b.scope(Kind.AUX, "loss"):
        body = b.at
        b.word("FC", out=10)
        b.at = body
    b.word("gap")
    scene = compose(b.network())
    assert scene.subtitle == "448 params · 27.65 k MACs · depth 1"


@pytest.mark.parametrize(
    ("op", "written"),
    [
        (BY_WORD["conv"](out=64, k=(7, 7), stride=(2, 2)), "conv7-64/2"),
        (BY_WORD["conv"](out=8, k=(1, 7)), "conv1x7-8"),
        (BY_WORD["maxpool"](), "maxpool"),
        (BY_WORD["maxpool"](k=(3, 3), stride=(1, 1)), "maxpool3/1"),
        (BY_WORD["maxpool"](stride=(1, 1)), "maxpool2/1"),
        (BY_WORD["avgpool"](k=(7, 7)), "avgpool7"),
        (BY_WORD["maxpool"](k=(3, 3), stride=(3, 3)), "maxpool3"),
        (BY_WORD["subsample"](stride=(2, 2)), "subsample/2"),
        (BY_WORD["FC"](out=10), "FC-10"),
        (BY_WORD["relu"](), "relu"),
    ],
)
def test_a_layer_is_written_as_the_language_writes_it(op: object, written: str) -> None:
    assert short_form(op) == written


def test_the_options_that_matter_are_noted_and_the_usual_ones_are_not() -> None:
    assert options(BY_WORD["conv"](out=4, k=(3, 3), groups=2, bias=False)) == "groups=2"
    assert options(BY_WORD["conv"](out=4, k=(3, 3), pad=(0, 0))) == "pad=0"
    assert options(BY_WORD["maxpool"](k=(3, 3), pad=(1, 1))) == ""
    assert options(BY_WORD["slice"](index=1, parts=2)) == "part 2 of 2"


def test_a_layer_is_noted_by_the_name_its_word_was_given_and_not_by_what_it_is() -> None:
    b = Builder()
    b.input(3, 8, 8)
    for label in ("branch1x1", None):
        with b.scope(Kind.WORD, "conv", label):
            b.place(BY_WORD["conv"](out=4, k=(1, 1)), label="conv")
    b.place(BY_WORD["conv"](out=4, k=(1, 1)), label="score")
    assert [box.note for box in boxes(compose(b.network()).body)] == ["", "branch1x1", "", "score"]


def test_symbolic_sizes_are_written_out() -> None:
    height = symbol("H")
    assert tensor_text((64, ceil_div(height, 2), 7)) == "64ch · ceil(H/2)x7"
    assert tensor_text((64, height + 1, 7)) == "64ch · (H + 1)x7"


@pytest.mark.parametrize(
    ("number", "text"),
    [(999, "999"), (9_999, "9,999"), (61_706, "61.71 k"), (25_557_032, "25.56 M"), (4_089_184_256, "4.089 G")],
)
def test_amounts_have_four_figures(number: int, text: str) -> None:
    assert amount(number) == text


def test_scopes_nested_without_end_are_drawn_as_deep_as_a_person_can_follow() -> None:
    b = Builder()
    b.input(8, 8, 8)
    with ExitStack() as stack:
        for _ in range(400):
            stack.enter_context(b.scope(Kind.BLOCK, "deep"))
        b.conv(8)
        b.conv(8)
    scene = compose(b.network())
    assert len(frames(scene)) == 32
    assert problems(layout(scene)) == []


def test_a_wiring_that_its_scopes_contradict_is_drawn_flat() -> None:
    b = Builder()
    b.input(8, 8, 8)
    with b.scope(Kind.BLOCK, "torn"):
        inside = b.here
        first = b.conv(8)
    second = b.conv(8, 3, first)
    b.here = inside
    b.conv(8, 3, second)
    b.here = b.top
    scene = compose(b.network())
    assert frames(scene) == []
    assert [box.reads for box in boxes(scene.body)] == [(), (0,), (2,), (4,)]
    assert all(isinstance(item, Box) for item in scene.body.items)


def test_only_layers_with_weights_are_said_to_share_them() -> None:
    text = (
        "input left 1x8x8; input right 1x8x8\nblock tower { conv3-8 as c; maxpool }\n"
        "from left: tower as t\nfrom right: again(t) as u\nfrom t, u: concat\n"
    )
    drawn = archlang.parse(text).svg()
    assert "weights of t.c" in drawn
    assert drawn.count("weights of") == 1


def test_a_picture_of_more_boxes_than_anybody_could_look_at_is_refused():
    deep = archlang.parse(f"input 3x8x8\n[conv3-8; relu] x {MOST_BOXES}\n")
    with pytest.raises(archlang.ArchError) as raised:
        compose(deep.network, expand=True)
    (told,) = raised.value.diagnostics
    assert told.code == "picture-size"
    assert told.help == "leave out `--expand`"
    assert compose(deep.network)

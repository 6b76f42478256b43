"""Where two readings were possible: each line of the language's rules, in a small program."""

import pytest

from archlang.diagnostics import ArchError
from archlang.model import check, parse
from archlang.source import Source


def weights(text, variant=None, **more):
    """The keys of weights, with their shapes, in order: what a person sees of names and widths."""
    found = {}
    network = parse(text, variant=variant, **more).network
    for node in network.graph:
        if node.op.stateful and node.shares is None:
            for name, shape in node.op.tensors(network.entering(node)).items():
                if name in ("weight", ""):
                    found[f"{node.path}.{name}".rstrip(".")] = shape
    return found


def keys(text, variant=None):
    return list(weights(text, variant))


def out(text, **more):
    network = parse(text, **more).network
    return network.shapes[network.results[0].output]


def refused(text, **more):
    with pytest.raises(ArchError) as raised:
        parse(text, **more)
    return [d.code for d in raised.value.diagnostics if d.severity.value == "error"]


def words(text, **more):
    return [node.op.word for node in parse(text, **more).graph][1:]


# ---- words ----


def test_a_word_holds_for_its_whole_body_wherever_it_stands():
    assert words("input 3x8x8\nconv3-4\nconv means [conv; relu]") == ["conv", "relu"]


def test_a_block_uses_the_words_of_the_file_that_wrote_it_the_preludes_those_of_the_caller(tmp_path):
    (tmp_path / "mine.arch").write_text("conv means [conv; tanh]\nblock mine { conv3-4 }\n")
    (tmp_path / "main.arch").write_text(
        'import "mine.arch": mine\nconv means [conv; relu]\ninput 3x8x8\nmine; convbnrelu(4); doubleconv(4)\n'
    )
    from archlang.model import read

    found = [node.op.word for node in read(tmp_path / "main.arch").graph][1:]
    assert found[:2] == ["conv", "tanh"]
    assert found[-4:] == ["conv", "relu", "conv", "relu"]


def test_inside_its_own_line_a_word_is_the_plain_layer():
    assert words("conv means [bn; conv(bias=false); relu]\ninput 3x8x8\nconv3-4") == ["bn", "conv", "relu"]


def test_no_drops_one_companion_and_bare_all_but_the_options():
    lead = "conv means [conv(bias=false); bn; relu]\ninput 3x8x8\n"
    assert words(f"{lead}conv3-4 no relu") == ["conv", "bn"]
    assert words(f"{lead}conv3-4 no bn, relu") == ["conv"]
    assert parse(f"{lead}conv3-4 bare").params == 3 * 4 * 9


def test_the_options_of_a_call_override_those_of_the_word():
    lead = "maxpool means [maxpool(ceil=true)]\nconv means [conv(bias=false, pad=0)]\ninput 3x8x8\n"
    assert out(f"{lead}maxpool3/2") == (3, 4, 4)
    assert out(f"{lead}maxpool3/2(ceil=false)") == (3, 3, 3)
    assert parse(f"{lead}conv3-4(bias=true)").params == 3 * 4 * 9 + 4


def test_a_word_of_an_inner_body_is_over_that_of_the_file():
    text = "conv means [conv; relu]\nblock b {\n  conv means [conv; tanh]\n  conv3-4\n}\ninput 3x8x8\nb; conv3-4"
    assert words(text) == ["conv", "tanh", "conv", "relu"]


# ---- calls and defaults ----


def test_the_whole_name_comes_before_a_name_with_a_kernel():
    assert words("block conv3 { relu }\ninput 3x8x8\nconv3; conv5-2") == ["relu", "conv"]


def test_a_block_that_a_parameter_holds_comes_first():
    text = "block a { tanh }\nblock unit { relu }\nnet N(unit=a) {\n  input 3x8x8\n  unit\n}"
    assert words(text) == ["tanh"]


def test_a_block_of_the_file_is_over_the_preludes():
    assert words("block se { relu }\ninput 16x8x8\nse") == ["relu"]


def test_odd_convolutions_keep_the_size_and_even_ones_pad_nothing():
    assert out("input 3x9x9\nconv5-4") == (4, 9, 9)
    assert out("input 3x9x9\nconv3-4(dilation=2)") == (4, 9, 9)
    assert out("input 3x9x9\nconv4-4") == (4, 6, 6)


def test_pools_are_two_by_two_round_down_and_step_by_their_kernel():
    assert out("input 3x9x9\nmaxpool") == (3, 4, 4)
    assert out("input 3x9x9\navgpool3 => 3x3") == (3, 3, 3)
    assert out("input 3x8x8\nmaxpool3/2(ceil=true)") == (3, 4, 4)


def test_an_input_that_is_not_said_is_that_of_imagenet():
    model = parse("conv3-4")
    assert model.shapes[0] == (3, 224, 224)
    assert [d.code for d in model.warnings] == ["default-input"]


# ---- strides ----


def test_the_stride_of_a_group_goes_to_the_first_layer_of_each_branch_that_takes_one():
    text = "input 4x8x8\nconcat[ relu; conv3-4; conv3-4 | maxpool3(pad=1, stride=1); relu | conv1-2 ]"
    assert out(f"{text.replace('(pad=1, stride=1)', '(pad=1)')}/2") == (4 + 4 + 2, 4, 4)


def test_the_stride_of_a_repeat_is_the_first_copys_and_before_it_each_copys():
    assert out("input 3x16x16\nconv3-4 x3 /2") == (4, 8, 8)
    assert out("input 3x16x16\nconv3-4/2 x3") == (4, 2, 2)


def test_the_stride_of_a_block_is_its_parameter():
    assert out("block b(w, stride=1) { conv1-w; conv3-w/stride }\ninput 3x8x8\nb(4)/2") == (4, 4, 4)
    assert refused("block b(w) { conv3-w }\ninput 3x8x8\nb(4)/2") == ["stride-nowhere"]


# ---- variants ----


def test_without_one_chosen_the_variant_that_leaves_all_at_its_default_is_meant():
    text = "net N(k=2) {\n  variant a: k=1\n  variant b: k=2\n  variant c\n  input 3x8x8\n  conv3-k\n}"
    assert parse(text).variant == "b"
    assert out(text) == (2, 8, 8)
    assert parse("net N(k=2) { variant a: k=1; variant b: k=3; input 3x8x8; conv3-k }").variant == "a"


def test_guards_follow_the_order_declared():
    text = "net N { variant A, B, C, D\n input 3x8x8\n relu @B..C\n tanh @A, D\n @C: elu; gelu\n}"
    assert [words(text, variant=v) for v in "ABCD"] == [["tanh"], ["relu"], ["relu", "elu", "gelu"], ["tanh"]]


def test_after_a_dash_stands_a_variant_and_in_quotes_what_a_dash_cannot_spell():
    lead = "net V(k=2) { variant A: k=3; variant A-B: k=5\n input 3x8x8; conv3-k }\nnet N { input 3x8x8; "
    assert out(f"{lead}V-A }}") == (3, 8, 8)
    assert out(f'{lead}V(variant="A-B") }}') == (5, 8, 8)


# ---- nets as layers ----

TRUNK = "net T(k=4) {\n  input 3x8x8\n  conv3-k; maxpool\n  conv3-8 as last; maxpool as end\n  FC-10; softmax\n}\n"


def test_a_net_without_a_label_stands_as_if_its_statements_were_written_there():
    assert keys(f"{TRUNK}net N {{ input 3x8x8\n T to end; conv1-2 }}") == [
        "conv1.weight",
        "last.weight",
        "conv3.weight",
    ]


def test_with_a_label_its_names_stand_below_it():
    text = f"{TRUNK}net N {{ input 3x8x8\n T to end as trunk; conv1-2 }}"
    assert keys(text) == ["trunk.conv1.weight", "trunk.last.weight", "conv1.weight"]


def test_a_net_as_a_layer_leaves_out_its_softmax_and_its_heads():
    lead = TRUNK.replace("FC-10", "aux h { FC-3 }\n  FC-10")
    model = parse(f"{lead}net N {{ input 3x8x8\n T }}")
    assert words(f"{lead}net N {{ input 3x8x8\n T }}")[-1] == "FC"
    assert model.network.heads == ()


def test_a_net_takes_parameters_as_a_layer_too():
    assert weights(f"{TRUNK}net N {{ input 3x8x8\n T(k=7) to end }}")["conv1.weight"] == (7, 3, 3, 3)


# ---- the running tensor ----


def test_after_a_from_line_the_running_tensor_is_that_lines_end():
    assert out("input 3x8x8\nconv3-4 as a; conv3-5\nfrom a: conv3-6\nrelu") == (6, 8, 8)


def test_in_a_concat_the_running_tensor_comes_first():
    graph = parse("input 3x8x8\nconv3-4 as a; conv3-5\nconcat(a)").graph
    assert [graph[i].name for i in graph[3].inputs] == ["conv2", "a"]


def test_the_output_is_what_the_last_statement_leaves_unless_an_output_line_names_others():
    assert [r.name for r in parse("input 3x8x8\nconv3-4 as a; conv3-5 as b\noutput a, b").network.results] == ["a", "b"]
    assert out("input 3x8x8\nconv3-4 as a; conv3-5 as b\noutput a") == (4, 8, 8)


def test_several_inputs_have_names_and_the_first_starts_the_main_line():
    network = parse("input left 3x8x8\ninput right 2x8x8\nconv3-4 as a\nfrom right: conv3-4\nadd(a)").network
    assert [network.graph[i].name for i in network.inputs] == ["left", "right"]
    assert [network.shapes[i] for i in network.inputs] == [(3, 8, 8), (2, 8, 8)]


# ---- merges, values, depth ----


def test_split_gives_each_branch_its_share():
    assert weights("input 6x8x8\nsplit(2)[ conv3-4 | conv3-5 ]") == {
        "conv1.weight": (4, 3, 3, 3),
        "conv2.weight": (5, 3, 3, 3),
    }


def test_mul_lets_a_1x1_map_gate_and_add_does_not():
    assert out("input 4x8x8\nmul[ identity | gap ]") == (4, 8, 8)
    assert refused("input 4x8x8\nadd[ identity | gap ]") == ["branch-shapes"]


def test_softmax_flattens_one_by_one_and_works_per_pixel_else():
    assert parse("input 3x8x8\ngap; softmax").shapes[2] == (3,)
    assert parse("input 3x8x8\nsoftmax").shapes[1] == (3, 8, 8)


def test_a_residual_is_the_identity_where_shapes_agree_else_the_word():
    lead = "shortcut means [conv1-out.c/out.stride]\ninput 4x8x8\n"
    assert keys(f"{lead}res[conv3-4]") == ["conv1.weight"]
    assert weights(f"{lead}res[conv3-8/2]")["conv2.weight"] == (8, 4, 1, 1)


def test_depth_is_the_longest_path_and_gates_are_not_on_it():
    assert parse("input 4x8x8\nconcat[ conv3-4; conv3-4 | conv3-4 ]; FC-2").depth == 3
    assert parse("input 4x8x8\nmul[ conv3-4 | gap; conv1-4; conv1-4; conv1-4 ]").depth == 1


def test_again_shares_the_weights_and_counts_its_work_twice():
    once, twice = parse("input 4x8x8\nconv3-4 as a"), parse("input 4x8x8\nconv3-4 as a; again(a)")
    assert twice.params == once.params
    assert twice.macs == 2 * once.macs


# ---- labels ----


def test_a_label_in_a_block_belongs_to_that_call():
    assert keys("block b { conv1-3 as c }\ninput 3x8x8\nb; b as two") == ["b1.c.weight", "two.c.weight"]


def test_on_a_repeat_a_label_is_the_last_output_and_after_x0_what_entered():
    network = parse("input 3x8x8\nconv3-4 as first\nconv3-4 x2 as r\nconv3-5 x0 as none\nrelu").network
    assert network.labels["r"] == 3
    assert network.labels["none"] == 3


def test_labels_may_be_arguments():
    text = "block up(w, skip) { upsample; concat(skip); conv3-w }\ninput 3x8x8\nconv3-4 as d; maxpool\nup(6, d)"
    assert weights(text)["up1.conv1.weight"] == (6, 8, 3, 3)


def test_a_line_begins_with_a_parameter_that_holds_a_label():
    block = "block side(skip, w) { relu\nfrom skip: conv1-w as c\nfrom c, skip: add }"
    network = parse(f"{block}\ninput 3x8x8\nconv3-4 as d; relu\nside(d, 4)").network
    start, (side, total) = network.labels["d"], list(network.graph)[-2:]
    assert side.inputs == (start,)
    assert total.inputs == (side.id, start)


def test_a_parameter_that_holds_a_number_is_no_beginning_of_a_line():
    assert refused("block b(w) { conv3-w\nfrom w: relu }\ninput 3x8x8\nb(4)") == ["unknown-label"]


# ---- settings ----


def test_ranges_follow_the_file_and_later_lines_win():
    network = parse("input 3x8x8\nconv3-4 as a; conv3-4 as b; conv3-4 as c\nlr a..b = 0.1; lr b = 2\nfreeze c").network
    assert dict(network.settings.lr) == {1: 0.1, 2: 2.0}
    assert network.settings.frozen == {3}


def test_a_layer_word_and_all_name_layers_too():
    network = parse("input 3x8x8\nconv3-4; bn; FC-2\ndecay all = 0.1; decay bn = 0; init conv = gaussian(0.01)").network
    assert dict(network.settings.decay) == {1: 0.1, 2: 0.0, 3: 0.1}
    assert list(network.settings.init) == [1]


# ---- names ----


def test_an_unlabelled_layer_is_its_family_and_its_turn():
    text = "input 3x8x8\nconv3-4; bn; conv3-4; maxpool; bn; FC-2"
    assert keys(text) == ["conv1.weight", "bn1.weight", "conv2.weight", "bn2.weight", "fc1.weight"]


def test_in_a_named_stage_every_primitive_counts_from_0():
    text = "block b { conv1-4 }\ninput 3x8x8\nstage s: conv3-4; relu; maxpool; conv3-4; b; FC-2"
    assert keys(text) == ["s.0.weight", "s.3.weight", "s.4.conv1.weight", "s.5.weight"]


def test_plain_groups_and_unnamed_stages_add_no_level():
    assert keys("input 3x8x8\nstage conv3-4\n[conv3-4; relu] x2\nres[conv3-4]") == [
        f"conv{i}.weight" for i in (1, 2, 3, 4)
    ]


def test_a_branching_construct_is_one_level_of_a_stage():
    assert keys("input 3x8x8\nstage s: relu; concat[ conv3-4 | conv3-4 ]") == ["s.1.conv1.weight", "s.1.conv2.weight"]


def test_as_names_the_only_part_with_weights_else_makes_a_level():
    assert keys("conv means [conv; relu]\ninput 3x8x8\nconv3-4 as a") == ["a.weight"]
    assert keys("conv means [conv; bn]\ninput 3x8x8\nconv3-4 as a") == ["a.conv1.weight", "a.bn1.weight"]
    assert keys("conv means [conv; bn]\ninput 3x8x8\nconv3-4 as (a, b)") == ["a.weight", "b.weight"]
    assert keys("conv means [conv as c; bn as n]\ninput 3x8x8\nconv3-4") == ["conv1.c.weight", "conv1.n.weight"]


def test_copies_are_numbered_from_the_number_said():
    text = "block b { conv1-3 }\ninput 3x8x8\nstage s: b x2 as layer4.."
    assert keys(text) == ["s.layer4.conv1.weight", "s.layer5.conv1.weight"]


def test_a_head_of_one_call_is_that_call_and_a_block_of_one_sequence_is_that_sequence():
    assert keys("block h { FC-2 }\ninput 3x8x8\nconv3-4\naux side { h }\nrelu") == ["conv1.weight", "side.fc1.weight"]
    assert keys("block b { seq[ conv3-4; relu; conv3-4 ] }\ninput 3x8x8\nb") == ["b1.0.weight", "b1.2.weight"]


def test_one_tensor_alone_is_a_parameter_under_its_label():
    assert weights("input 3x8x8\nposbias as bias; scale") == {"bias": (3, 8, 8), "scale1": (3, 1, 1)}


def test_a_name_of_nn_module_gets_an_underscore_and_a_warning():
    model = parse("input 3x8x8\nconv3-4 as train")
    assert [d.code for d in model.warnings] == ["reserved-name"]
    assert keys("input 3x8x8\nconv3-4 as train") == ["train_.weight"]


def test_a_note_names_the_variants_that_drew_a_complaint():
    text = "net N {\n  variant a, b, c\n  input 3x8x8\n  conv3-8\n  expect params == 1 @a, b\n}"
    (found,) = check(Source("net.arch", text))
    assert found.notes[-1] == "in the variants `a`, `b`"


def test_as_many_names_as_parts_are_left_are_taken():
    means = "conv means [conv; bn; relu]\ninput 3x8x8\n"
    assert parse(f"{means}conv3-8 as (c, b)").layers[0].path == "c"
    (found,) = check(Source("net.arch", f"{means}conv3-8 no bn as (c, b)"))
    assert found.severity == "error"


def test_a_shortcut_is_told_of_a_stride_that_differs_by_axis():
    text = "shortcut means [conv1-out.c(stride=out.stride)]\ninput 8x8x8\nres[ conv3-16(stride=[2, 1]) ]"
    assert parse(text).shapes[3] == (16, 4, 8)


def test_a_list_may_hold_its_limit_and_no_more():
    text = "let a = range(0, {0})\ninput 3x8x8\nconv3-(len(a) // {0} + 7)"
    assert out(text.format(10_000)) == (8, 8, 8)
    assert refused(text.format(10_001)) == ["list-size"]


def test_numbers_are_equal_by_value_and_strings_by_their_text():
    for said, width in (("1 == 1.0", 8), ("2 != 2.0", 4), ('"a" == "a"', 8), ('"a" != "b"', 8), ('"1" == 1', 4)):
        text = f"if {said} {{ conv3-8 }} else {{ conv3-4 }}"
        assert out(f"input 3x8x8\n{text}") == (width, 8, 8), said


def test_a_stride_goes_to_a_labelled_branch_of_one_layer_too():
    assert out("input 3x8x8\nconcat[ left: conv3-4 | right: conv1-4 ]/2") == (8, 4, 4)
    assert refused("input 3x8x8\nconcat[ left: conv3-4 | right: relu ]/2") == ["stride-nowhere"]


def test_a_loop_of_too_many_layers_is_told_of_at_its_first_round():
    body = "; ".join(["relu"] * 200)
    assert refused(f"input 3x8x8\nfor i in range(9000) {{ {body} }}") == ["too-many-layers"]


def test_an_option_may_be_its_most_and_no_more():
    assert out("input 3x8x8\ndropout(1)") == (3, 8, 8)
    assert refused("input 3x8x8\ndropout(1.01)") == ["option"]


def test_a_decimal_that_is_whole_is_told_as_a_decimal():
    with pytest.raises(ArchError, match=r"this is the decimal 2\.0\n"):
        parse("input 3x8x8\nconv3-2.0")


def test_what_is_true_is_told_as_true():
    for said in ("true", "false"):
        with pytest.raises(ArchError, match=f"this is {said}\n"):
            parse(f"input 3x8x8\nlet w = 1 {'==' if said == 'true' else '!='} 1\nconv3-w")

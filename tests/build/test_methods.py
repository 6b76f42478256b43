"""What a built module offers beside its forward: readings, loss, taps, groups, frozen layers, initialisations."""

from __future__ import annotations

import inspect

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import archlang

HEAD = "conv means [conv; bn; relu]\ninput 3x16x16\n"


def built(text, **how):
    return archlang.parse(f"net N {{\n{HEAD}{text}\n}}", **how).build()


def image(batch=2, channels=3):
    return torch.randn(batch, channels, 16, 16, generator=torch.Generator().manual_seed(0))


def test_forward_returns_the_logits_and_predict_reads_them():
    module = built("conv3-4; gap; FC-5; softmax").eval()
    torch.testing.assert_close(module.predict(image()), F.softmax(module(image()), 1))
    assert module.predict(image()).sum(1).allclose(torch.ones(2))


def test_a_network_without_a_reading_has_no_predict_and_no_loss():
    module = built("conv3-4; gap; FC-5")
    assert not hasattr(module, "predict")
    assert not hasattr(module, "loss")


def test_the_loss_of_a_network_that_ends_in_a_reading_is_the_cross_entropy_of_its_logits():
    module = built("conv3-4; gap; FC-5; softmax")
    logits, target = module(image()), torch.tensor([1, 4])
    torch.testing.assert_close(module.loss(logits, target), F.cross_entropy(logits, target))


def test_a_map_that_ends_in_a_reading_has_the_loss_of_every_pixel():
    module = built("conv3-4; conv1-5 bare; softmax")
    target = torch.randint(0, 5, (2, 16, 16))
    torch.testing.assert_close(module.loss(module(image()), target), F.cross_entropy(module(image()), target))


def test_outputs_with_classes_of_their_own_have_a_target_each():
    text = "conv3-4 as c; gap; FC-5; softmax as cls\nfrom c: conv1-2 bare; softmax as seg\n"
    module = built(f"{text}from c: conv1-3 bare as raw\noutput raw, seg, cls")
    result = module(image())
    seg, cls = torch.ones(2, 16, 16, dtype=torch.long), torch.tensor([1, 4])
    wanted = F.cross_entropy(result.seg, seg) + F.cross_entropy(result.cls, cls)
    torch.testing.assert_close(module.loss(result, (seg, cls)), wanted)


def test_a_head_beside_several_outputs_is_trained_on_the_target_with_its_classes():
    text = "conv3-4 as c\naux side(weight=0.5) { gap; FC-5; softmax }\ngap; FC-5; softmax as cls\n"
    module = built(f"{text}from c: conv1-2 bare; softmax as seg\nfrom c: conv1-3 bare as raw\noutput raw, seg, cls")
    result = module(image())
    seg, cls = torch.ones(2, 16, 16, dtype=torch.long), torch.tensor([1, 4])
    both = F.cross_entropy(result.seg, seg) + F.cross_entropy(result.cls, cls)
    torch.testing.assert_close(module.loss(result, (seg, cls)), both + 0.5 * F.cross_entropy(result.side, cls))
    output = module.eval()(image())
    assert output.side is None
    both = F.cross_entropy(output.seg, seg) + F.cross_entropy(output.cls, cls)
    torch.testing.assert_close(module.loss(output, (seg, cls)), both)


def test_logits_of_a_1x1_map_come_flat_as_their_softmax_would():
    assert built("conv3-4; conv1-5 bare; gap; softmax").eval()(image()).shape == (2, 5)


def test_a_softmax_in_the_middle_is_a_layer_and_stays():
    module = built("conv3-4; gap; FC-5; softmax; FC-3").eval()
    hooked = []
    module.fc2.register_forward_pre_hook(lambda _, args: hooked.append(args[0]))
    module(image())
    assert hooked[0].sum(1).allclose(torch.ones(2))


HEADS = """
conv3-4
aux one(weight=0.25) { gap; FC-5; softmax }
aux two(weight=0.5) { conv1-5 bare; gap; softmax }
gap; FC-5; softmax
"""


def test_heads_are_given_out_in_training_only_after_the_output():
    module = built(HEADS)
    result = module(image())
    assert result._fields == ("logits", "one", "two")
    assert [tuple(t.shape) for t in result] == [(2, 5)] * 3
    assert isinstance(module.eval()(image()), torch.Tensor)


def test_the_loss_weighs_the_heads_as_the_file_says():
    module = built(HEADS)
    target = torch.tensor([1, 4])
    result = module(image())
    parts = [F.cross_entropy(one, target) for one in result]
    torch.testing.assert_close(module.loss(result, target), parts[0] + 0.25 * parts[1] + 0.5 * parts[2])
    single = module.eval()(image())
    torch.testing.assert_close(module.loss(single, target), F.cross_entropy(single, target))


def test_predict_of_a_network_with_heads_works_in_both_modes():
    module = built(HEADS)
    assert module.predict(image()).shape == (2, 5)
    assert module.eval().predict(image()).shape == (2, 5)


def test_several_outputs_are_one_named_tuple_in_the_files_order():
    module = built("conv3-4 as c; gap; FC-5; softmax as cls\nfrom c: conv1-2 bare as seg\noutput seg, cls").eval()
    result = module(image())
    assert result._fields == ("seg", "cls")
    assert (result.seg.shape, result.cls.shape) == ((2, 2, 16, 16), (2, 5))
    read = module.predict(image())
    torch.testing.assert_close(read.seg, result.seg)
    torch.testing.assert_close(read.cls, F.softmax(result.cls, 1))


def test_several_inputs_are_arguments_by_their_names():
    text = """net N {
        input left 3x16x16
        input right 1x16x16
        from left: conv3-4 as l
        from right: conv3-4 as r
        from l, r: add; gap; FC-2
    }"""
    module = archlang.parse(text).build()
    assert list(inspect.signature(module.forward).parameters) == ["left", "right"]
    assert module(right=image(channels=1), left=image()).shape == (2, 2)


def test_features_are_the_taps_by_name():
    module = built("stage a: conv3-4\nmaxpool\nstage b: conv3-8\ngap; FC-2\ntaps a, b").eval()
    found = module.features(image())
    assert {name: tuple(t.shape) for name, t in found.items()} == {"a": (2, 4, 16, 16), "b": (2, 8, 8, 8)}
    torch.testing.assert_close(found["b"], module.b(F.max_pool2d(found["a"], 2)))
    assert not hasattr(built("conv3-4; gap; FC-2"), "features")


SETTINGS = """
conv3-4 as a; conv3-4 as b
stage s: conv3-8 x2
gap; FC-4 as head; softmax
freeze a..b
lr s = 0.1
lr head = 10
decay s = 0.002
"""


def names_of(module, parameters):
    ids = {id(p): name for name, p in module.named_parameters()}
    return {ids[id(p)] for p in parameters}


def test_parameter_groups_are_exactly_the_files():
    module = built(SETTINGS)
    groups = module.parameter_groups(0.5, 0.01)
    table = {(g["lr"], g["weight_decay"]): names_of(module, g["params"]) for g in groups}
    assert set(table) == {(0.05, 0.002), (5.0, 0.01)}
    assert table[5.0, 0.01] == {"head.weight", "head.bias"}
    assert all(name.startswith("s.") for name in table[0.05, 0.002])
    learning = {name for name, p in module.named_parameters() if p.requires_grad}
    assert set().union(*table.values()) == learning
    torch.optim.SGD(groups, lr=0.5)


def test_names_that_begin_alike_are_not_taken_for_each_other():
    module = built("conv3-4 x11\ngap; FC-4\nlr conv1 = 3")
    groups = {g["lr"]: names_of(module, g["params"]) for g in module.parameter_groups(1.0)}
    assert groups[3.0] == {f"{name}.{part}" for name in ("conv1", "bn1") for part in ("weight", "bias")}


def test_frozen_layers_take_no_gradient_and_their_batch_norm_stays_in_eval_mode():
    module = built(SETTINGS)
    frozen = [m for name, m in module.named_modules() if name.startswith(("a.", "b."))]
    norms = [m for m in frozen if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == 2
    assert all(not p.requires_grad for m in frozen for p in m.parameters())
    for step in (lambda: None, module.train, module.eval, module.train):
        step()
        assert not any(norm.training for norm in norms)
    assert module.s.training
    before = [norm.running_mean.clone() for norm in norms]
    result = module(image())
    result.sum().backward()
    assert all(torch.equal(old, norm.running_mean) for old, norm in zip(before, norms, strict=True))
    assert module.train() is module


def test_a_layer_after_a_flattening_inside_a_stage_is_frozen_by_its_own_number():
    module = built("stage s: conv3-4; gap; FC-6; relu; FC-4\nfreeze s.4")
    frozen = {name for name, p in module.named_parameters() if not p.requires_grad}
    assert frozen == {"s.4.weight", "s.4.bias"}


def test_tensors_and_arguments_may_be_called_what_the_source_uses_for_itself():
    module = built("""
        block b(layer, i=1) { conv3-layer(groups=i); relu }
        b(4) as heads; maxpool; [b(4, 2); b(4, 2)] x2
        conv3-4 as returned; add[ identity | conv3-4 ]; gap; FC-2; softmax
        taps heads, returned
    """)
    found = module.eval().features(image())
    assert {name: t.shape[1] for name, t in found.items()} == {"heads": 4, "returned": 4}


def test_init_lines_fill_the_layers_they_mean_and_no_others():
    torch.manual_seed(0)
    module = built(
        "conv3-32 as a; conv3-32\ngap; FC-4\ninit conv = gaussian(0.01)\ninit a = constant(0.5)\ninit fc1 = zeros"
    )
    assert module.a.conv1.weight.unique().tolist() == [0.5]
    assert 0.009 < module.conv2.weight.std().item() < 0.011
    assert module.conv2.bias.abs().max() == 0
    assert module.fc1.weight.abs().max() == 0
    assert module.bn1.weight.unique().tolist() == [1.0]


def test_a_bilinear_deconvolution_enlarges_a_slope_without_bending_it():
    module = archlang.parse("net N { input 2x8x8\ndeconv4-2/2(bias=false, pad=1)\ninit deconv = bilinear }").build()
    slope = torch.arange(8.0).expand(1, 2, 8, 8).contiguous()
    steps = module(slope)[0, 0, 4, 2:14].diff()
    torch.testing.assert_close(steps, torch.full_like(steps, 0.5))


def test_a_label_that_a_method_would_take_keeps_its_key_and_the_method_steps_aside():
    module = built("stage features: conv3-4\nconv3-4 as predict; gap; FC-2 as loss; softmax\ntaps predict").eval()
    keys = set(module.state_dict())
    assert {"features.0.weight", "predict.conv1.weight", "loss.weight"} <= keys
    assert set(module.features2(image())) == {"predict"}
    assert module.predict2(image()).shape == (2, 2)


def test_the_method_that_groups_parameters_steps_aside_too():
    module = built("conv3-4 as parameter_groups; gap; FC-2\nlr parameter_groups = 0.1").eval()
    assert module(image()).shape == (2, 2)
    assert {group["lr"] for group in module.parameter_groups2(1.0)} == {0.1, 1.0}


def test_a_traceback_shows_the_emitted_line():
    module = built("conv3-4; gap; FC-5")
    with pytest.raises(RuntimeError) as caught:
        module(torch.zeros(1, 7, 16, 16))
    assert any("self.conv1(x)" in str(entry.statement) for entry in caught.traceback)
    assert "class N(nn.Module)" in inspect.getsource(type(module))

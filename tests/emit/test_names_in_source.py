"""Names that mean something to Python, and layers that mean nothing to the output."""

from __future__ import annotations

import pytest
import torch

import archlang


def module_of(text: str) -> torch.nn.Module:
    with torch.device("meta"):
        return archlang.parse(text).build()


@pytest.mark.parametrize("name", ["__conv", "__class", "_run", "class", "torch", "nn", "F", "self", "Tensor", "super"])
@pytest.mark.parametrize("body", ["conv3-4 as {}", "[conv3-4 as {}; bn] as part", "seq[conv3-4; bn] as {}"])
def test_a_layer_keeps_its_name_as_key_and_runs_whatever_python_makes_of_it(name, body):
    module = module_of(f"input 3x8x8\n{body.format(name)}; relu")
    assert module(torch.empty(1, 3, 8, 8, device="meta")).shape == (1, 4, 8, 8)
    assert any(part.strip("_") == name.strip("_") for key in module.state_dict() for part in key.split("."))


def test_a_blocks_name_that_python_would_mangle_is_the_key_as_it_stands():
    module = module_of("block __unit(w) { conv3-w; bn }\ninput 3x8x8\n__unit(4); relu")
    assert "__unit1.conv1.weight" in module.state_dict()
    assert module(torch.empty(1, 3, 8, 8, device="meta")).shape == (1, 4, 8, 8)


def test_a_name_of_an_import_is_no_reason_to_import_it():
    text = archlang.parse("input 3x8x8\nconv3-4 as OrderedDict; conv3-5 as Any; conv3-6 as NamedTuple; relu").code()
    assert "import OrderedDict" not in text
    assert "from typing" not in text


def test_a_layer_whose_output_nobody_reads_is_made_and_not_run():
    network = "net N { input 3x8x8\nconv3-4 as a; gap; FC-5 as end\nfrom a: conv3-6 as idle; bn as idler\noutput end }"
    text = archlang.parse(network).code()
    assert "self.idle = nn.Conv2d(" in text
    assert "self.idle(" not in text
    assert "self.idler(" not in text


def test_a_head_without_weights_is_given_out_in_training_like_any_other():
    module = module_of("input 3x8x8\nconv3-4\naux side(weight=0.5) { gap; relu }\ngap; FC-4; softmax")
    output = module.train()(torch.empty(2, 3, 8, 8, device="meta"))
    assert output._fields == ("logits", "side")

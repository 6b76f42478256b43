"""The networks that read words: against the published file, and what their modules do with a sentence."""

from __future__ import annotations

import pytest
import torch
from rows import caffe_rows, disagreements, our_rows

import archlang

SMALL = {"show_and_tell": {"width": 8, "words": 30}, "video2text": {"hidden": 8, "words": 30}}
NAMES = [("video2text", "pooled"), ("video2text", "frames"), ("show_and_tell", "googlenet")]


def made(name, variant):
    """A network with few words, and a sentence with what it sees: words first or last, as its file has them."""
    torch.manual_seed(0)
    model = archlang.read(name, variant=variant, **SMALL[name])
    inputs = []
    for id_ in model.network.inputs:
        words = model.network.vocabulary(id_)
        sizes = (2, *model.shapes[id_])
        inputs.append(torch.randn(sizes) if words is None else torch.randint(words, sizes))
    return model.build(), inputs


def test_every_layer_of_the_video_describer_agrees_with_the_caffe_file(facts, measured):
    net = facts("caffe_dense")["video2text_poolmean"]
    model = archlang.read("video2text", variant="pooled", input="1")  # the file for use says one word at a time
    assert disagreements(our_rows(model, measured), caffe_rows(net), {"beside", "softmax"}) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize(
    ("name", "variant"),
    [NAMES[0], *(pytest.param(*each, marks=pytest.mark.slow) for each in NAMES[1:])],
)
def test_a_network_of_words_is_one_graph_and_is_exported(name, variant):
    module, inputs = made(name, variant)
    module.eval()
    with torch.no_grad():
        plain = module(*inputs)
        compiled = torch.compile(module, fullgraph=True, backend="eager")(*inputs)
        exported = torch.export.export(module, tuple(inputs)).module()(*inputs)
    torch.testing.assert_close(compiled, plain)
    torch.testing.assert_close(exported, plain)


def test_a_word_changes_what_is_said_from_it_on_and_nothing_before():
    module, (sentence, seen) = made("video2text", "pooled")
    other = sentence.clone()
    other[:, 7] = (other[:, 7] + 1) % 30
    before, after = module.eval()(sentence, seen), module(other, seen)
    assert torch.equal(before[:, :7], after[:, :7])
    assert all(not torch.equal(before[:, at], after[:, at]) for at in range(7, 20))


def test_frames_in_another_order_are_told_alike():
    module, (sentence, frames) = made("video2text", "frames")
    turned = frames.unflatten(1, (4, 3)).flip(1).flatten(1, 2)
    module.eval()
    torch.testing.assert_close(module(sentence, turned), module(sentence, frames))


def test_the_image_is_the_first_word():
    module, (image, caption) = made("show_and_tell", "googlenet")
    module.eval()
    said = module(image, caption)
    assert said.shape == (2, 21, 30)
    other = caption.clone()
    other[:, 0] = (other[:, 0] + 1) % 30
    assert torch.equal(module(image, other)[:, 0], said[:, 0])
    torch.testing.assert_close(module.predict(image, caption).sum(2), torch.ones(2, 21))


def test_the_loss_is_that_of_each_word_and_some_are_not_asked_for():
    module, (sentence, seen) = made("video2text", "pooled")
    output = module(sentence, seen)
    target = torch.randint(30, (2, 20))
    by_word = torch.nn.functional.cross_entropy(output.flatten(0, 1), target.flatten())
    torch.testing.assert_close(module.loss(output, target), by_word)
    target[:, 0] = -100
    asked = torch.nn.functional.cross_entropy(output[:, 1:].flatten(0, 1), target[:, 1:].flatten())
    torch.testing.assert_close(module.loss(output, target), asked)


HEADED = """
net Headed {
  input words 7
  embed-8(words=9); lstm-8
  aux early(weight=0.5) { FC-5; softmax }
  lstm-8; FC-5; softmax
  init lstm = orthogonal
}
"""
TWICE = """
net Twice {
  input left 7
  input right 7
  block say { embed-8(words=9); lstm-8 }
  from left: say as a
  from right: again(a) as b
  from a, b: add; lstm-4 x2; mean; FC-3; softmax
}
"""


def test_a_head_on_a_sequence_is_trained_on_each_word_too():
    torch.manual_seed(0)
    module = archlang.parse(HEADED).build().train()
    words, target = torch.randint(9, (3, 7)), torch.randint(5, (3, 7))
    output = module(words)
    by_word = [torch.nn.functional.cross_entropy(one.flatten(0, 1), target.flatten()) for one in output]
    torch.testing.assert_close(module.loss(output, target), by_word[0] + 0.5 * by_word[1])
    matrix = module.lstm1.weight_hh_l0.detach()
    torch.testing.assert_close(matrix.T @ matrix, torch.eye(8))
    assert not module.lstm1.bias_ih_l0.any()


def test_two_sentences_are_read_with_the_same_weights():
    torch.manual_seed(0)
    model = archlang.parse(TWICE)
    assert model.params == 9 * 8 + (32 * 16 + 64) + (16 * 12 + 32) + (16 * 8 + 32) + 15
    module = model.build().eval()
    left, right = torch.randint(9, (2, 3, 7))
    torch.testing.assert_close(module(left, right), module(right, left))

"""Every kind's facts are PyTorch's: shapes, tensors, operations and what autograd keeps."""

from random import Random

import pytest

torch = pytest.importorskip("torch")

from instances import MAKERS  # noqa: E402
from said_in_pytorch import Layer, stands_alone  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archlang.ops import ALL  # noqa: E402
from archlang.ops.dim import count  # noqa: E402
from archlang.ops.limits import checked_shape  # noqa: E402

torch.set_num_threads(1)
SEEDS = range(12)
WORDS = [op.word for op in ALL]


def ways(op, shapes):
    if stands_alone(op, shapes):
        yield Layer(op, shapes, by_module=True)
    if op.apply(shapes) is not None:
        yield Layer(op, shapes, by_module=False)


def tensors(shapes, batch, *, words=None, **how):
    if words is not None:
        return [torch.randint(words, (batch, *shape)) for shape in shapes]
    return [torch.randn(batch, *shape, **how) for shape in shapes]


@pytest.mark.parametrize("word", WORDS)
def test_shapes_tensors_and_operations_are_pytorchs(word):
    for seed in SEEDS:
        op, shapes = MAKERS[word](Random(seed))
        output = checked_shape(op, shapes)
        with torch.device("meta"):
            layers = list(ways(op, shapes))
            assert layers, f"{op} is never said"
            for layer in layers:
                counter = FlopCounterMode(display=False)
                with counter:
                    result = layer(*tensors(shapes, 2, words=op.vocabulary))
                assert tuple(result.shape[1:]) == output, (op, shapes)
                assert counter.get_total_flops() == 2 * 2 * op.macs(shapes, output), (op, shapes)
                learned = {
                    name.removeprefix("it").removeprefix("."): tuple(p.shape) for name, p in layer.named_parameters()
                }
                assert learned == (op.tensors(shapes) if op.stateful else {}), (op, shapes)
                kept = {name.removeprefix("it."): tuple(b.shape) for name, b in layer.named_buffers()}
                assert kept == (op.buffers(shapes) if op.stateful else {}), (op, shapes)


@pytest.mark.parametrize("word", WORDS)
def test_a_module_and_its_function_say_the_same(word):
    for seed in SEEDS:
        op, shapes = MAKERS[word](Random(seed))
        inputs = tensors(shapes, 2, words=op.vocabulary)
        results = [layer.eval()(*inputs) for layer in ways(op, shapes)]
        for result in results[1:]:
            torch.testing.assert_close(result, results[0])


def saved_bytes(layer, inputs):
    """Bytes of the unique storages that autograd keeps: by input, of the output, and the rest."""
    seen = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = layer(*inputs)
    for parameter in layer.parameters():
        seen.pop(parameter.untyped_storage().data_ptr(), None)
    mine = {t.untyped_storage().data_ptr(): i for i, t in enumerate(inputs)}
    ports = {mine[at] for at in seen if at in mine}
    end = output.untyped_storage().data_ptr()
    rest = sum(size for at, (size, _) in seen.items() if at not in mine and at != end)
    return ports, end in seen and end not in mine, rest


@pytest.mark.parametrize("word", WORDS)
def test_what_backward_needs_is_what_autograd_keeps(word):
    for seed in SEEDS:
        op, shapes = MAKERS[word](Random(seed))
        output = checked_shape(op, shapes)
        layer = list(ways(op, shapes))[-1].train()
        if word == "bn" and count(shapes[0]) == shapes[0][0]:
            continue  # one value a channel, in a batch of one, has no variance
        said = op.saved(shapes, output)
        # Attention keeps what enters in another order; of one image that is no other, and it is kept itself.
        for batch in (2, 3) if word == "attention" else (1, 3):
            inputs = tensors(shapes, batch, words=op.vocabulary, requires_grad=True)
            own = batch * said.extra + said.fixed
            assert saved_bytes(layer, inputs) == (set(said.inputs), said.output, own), (op, shapes)


STATEFUL = [word for word in WORDS if MAKERS[word](Random(0))[0].stateful]


@pytest.mark.parametrize("word", STATEFUL)
def test_what_backward_needs_of_a_frozen_layer_is_what_autograd_keeps(word):
    for seed in SEEDS:
        op, shapes = MAKERS[word](Random(seed))
        layer = list(ways(op, shapes))[-1].train(mode=word != "bn").requires_grad_(requires_grad=False)
        said = op.saved_frozen(shapes, checked_shape(op, shapes))
        for batch in (2, 3):
            inputs = tensors(shapes, batch, words=op.vocabulary, requires_grad=True)
            own = batch * said.extra + said.fixed
            assert saved_bytes(layer, inputs) == (set(said.inputs), said.output, own), (op, shapes)

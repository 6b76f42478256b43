"""The zoo beside torchvision: the same keys, and with the same numbers the same outputs, losses and gradients."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

import pytest
import torch
import with_torchvision
from randomised import randomise, settle
from sampled import every
from torch import Tensor
from torch.nn import functional as F

import archlang

HERE = Path(__file__).parent
ROWS = [row for path in sorted((HERE / "torchvision").glob("*.json")) for row in json.loads(path.read_text("utf-8"))]


def named(row):
    return row["zoo"] if not row["zoo"].endswith(".arch") else Path(row["zoo"]).stem


def pytest_params(rows):
    """Every row as a case, those that are not for every run marked slow."""
    return [pytest.param(r, id=named(r), marks=() if r.get("ci") else pytest.mark.slow) for r in rows]


def ours(row, **more):
    place = row["zoo"] if not row["zoo"].endswith(".arch") else str(HERE.parent / row["zoo"])
    return archlang.read(place, **row.get("set", {}), **more)


def theirs(row):
    return with_torchvision.model(row["torchvision"], **row.get("kwargs", {}))


@pytest.fixture
def no_dropout(monkeypatch):
    """Dropout lets everything through: it draws its own numbers, and says nothing of how it is written."""
    for name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"):
        monkeypatch.setattr(F, name, lambda x, *_args, **_options: x)


# ---- names, shapes and counts --------------------------------------------------


@pytest.mark.parametrize("row", every(3, ROWS), ids=named)
def test_a_network_has_torchvisions_keys_shapes_and_counts(row, tensors):
    model = ours(row)
    module = theirs(row)
    published = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
    made = dict(tensors(model))
    assert sorted(published.keys() - made.keys()) == []
    assert sorted(made.keys() - published.keys()) == []
    assert [key for key in made if made[key] != published[key]] == []
    assert model.params_train == sum(prod(parameter.shape) for parameter in module.parameters())


def test_the_zoo_writes_every_classifier_and_segmenter_of_torchvision_but_these():
    """Transformers with windows are not in the zoo yet, nor MobileNet's ways to label pixels."""
    kinds = (with_torchvision.models, with_torchvision.models.segmentation)
    there = {name for kind in kinds for name in with_torchvision.models.list_models(module=kind)}
    lacking = there - {row["torchvision"] for row in ROWS}
    windows = {f"swin_{version}{size}" for version in ("", "v2_") for size in "tsb"} | {"maxvit_t"}
    assert lacking == windows | {"deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"}


# ---- outputs -------------------------------------------------------------------


def close(a, b):
    """Whether two tensors agree to 1e-4 of the largest number of the second."""
    assert a.shape == b.shape
    assert b.isfinite().all()
    return bool((a - b).abs().max() <= 1e-4 * b.abs().max())


def outputs(result, heads):
    """What a model of either side returned, by our names: the logits, and those of the heads that train."""
    if isinstance(result, Tensor):
        return {"logits": result}
    found = result._asdict() if hasattr(result, "_asdict") else dict(result)
    first = next(iter(found))
    return {"logits": found[first], **{name: found[heads.get(name, (name,))[0]] for name in heads}}


def loss_of(found, heads, target):
    weights = {"logits": 1.0, **{name: weight for name, (_, weight) in heads.items()}}
    return sum(weights[name] * F.cross_entropy(logits, target) for name, logits in found.items())


def data(row):
    noise = torch.Generator().manual_seed(2)
    return torch.randn(row.get("batch", 2), *row["input"], generator=noise)


def exchanged(row):
    """Both modules with the same numbers: ours are taken from torchvision's, whose are then taken from ours."""
    there = theirs(row).to_empty(device="cpu")
    here = ours(row, input=row["input"]).build()
    randomise(there)
    here.load_state_dict(there.state_dict(), strict=True)
    back = theirs(row).to_empty(device="cpu")
    state = here.state_dict()
    state._metadata = there.state_dict()._metadata  # MNASNet asks which version of its code the weights are from
    back.load_state_dict(state, strict=True)
    return here, back


def targets(logits):
    """A class for each image, or for each pixel of it."""
    count = logits[:, 0].numel()
    return (torch.arange(count) % logits.shape[1]).view(logits[:, 0].shape)


def trained(module, images, heads):
    """One step in train mode without an update: outputs, loss, gradients by name."""
    module.train()
    result = module(images)
    found = outputs(result, heads)
    target = targets(found["logits"])
    loss = module.loss(result, target) if hasattr(module, "loss") else loss_of(found, heads, target)
    loss.backward()
    gradients = {name: p.grad for name, p in module.named_parameters() if p.grad is not None}
    module.zero_grad(set_to_none=True)
    return {name: logits.detach() for name, logits in found.items()}, loss.detach(), gradients


def disagreements(here, there, row):
    """In words, where two modules with the same numbers differ: in training, in statistics, in eval."""
    images = data(row)
    heads = {name: tuple(what) for name, what in row.get("heads", {}).items()}
    own = {name: (name, weight) for name, (_, weight) in heads.items()}
    before = {key: tensor.clone() for key, tensor in there.state_dict().items()}
    a, loss_a, gradients_a = trained(here, images, own)
    b, loss_b, gradients_b = trained(there, images, heads)
    found = [f"{name} in training" for name in b if name not in a or not close(a[name], b[name])]
    found += [] if close(loss_a, loss_b) else [f"the loss is {loss_a}, not {loss_b}"]
    found += [f"gradient of {name}" for name in gradients_b if not close_gradient(name, gradients_a, gradients_b)]
    statistics = here.state_dict()
    found += [key for key, value in there.state_dict().items() if not close(statistics[key], value)]
    settle(there, before)
    here.load_state_dict(there.state_dict(), strict=True)
    with torch.no_grad():
        answers = [outputs(module.eval()(images), {})["logits"] for module in (here, there)]
    spread = answers[1].std() / answers[1].abs().max()
    assert spread > 1e-2, "an answer that hardly varies compares nothing"
    return found + ([] if close(*answers) else ["logits in eval"])


def close_gradient(name, here, there):
    """Gradients are sums over a whole batch whose parts cancel, so they are compared to 1e-3 of their largest."""
    return name in here and bool((here[name] - there[name]).abs().max() <= 1e-3 * there[name].abs().max() + 1e-7)


@pytest.mark.parametrize("row", pytest_params(ROWS))
@pytest.mark.usefixtures("no_dropout")
def test_a_network_computes_what_torchvisions_does(row):
    here, there = exchanged(row)
    assert disagreements(here, there, row) == []


def test_the_pixels_of_a_picture_of_another_size_are_labelled_alike():
    row = next(row for row in ROWS if row["zoo"] == "deeplabv3@resnet50")
    here, there = exchanged(row)
    with torch.no_grad():
        oblong = data({**row, "input": [3, 49, 75]})
        a, b = (outputs(module.eval()(oblong), {})["logits"] for module in (here, there))
    assert tuple(b.shape[2:]) == (49, 75)
    assert close(a, b)


# ---- what this would notice ------------------------------------------------------


RESNET = {"zoo": "resnet@50", "torchvision": "resnet50", "input": [3, 64, 64]}


@pytest.mark.usefixtures("no_dropout")
def test_strides_in_the_first_1x1_have_the_same_keys_and_are_told_apart():
    here, there = exchanged({**RESNET, "zoo": "resnet@50-v1"})
    assert "logits in eval" in disagreements(here, there, RESNET)


def test_a_running_statistic_that_is_not_loaded_would_be_noticed():
    here, there = exchanged(RESNET)
    with torch.no_grad():
        here.layer3[2].bn2.running_var.mul_(1.1)
        images = data(RESNET)
        assert not close(here.eval()(images), there.eval()(images))

"""Where layers are run, read from the source, against where they are run when it is executed."""

import sys
import warnings

import pytest
import torch

import archlang
from archlang.report.emitted import Emitted

NETWORKS = (
    "cifar_resnet", "densenet@121", "flowers", "googlenet", "mobilenetv2", "nin", "resnet50",
    "senet", "unet", "vgg@E", "wrn", "zfnet",
)  # fmt: skip


def ran(module, images):
    """The line of the source that stood innermost when each module ran, by its path."""
    place = sys.modules[type(module).__module__].__file__
    found = {}

    def hook(path):
        def look(*_):
            frame = sys._getframe()
            while frame is not None and frame.f_code.co_filename != place:
                frame = frame.f_back
            found[path] = frame.f_lineno if frame is not None else None

        return look

    for path, part in module.named_modules():
        if next(part.parameters(), None) is not None and not list(part.children()):
            part.register_forward_pre_hook(hook(path))
    with torch.no_grad():
        module.eval()(images)
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_a_layer_stands_where_it_is_run(name):
    model = archlang.read(name)
    sizes = model.shapes[model.network.inputs[0]]
    if not all(isinstance(size, int) for size in sizes):
        model = archlang.read(name, input="3x64x64")
        sizes = model.shapes[model.network.inputs[0]]
    with warnings.catch_warnings(action="ignore"), torch.device("meta"):  # weights that nobody has here
        module = model.build()
    lines = ran(module, torch.empty(1, *sizes, device="meta"))
    places = Emitted(model.code()).places(model.network)
    by_path = {node.path: places.get(node.id) for node in model.graph}
    assert lines
    for path, line in lines.items():
        assert by_path[path] is not None, path
        assert by_path[path].line <= line <= by_path[path].end, (path, line, by_path[path])


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_has_a_place(name):
    model = archlang.read(name)
    places = Emitted(model.code()).places(model.network)
    readings = {result.reading for result in model.network.results}
    readings |= {head.reading for head in model.network.heads}
    missing = [n.path for n in model.graph if n.inputs and n.id not in places and n.id not in readings]
    assert missing == []


def test_a_function_after_a_loop_within_a_loop_stands_where_it_is_called():
    model = archlang.read("vgg@E")
    text = model.code().splitlines()
    places = Emitted(model.code()).places(model.network)
    said = {"maxpool": "F.max_pool2d", "relu": "F.relu", "dropout": "F.dropout"}
    for node in model.graph:
        assert said.get(node.op.word, "") in text[places[node.id].line - 1] if node.id in places else True, node.path


def test_a_layer_without_a_module_stands_where_its_function_is_called():
    model = archlang.read("resnet50")
    text = model.code().splitlines()
    places = Emitted(model.code()).places(model.network)
    for node in model.graph:
        if node.op.word == "maxpool":
            assert "F.max_pool2d" in text[places[node.id].line - 1]
        if node.op.word == "gap":
            assert "F.adaptive_avg_pool2d" in text[places[node.id].line - 1]
        if node.op.word == "add":
            assert "+ x" in text[places[node.id].line - 1]


def test_the_second_call_of_a_function_is_the_second_layers():
    model = archlang.parse("net T {\n input 3x8x8\n maxpool2/1; softplus; maxpool2/1; conv1-4\n}\n")
    places = Emitted(model.code()).places(model.network)
    first, second = (places[node.id].line for node in model.graph if node.op.word == "maxpool")
    assert first < second


SOURCE = """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 1)
        self.down = nn.Sequential(nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8))

    def forward(self, x):
        out = K.conv1x1(
            x, self.down[0], self.down[1]
        )
        return K.conv1x1(out, self.conv, residual=x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(2):
            self.add_module(f"block{i}", Block())

    def forward(self, x):
        for i in range(2):
            x = getattr(self, f"block{i}")(x)
        return x
"""


RUNS = """
class A(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return F.relu(self.conv(x))


class B(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return self.conv(x)


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.body = nn.Sequential(
            A(), *[layer for _ in range(n) for layer in (A(), B())], *([B()] if n else []), A()
        )

    def forward(self, x):
        return self.body(x)
"""


@pytest.mark.parametrize(("item", "line"), [(0, 7), (1, 7), (2, 15), (3, 7), (4, 15), (5, 7)])
def test_items_of_runs_are_followed(item, line):
    text = RUNS.replace("range(n)", "range(2)").replace(", *([B()] if n else [])", "")
    place, _, exact, _ = Emitted(text).follow(("body", str(item), "conv"), {("body",): 6})
    assert (place.line, exact) == (line, True)


def test_a_run_that_is_there_or_not_has_what_is_left_of_the_items():
    text = RUNS.replace("range(n)", "range(1)")
    emitted = Emitted(text)
    with_it = [emitted.follow(("body", str(at), "conv"), {("body",): 5})[0].line for at in range(5)]
    without = [emitted.follow(("body", str(at), "conv"), {("body",): 4})[0].line for at in range(4)]
    assert (with_it, without) == ([7, 7, 15, 15, 7], [7, 7, 15, 7])


@pytest.mark.parametrize(("path", "line"), [("block0.down.0", 9), ("block1.down.1", 9), ("block1.conv", 12)])
def test_items_and_names_that_loops_make_are_followed(path, line):
    place, _, exact, _ = Emitted(SOURCE).follow(tuple(path.split(".")), {})
    assert (place.line, exact) == (line, True)


def test_the_places_of_a_concatenation_run_no_layer():
    model = archlang.read("googlenet")
    text = model.code(kernels=True)
    places = Emitted(text).places(model.network)
    by_path = {node.path: places[node.id].text for node in model.graph if node.id in places}
    assert by_path["i3a.conv1"].startswith("branch1, branch2, branch3 = K.conv1x1_many(")
    assert by_path["i3a.conv6"].startswith("x = K.conv1x1(")
    assert by_path["i3a.concat1"].startswith("return K.concat(")


def test_items_that_are_counted_from_the_end_and_those_in_front_are_found():
    model = archlang.read("mobilenetv2")
    text = model.code(kernels=True)
    emitted = Emitted(text)
    places = emitted.places(model.network)
    by_path = {node.path: places[node.id].text for node in model.graph if node.id in places}
    for path in ("features.1.conv.1", "features.2.conv.2"):
        assert by_path[path].startswith("return K.conv1x1(out, self.conv[-2]")
    for path in ("features.1.conv.0.0", "features.2.conv.0.0", "features.2.conv.1.0"):
        assert by_path[path] == "return K.conv_relu(x, self[0], self[1], activation=self[2])"
    runs = emitted.forwards(model.network)
    by_path = {node.path: runs[node.id] for node in model.graph}
    block, reduce, project = "features.3.conv.0.0", "features.3.conv.0.2", "features.3.conv.3"
    assert by_path[block] == by_path[reduce] != by_path[project]


def test_a_class_that_a_forward_reaches_into_is_not_called_there():
    model = archlang.read("googlenet_torchvision")
    emitted = Emitted(model.code(kernels=True))
    places, runs = emitted.places(model.network), emitted.forwards(model.network)
    node = {node.path: node for node in model.graph}
    assert places[node["inception3a.branch1.conv"].id].text.startswith("branch1 = K.conv1x1(x, self.branch1[0]")
    assert runs[node["inception3a.branch1.relu1"].id] == runs[node["inception3a.branch1.conv"].id]
    assert runs[node["inception3a.branch2.0.conv"].id] != runs[node["inception3a.branch1.conv"].id]


def test_items_that_a_slice_runs_stand_where_it_is_called():
    model = archlang.read("densenet@121")
    text = model.code(kernels=True)
    places, nodes = Emitted(text).places(model.network), {node.path: node.id for node in model.graph}
    lines = {path: text.splitlines()[places[id_].line - 1].strip() for path, id_ in nodes.items() if id_ in places}
    assert lines["features.3"] == "x = K.bn_add_relu(self.features[3:11](x), self.features[11])"
    assert lines["features.norm0"] == "x = K.conv_relu(x, self.features[0], self.features[1])"
    assert lines["features.denseblock1.denselayer1.conv2"] == "out = self.conv2(out)"
    model = archlang.read("mnasnet")
    text = model.code(kernels=True)
    places, nodes = Emitted(text).places(model.network), {node.path: node.id for node in model.graph}
    lines = {path: text.splitlines()[places[id_].line - 1].strip() for path, id_ in nodes.items() if id_ in places}
    assert lines["layers.3"] == "x = self.layers[3](x)"
    assert "self.layers[14]" in lines["layers.14"]


LOOPS = [
    "for w in [16, 32, 64] { conv3-w; concat[ conv1-w | conv3-w ] }",
    "for i in [1, 2, 3] { conv3-16; relu; dropout(0.1 * i) }",
    "for i in [1, 2, 3] { concat[ conv1-16; relu | conv3-16; dropout(0.1 * i) ]; bn }",
    "for i in range(3) { conv3-16 as b; conv1-16; add(b) }",
    "for s in [2, 1, 1] { conv3-16; conv3-16; maxpool(3, s, pad=1) }",
    "concat[ conv1-16 | conv3-16 ] x3\nres[ conv3-32; relu; conv3-32 ] x4",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_layer_in_a_loop_over_a_list_stands_where_it_is_run(loop):
    model = archlang.parse(f"input 3x16x16\nconv3-8\n{loop}\ngap; fc-4\n")
    assert "for i" in model.code()
    places = Emitted(model.code()).places(model.network)
    by_path = {node.path: places[node.id] for node in model.graph if node.id in places}
    lines = ran(model.build(), torch.zeros(1, 3, 16, 16))
    assert lines
    for path, line in lines.items():
        assert by_path[path].line <= line <= by_path[path].end, path
    words = {"dropout": "F.dropout", "maxpool": "F.max_pool2d", "concat": "torch.cat", "add": " + ", "relu": "F.relu"}
    for node in model.graph:
        assert words.get(node.op.word, "") in by_path[node.path].text if node.path in by_path else True, node.path

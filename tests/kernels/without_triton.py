"""What the package does where triton is not installed; run as a script, so that nothing has imported triton yet."""

import sys

sys.modules["triton"] = None  # an import of it fails from here on

import torch  # noqa: E402
from torch import nn  # noqa: E402

from archlang import kernels as K  # noqa: E402

conv, bn, plain = nn.Conv2d(16, 8, 1), nn.BatchNorm2d(8), nn.BatchNorm2d(8)
x = torch.randn(2, 16, 3, 3)
assert torch.equal(K.conv1x1(x, conv, bn, relu=True), plain(conv(x)).relu())
assert torch.equal(bn.running_mean, plain.running_mean)
assert torch.equal(K.bn_add_relu(x[:, :8], bn.eval(), x[:, 8:]), (plain.eval()(x[:, :8]) + x[:, 8:]).relu())

large, back = nn.Conv2d(16, 8, 3, padding=1), nn.Conv2d(8, 16, 1)
with torch.no_grad():
    slices = K.slices(x, 8, 16)
    assert torch.equal(K.concat([K.conv_relu(x, large, out=slices[0]), x], slices), torch.cat([large(x).relu(), x], 1))
    h, wanted = conv(x), (back(conv(x)) + x).relu()
    assert torch.equal(K.conv1x1_two(h, back, None, x, nn.Identity(), None), wanted)
    assert torch.equal(K.conv1x1_pair(h, back, None, x, conv, None)[1], conv(wanted).relu())
    assert torch.equal(K.conv1x1_chain(x, [conv, back]), back(conv(x).relu()).relu())

# A program that was exported where triton is has the operators in it.
none = (None,) * 5
nothing = (None, None, None, None, 0.0, False)
z = torch.ops.archlang.conv1x1(x, conv.weight, conv.bias, *none, 1, 0.0, True, *nothing)
assert torch.equal(z, conv(x).relu())
ops, ones = torch.ops.archlang, [1, 1]
z = ops.conv_relu(x, large.weight, large.bias, *none, ones, ones, ones, 1, 0.0, True)
assert torch.equal(z, large(x).relu())
h = conv(x)
z = ops.conv1x1_two(h, back.weight, back.bias, *none[1:], h, back.weight, *none, 1, 0.0, 0.0, True, *nothing)
assert torch.allclose(z, (back(h) + nn.functional.conv2d(h, back.weight)).relu(), atol=1e-6)
z, r = ops.conv1x1_pair(h, back.weight, back.bias, *none, conv.weight, *none, 0.0, 0.0, True, *nothing)
assert torch.equal(z, back(h).relu())
assert torch.allclose(r, nn.functional.conv2d(z, conv.weight).relu(), atol=1e-6)
mean, var = torch.ops.archlang.batch_statistics(x)
y = x.clone().requires_grad_()
z, mask = torch.ops.archlang.bn_apply(y, mean, var, None, None, None, 1e-5, True, True, True)
z.backward(x)
w = x.clone().requires_grad_()
wanted = nn.functional.batch_norm(w, None, None, training=True).relu()
wanted.backward(x)
assert torch.allclose(z, wanted, atol=1e-5)
assert torch.allclose(y.grad, w.grad, atol=1e-5)

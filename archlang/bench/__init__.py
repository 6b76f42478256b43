"""What `archlang bench` measures: whole networks against PyTorch's own ways of running them, and single kernels.

`harness` compares candidates that it is given and knows nothing of PyTorch;
`contest` is a network's, `shapes` a kernel's; `ceilings` are what a device can do at all.
"""

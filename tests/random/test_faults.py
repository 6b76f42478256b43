"""Wrong rules, planted one at a time: the comparison with PyTorch finds each within so many random programs."""

from functools import cache

import pytest

torch = pytest.importorskip("torch")

from compare import differences  # noqa: E402
from faults import FAULTS  # noqa: E402
from programs import program  # noqa: E402

torch.set_num_threads(1)
WITHIN = 500


@cache
def written(seed):
    return program(seed)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, monkeypatch):
    FAULTS[fault](monkeypatch)
    found = next((seed for seed in range(WITHIN) if differences(written(seed))), None)
    assert found is not None, f"{fault}, and {WITHIN} programs did not show it"

"""Wrong rules, planted one at a time: the comparison with PyTorch finds each within so many random programs."""

import pytest

torch = pytest.importorskip("torch")

from compare import differences  # noqa: E402
from faults import FAULTS  # noqa: E402
from programs import program  # noqa: E402

from archlang.passes import cost  # noqa: E402

torch.set_num_threads(1)
WITHIN = 500
RARE = (91, 106, 160, 239, 243, 405, 432, 452)
"""Programs that show what few of the first 500 do: asked early, so that finding it does not take making them all."""
ORDER = [*range(60), *RARE, *(seed for seed in range(60, WITHIN) if seed not in RARE)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, monkeypatch):
    def shows(seed):
        written = program(seed)  # kept for others, and so made before the mistake is planted
        with monkeypatch.context() as patch:
            patch.setattr(cost, "_once", cost._cost)  # what equal layers cost is not kept: it is wrong here
            FAULTS[fault](patch)
            return differences(written)

    assert any(shows(seed) for seed in ORDER), f"{fault}, and {WITHIN} programs did not show it"

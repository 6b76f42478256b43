"""Every code a diagnostic can carry, with what it means in a line.

Sorted by floor; one entry a line, added by whoever reports it.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # ---- syntax ----
    "unexpected": "something stands where it cannot",
    # ---- ops ----
    "branch-shapes": "tensors that are joined differ in size",
    "channels": "a layer that cannot make that many channels of these",
    "crop": "a window that is not inside the tensor it is cut from",
    "empty-output": "a layer that leaves nothing of its input",
    "groups": "groups that do not divide the channels",
    "inputs": "a layer with more or fewer inputs than it reads",
    "limit": "a size, a tensor or an expression beyond what any network needs",
    "not-a-map": "features where channels, height and width are needed",
    "padding": "padding that the layer cannot have",
    "split": "channels that do not split into equal parts",
    "symbolic": "a size that must be a number and is a symbol",
    # ---- claims ----
    "expect": "the network does not have what an `expect` line says",
    "expect-but": "the paper's figure and the corrected one are not as an `expect ... but` line says",
    "expect-always": "an `expect` line that holds whatever the network is",
    "expect-subject": "an `expect` line about something that is not counted",
    # ---- the name of a network ----
    "bad-network-name": "a name that is none of the forms a network can be named in",
    "no-such-file": "there is no such file",
    "no-such-network": "the zoo has no network of that name",
    "not-utf8": "the file is not UTF-8 text",
    "unreadable-file": "the file is there and cannot be read",
}

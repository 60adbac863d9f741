"""Writes tests/golden/example.safetensors from the format's description alone (README of huggingface/safetensors, "Format"):
struct and json of Python's standard library, no package that reads or writes safetensors. Run it from the repository's root."""

import json
import struct

floats = [0.0, -0.0, 1.5, float("nan"), 3.4028234663852886e38, 1.401298464324817e-45]
ints = [-(2**31), -1, 0, 2**31 - 1]
header = {
    "__metadata__": {"made": "by hand"},
    # The numbers lie in another order than their names.
    "empty": {"dtype": "F32", "shape": [0, 3], "data_offsets": [16, 16]},
    "params.weights": {"dtype": "F32", "shape": [2, 3], "data_offsets": [16, 40]},
    "curve.steps": {"dtype": "I32", "shape": [4], "data_offsets": [0, 16]},
    "scalar": {"dtype": "F32", "shape": [], "data_offsets": [40, 44]},
}
text = json.dumps(header).encode("utf-8")
text += b" " * (-len(text) % 8)
with open("tests/golden/example.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)))
    file.write(text)
    file.write(struct.pack("<4i", *ints))
    file.write(struct.pack("<6f", *floats))
    file.write(struct.pack("<f", 0.1))

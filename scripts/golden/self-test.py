"""Prints the numbers of src/ops/kernels/self-test.ts, from PyTorch in float64. Run: python3 scripts/golden/self-test.py"""
import math

import torch
import torch.nn.functional as F


def values(shape, phase):
    n = math.prod(shape)
    return torch.tensor([0.5 * math.sin(phase + i) for i in range(n)], dtype=torch.float64).reshape(shape)


x = values((2, 6, 6, 2), 1)
params = [values(shape, phase).requires_grad_() for phase, shape in
          [(2, (3, 3, 2, 4)), (3, (4,)), (4, (3, 3, 4, 3)), (5, (3,)), (6, (27, 5)), (7, (5,))]]
w1, b1, w2, b2, w3, b3 = params
z1 = F.conv2d(x.permute(0, 3, 1, 2), w1.permute(3, 2, 0, 1), b1, padding=1)
# "same" at stride 2 on an even side pads below and to the right only.
z2 = F.conv2d(F.pad(F.relu(z1), (0, 1, 0, 1)), w2.permute(3, 2, 0, 1), b2, stride=2)
y = F.relu(z2).permute(0, 2, 3, 1).reshape(2, 27) @ w3 + b3
loss = torch.logsumexp(y, 1).mean()
loss.backward()
print("closest to a kink:", min(z1.abs().min().item(), z2.abs().min().item()))
digest = lambda t: sum(v * math.cos(i) for i, v in enumerate(t.flatten().tolist()))
print([round(v, 8) for v in [loss.item(), *(digest(p.grad) for p in params)]])

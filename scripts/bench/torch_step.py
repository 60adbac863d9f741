"""The bench step in PyTorch on the CPU: one JSON request a line on stdin ({"threads": 1}), one JSON answer a line on stdout."""
import json
import sys
import time

import torch
import torch.nn.functional as F

torch.manual_seed(0)
BATCH, TEMPERATURE = 128, 0.5
first = torch.rand(BATCH, 3, 32, 32)
views = torch.cat([first, 0.8 * first + 0.2 * torch.rand(BATCH, 3, 32, 32)])
net = torch.nn.Sequential(
    torch.nn.Conv2d(3, 32, 3, stride=1, padding=1),
    torch.nn.ReLU(),
    torch.nn.Conv2d(32, 64, 3, stride=2, padding=1),
    torch.nn.ReLU(),
    torch.nn.Conv2d(64, 128, 3, stride=2, padding=1),
    torch.nn.ReLU(),
    torch.nn.AdaptiveAvgPool2d(1),
    torch.nn.Flatten(),
    torch.nn.Linear(128, 128),
    torch.nn.ReLU(),
    torch.nn.Linear(128, 64),
)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
partner = torch.arange(2 * BATCH).roll(BATCH)
self_mask = torch.eye(2 * BATCH, dtype=torch.bool)


def step():
    z = F.normalize(net(views))
    similarity = (z @ z.T / TEMPERATURE).masked_fill(self_mask, float("-inf"))
    loss = F.cross_entropy(similarity, partner)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


print(json.dumps({"value": "ready"}), flush=True)
for line in sys.stdin:
    torch.set_num_threads(json.loads(line)["threads"])
    started = time.perf_counter()
    loss = step()
    answer = {"ms": (time.perf_counter() - started) * 1e3, "loss": loss, "version": torch.__version__}
    print(json.dumps({"value": answer}), flush=True)

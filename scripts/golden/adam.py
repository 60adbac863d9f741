"""Writes tests/golden/adam.json: five steps of PyTorch's AdamW in float64. Run: python3 scripts/golden/adam.py"""
import json
import pathlib

import torch

torch.manual_seed(0)
shapes = {"matrix": (3, 2), "bias": (4,)}
start = {name: torch.randn(shape, dtype=torch.float64) for name, shape in shapes.items()}
gradients = [{name: torch.randn(shape, dtype=torch.float64) for name, shape in shapes.items()} for _ in range(5)]
cases = []
for lr, decay, betas, eps in [(0.1, 0.0, (0.9, 0.999), 1e-8), (0.01, 0.3, (0.8, 0.95), 1e-3)]:
    params = {name: value.clone().requires_grad_() for name, value in start.items()}
    # Weight decay falls on tensors of two or more dimensions only.
    optimizer = torch.optim.AdamW(
        [{"params": [params["matrix"]], "weight_decay": decay}, {"params": [params["bias"]], "weight_decay": 0.0}],
        lr=lr, betas=betas, eps=eps,
    )
    steps = []
    for gradient in gradients:
        for name, p in params.items():
            p.grad = gradient[name].clone()
        optimizer.step()
        steps.append({name: p.detach().flatten().tolist() for name, p in params.items()})
    cases.append({"lr": lr, "weightDecay": decay, "beta1": betas[0], "beta2": betas[1], "epsilon": eps, "steps": steps})

flat = lambda values: {name: value.flatten().tolist() for name, value in values.items()}
out = {
    "source": f"torch.optim.AdamW {torch.__version__}, float64",
    "shapes": shapes,
    "start": flat(start),
    "gradients": [flat(g) for g in gradients],
    "cases": cases,
}
path = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "adam.json"
path.write_text(json.dumps(out, indent=1) + "\n")

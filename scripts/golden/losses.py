"""Writes tests/golden/losses.json: losses and input gradients in float64 by literal PyTorch. Run: python3 scripts/golden/losses.py"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal, kl_divergence

torch.manual_seed(0)


def draw(*shape, scale=1.0):
    # Rounded, so that float32 holds nearly the same number.
    return (scale * torch.randn(shape, dtype=torch.float64) * 4096).round() / 4096


def nt_xent(a, b, temperature):
    """Eq. 1 of the paper, term by term."""
    z = [v / v.norm() for v in torch.cat([a, b])]
    n = len(a)
    terms = []
    for i in range(2 * n):
        scores = torch.stack([z[i] @ z[k] / temperature for k in range(2 * n) if k != i])
        terms.append(torch.logsumexp(scores, 0) - z[i] @ z[(i + n) % (2 * n)] / temperature)
    return torch.stack(terms).mean()


def regression(p, z):
    return torch.stack([(u / u.norm() - v / v.norm()).pow(2).sum() for u, v in zip(p, z)]).mean()


def bernoulli(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def gaussian_kl(mu, logVar):
    return kl_divergence(Normal(mu, (logVar / 2).exp()), Normal(torch.zeros_like(mu), torch.ones_like(mu)))


def discretized_logistic(mean, logScale, x):
    """−log of the mass of each level's bin; the end bins reach to ±∞. Upper tails are reflected: float64 would cancel there."""
    scale = logScale.exp()
    upper = ((x + 1 / 510 - mean) / scale).masked_fill(x == 1, math.inf)
    lower = ((x - 1 / 510 - mean) / scale).masked_fill(x == 0, -math.inf)
    left = torch.sigmoid(upper) - torch.sigmoid(lower)
    right = torch.sigmoid(-lower) - torch.sigmoid(-upper)
    return -torch.where(x < mean, left, right).log().flatten(1).sum(1)


def focal(logits, labels, focus):
    """Lin et al. 2017, eq. 4, without alpha."""
    labels = torch.as_tensor(labels, dtype=logits.dtype)
    p = torch.sigmoid(logits)
    right = labels * p + (1 - labels) * (1 - p)
    return ((1 - right) ** focus * F.binary_cross_entropy_with_logits(logits, labels, reduction="none")).mean()


def mixture(logits, colours, pixels, sigma):
    """Negative log-likelihood of a mixture of Gaussians at each pixel, by PyTorch's own distributions, less its constant."""
    every = colours.unsqueeze(1).expand(*logits.shape, -1)
    slots = Independent(Normal(every, torch.full_like(every, sigma)), 1)
    constant = -colours.shape[-1] * math.log(sigma * math.sqrt(2 * math.pi))
    return -(MixtureSameFamily(Categorical(logits=logits), slots).log_prob(pixels) - constant).mean()


def standard_normal(z):
    return Independent(Normal(torch.zeros_like(z), torch.ones_like(z)), 1).log_prob(z)


levels = torch.tensor([0, 255, 1, 254, 0, 255, 100, 101, 128, 30, 200, 255], dtype=torch.float64).reshape(2, 2, 1, 3) / 255
a, b = draw(6, 5), draw(6, 5)
cases = [
    ("ntXent", nt_xent, {"a": a, "b": b}, {"temperature": 0.2}),
    ("ntXent, τ = 0.01", nt_xent, {"a": a, "b": b + a}, {"temperature": 0.01}),
    ("regression", regression, {"p": draw(5, 4, scale=3), "z": draw(5, 4)}, {}),
    ("crossEntropy", F.cross_entropy, {"logits": draw(5, 7)}, {"labels": [0, 6, 3, 3, 1]}),
    ("crossEntropy, large logits", F.cross_entropy, {"logits": draw(5, 7, scale=60)}, {"labels": [0, 6, 3, 3, 1]}),
    ("bernoulliNll", bernoulli, {"logits": draw(3, 2, 2, 1, scale=2)}, {"x": [0, 1, 1, 0, 0.25, 1, 0, 0.5, 1, 1, 0, 0]}),
    ("bernoulliNll, large logits", bernoulli, {"logits": draw(3, 2, 2, 1, scale=40)}, {"x": [0, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0]}),
    ("gaussianKl", gaussian_kl, {"mu": draw(4, 3), "logVar": draw(4, 3, scale=2)}, {}),
    ("discretizedLogisticNll", discretized_logistic, {"mean": 0.5 + draw(2, 2, 1, 3, scale=0.3), "logScale": draw(3, scale=0.5) - 2}, {"x": levels}),
    ("discretizedLogisticNll, narrow", discretized_logistic, {"mean": levels + draw(2, 2, 1, 3, scale=0.02), "logScale": draw(3, scale=0.2) - 6}, {"x": levels}),
    ("discretizedLogisticNll, far off", discretized_logistic, {"mean": 0.5 + draw(2, 2, 1, 3), "logScale": draw(3, scale=0.1) - 5}, {"x": levels}),
    ("standardNormalLogProb", standard_normal, {"z": draw(4, 3)}, {}),
    ("binaryCrossEntropy", focal, {"logits": draw(8, scale=2)}, {"labels": [1, 0, 0, 1, 1, 0, 1, 0], "focus": 0}),
    ("binaryCrossEntropy, γ = 2", focal, {"logits": draw(8, scale=2)}, {"labels": [1, 0, 0, 1, 1, 0, 1, 0], "focus": 2}),
    ("binaryCrossEntropy, γ = 0.5", focal, {"logits": draw(8, scale=2)}, {"labels": [0, 0, 1, 1, 1, 0, 1, 0], "focus": 0.5}),
    ("binaryCrossEntropy, γ = 2, large logits", focal, {"logits": draw(8, scale=20)}, {"labels": [1, 0, 0, 1, 1, 0, 1, 0], "focus": 2}),
    ("mixtureNll", mixture, {"logits": draw(2, 5, 3), "colours": draw(2, 3, 3, scale=0.4), "pixels": draw(2, 5, 3, scale=0.4)}, {"sigma": 0.3}),
    ("mixtureNll, one slot", mixture, {"logits": draw(1, 4, 1), "colours": draw(1, 1, 3), "pixels": draw(1, 4, 3)}, {"sigma": 1.5}),
]

out = []
for name, loss, inputs, constants in cases:
    leaves = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    fixed = dict(constants)
    if "x" in fixed:
        shape = next(iter(inputs.values())).shape
        fixed["x"] = torch.as_tensor(fixed["x"], dtype=torch.float64).reshape(shape)
    if "labels" in fixed:
        fixed["labels"] = torch.tensor(fixed["labels"])
    if name.startswith("crossEntropy"):
        value = loss(leaves["logits"], fixed["labels"])
    else:
        value = loss(**leaves, **fixed)
    # One scalar of all rows: row i (counted over all values) weighs i + 1.
    (value.flatten() * torch.arange(1, value.numel() + 1, dtype=torch.float64)).sum().backward()
    plain = {key: v.flatten().tolist() if isinstance(v, torch.Tensor) else v for key, v in fixed.items()}
    out.append({
        "name": name,
        "inputs": {key: {"shape": list(v.shape), "data": v.flatten().tolist()} for key, v in inputs.items()},
        "constants": plain,
        "values": value.flatten().tolist(),
        "gradients": {key: v.grad.flatten().tolist() for key, v in leaves.items()},
    })

text = json.dumps({"source": f"torch {torch.__version__}, float64", "cases": out}, indent=1, ensure_ascii=False)
path = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "losses.json"
path.write_text(text + "\n")

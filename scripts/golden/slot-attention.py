"""Writes tests/golden/slot-attention.json: all rounds of slot attention and their gradients in float64. Run: python3 scripts/golden/slot-attention.py"""
import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
D, N, P, K, T = 4, 2, 6, 3, 3


def draw(*shape, scale=1.0):
    # Rounded, so that float32 holds nearly the same number.
    return ((scale * torch.randn(shape, dtype=torch.float64) * 4096).round() / 4096).requires_grad_()


def rounds(w, x, noise, implicit=False):
    """Algorithm 1, image by image, by PyTorch's own layers; returns the slots of every round. implicit: the last round alone is differentiated, the start straight through."""
    norm = lambda name, h: F.layer_norm(h, (D,), w[name + ".scale"], w[name + ".shift"], 1e-5)
    cell = (w["gru.input.w"].T, w["gru.state.w"].T, w["gru.input.b"], w["gru.state.b"])
    found = []
    for image in range(N):
        features = norm("normInputs", x[image])
        keys, values = features @ w["keys"], features @ w["values"]
        slots = start = w["mu"] + w["logSigma"].exp() * noise[image]
        per_round = []
        for t in range(T):
            if implicit and t == T - 1:
                slots = slots.detach() + start - start.detach()
            queries = norm("normSlots", slots) @ w["queries"]
            attention = F.softmax(keys @ queries.T / D**0.5, dim=-1) + 1e-8
            weights = attention / attention.sum(0, keepdim=True)
            updates = torch.stack([sum(weights[p, k] * values[p] for p in range(P)) for k in range(K)])
            slots = torch.gru_cell(updates, slots, *cell)
            hidden = F.relu(norm("normMlp", slots) @ w["mlp.0.w"] + w["mlp.0.b"])
            slots = slots + hidden @ w["mlp.1.w"] + w["mlp.1.b"]
            per_round.append(slots)
        found.append(torch.stack(per_round))
    return torch.stack(found)


weights = {
    "mu": draw(D),
    "logSigma": draw(D, scale=0.3),
    **{name + part: draw(D) for name in ("normInputs", "normSlots", "normMlp") for part in (".scale", ".shift")},
    **{name: draw(D, D) for name in ("keys", "values", "queries")},
    **{"gru.input.w": draw(D, 3 * D), "gru.input.b": draw(3 * D), "gru.state.w": draw(D, 3 * D), "gru.state.b": draw(3 * D)},
    **{"mlp.0.w": draw(D, 2 * D), "mlp.0.b": draw(2 * D), "mlp.1.w": draw(2 * D, D), "mlp.1.b": draw(D)},
}
x, noise = draw(N, P, D), draw(N, K, D)
slots = rounds(weights, x, noise)
inputs = {"x": x, **weights}
gradients = torch.autograd.grad(slots[:, -1].square().sum(), inputs.values())
implicit = torch.autograd.grad(rounds(weights, x, noise, implicit=True)[:, -1].square().sum(), inputs.values())
listed = lambda t: {"shape": list(t.shape), "data": [round(v, 10) for v in t.flatten().tolist()]}
out = {
    "x": listed(x),
    "noise": listed(noise),
    "weights": {name: listed(w) for name, w in weights.items()},
    "slots": listed(slots),
    "gradients": dict(zip(inputs, map(listed, gradients))),
    "implicit": dict(zip(inputs, map(listed, implicit))),
}
path = pathlib.Path(__file__).parents[2] / "tests/golden/slot-attention.json"
path.write_text(json.dumps(out) + "\n")

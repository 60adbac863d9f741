"""Writes tests/golden/linear-probe.json: the optimum of L2-regularized multinomial logistic regression, in float64.

Run from the repository's root with a Python that has PyTorch: python3 scripts/golden/linear-probe.py
"""

import json

import torch

torch.manual_seed(0)
rows, columns, classes, l2 = 150, 7, 3, 1e-3


def draw(n):
    y = torch.randint(classes, (n,))
    x = torch.randn(n, columns) + 0.8 * torch.nn.functional.one_hot(y, columns)
    x[:, 3] = x[:, 0] + 0.05 * x[:, 3]  # nearly the same column twice: ill-conditioned
    x[:, 5] = 0.1  # a constant column
    return (x * 2 + 1).mul(1e4).round().div(1e4), y


(train, train_labels), (test, test_labels) = draw(rows), draw(rows)
mean, deviation = train.double().mean(0), train.double().std(0, unbiased=False)
deviation[5] = float("inf")
x, z = ((t.double() - mean) / deviation for t in (train, test))

weights = torch.zeros(columns, classes, dtype=torch.float64, requires_grad=True)
bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.LBFGS([weights, bias], max_iter=500, tolerance_grad=1e-12, tolerance_change=0, line_search_fn="strong_wolfe")


def objective():
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(x @ weights + bias, train_labels) + l2 / 2 * weights.square().sum()
    loss.backward()
    return loss


for _ in range(20):
    optimizer.step(objective)
loss = objective()
slope = weights.grad.abs().max()
assert slope < 1e-8, slope
accuracy = ((z @ weights + bias).argmax(1) == test_labels).double().mean()


def rounded(t, digits):
    return [round(v, digits) for v in t.flatten().tolist()]


with open("tests/golden/linear-probe.json", "w") as file:
    json.dump(
        {
            "source": "PyTorch LBFGS with strong Wolfe conditions, float64, to a gradient below 1e-8",
            "columns": columns,
            "classes": classes,
            "train": rounded(train, 4),
            "trainLabels": train_labels.tolist(),
            "test": rounded(test, 4),
            "testLabels": test_labels.tolist(),
            "standardized": rounded(x, 6),
            "loss": loss.item(),
            "weights": rounded(weights, 8),
            "bias": rounded(bias, 8),
            "accuracy": accuracy.item(),
        },
        file,
    )

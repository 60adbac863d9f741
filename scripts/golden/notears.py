"""Reference answers for NOTEARS, in float64 with NumPy and SciPy (`pip install numpy scipy`).

python3 scripts/golden/notears.py > tests/golden/notears.json

`measures`: h of both kinds and its gradient at a random matrix, with SciPy's expm and NumPy's matrix_power.
`graphs`: ten random graphs of 20 nodes and about 2 edges a node, n = 1,000, and what the algorithm of the paper finds: L-BFGS-B on
W = P - M with P, M >= 0 and bounds that keep the diagonal at 0, lambda = 0.1, h below 1e-8, threshold 0.3. Numbers are rounded to
six digits, as the local search is insensitive to more; the covariance is its lower triangle, row by row.
"""

import json

import numpy as np
import scipy.linalg
import scipy.optimize


def exponential(a):
    e = scipy.linalg.expm(a)
    return np.trace(e) - len(a), e.T


def polynomial(a):
    d = len(a)
    m = np.eye(d) + a / d
    return np.trace(np.linalg.matrix_power(m, d)) - d, np.linalg.matrix_power(m, d - 1).T


def notears(s, lam=0.1, tolerance=1e-8, largest=1e16):
    d = len(s)
    rho, alpha, before = 1.0, 0.0, np.inf
    free = np.concatenate([(1 - np.eye(d)).ravel()] * 2).astype(bool)
    bounds = [(0, None) if f else (0, 0) for f in free]
    both = np.zeros(2 * d * d)

    def weights(p):
        return p[: d * d].reshape(d, d) - p[d * d :].reshape(d, d)

    def lagrangian(p):
        w = weights(p)
        h, slope = exponential(w * w)
        rest = np.eye(d) - w
        value = 0.5 * np.sum(rest * (s @ rest)) + lam * p.sum() + alpha * h + 0.5 * rho * h * h
        gradient = (-s @ rest + (alpha + rho * h) * 2 * w * slope).ravel()
        return value, np.concatenate([gradient + lam, -gradient + lam])

    for _ in range(100):
        while True:
            new = scipy.optimize.minimize(lagrangian, both, method="L-BFGS-B", jac=True, bounds=bounds).x
            h, _ = exponential(weights(new) ** 2)
            if h <= 0.25 * before or rho >= largest:
                break
            rho *= 10
        both, before = new, h
        alpha += rho * h
        if h <= tolerance or rho >= largest:
            break
    return weights(both)


def random_graph(rng, d=20, edges_per_node=2):
    order = rng.permutation(d)
    w = np.zeros((d, d))
    for i in range(d):
        for j in range(i):
            if rng.random() < 2 * edges_per_node / (d - 1):
                w[order[j], order[i]] = rng.uniform(0.5, 2) * rng.choice([-1, 1])
    return w


def six(values):
    return [float(f"{v:.6g}") for v in np.ravel(values)]


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    a = rng.uniform(0, 1, (5, 5))
    measures = {"A": a.ravel().tolist()}
    for f in (exponential, polynomial):
        h, gradient = f(a)
        measures[f.__name__] = {"h": h, "gradient": gradient.ravel().tolist()}
    graphs = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        truth = random_graph(rng)
        d, n = len(truth), 1000
        x = rng.standard_normal((n, d)) @ np.linalg.inv(np.eye(d) - truth)
        x -= x.mean(0)
        s = x.T @ x / n
        found = notears(s)
        found[np.abs(found) <= 0.3] = 0
        edges = [[int(i), int(j), *six(truth[i, j])] for i, j in np.argwhere(truth)]
        learned = [[int(i), int(j), *six(found[i, j])] for i, j in np.argwhere(found)]
        graphs.append({"covariance": six(s[np.tril_indices(d)]), "truth": edges, "notears": learned})
    print(json.dumps({"measures": measures, "graphs": graphs}))

"""
Writes tests/golden/steps.json: whole training steps (forward, backward, AdamW, moving average, epoch) of each method in float64,
written out in PyTorch from the papers. Weights and inputs come from a hash that tests/steps/formula.ts repeats, so the JSON
holds results only. Run: python3 scripts/golden/steps.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
LEARNING_RATE, WEIGHT_DECAY, STEPS = 0.001, 0.1, 10
# Sizes and constants as in src: channels of the encoder's convolutions and cells a side that it averages into; hidden widths.
WIDTHS, CELLS = (32, 64), 4
CLUSTER_WIDTHS, CLUSTER_CELLS = (32, 64, 128), 2
SIMCLR_HIDDEN, BYOL_HIDDEN, PREDICTOR_HIDDEN = 512, 512, 256
RELATION_HIDDEN = 256
# What the last convolution of a coupling is multiplied by.
DAMPING = 0.1
REPRESENTATION = CELLS * CELLS * WIDTHS[-1]
CLUSTER_REPRESENTATION = CLUSTER_CELLS * CLUSTER_CELLS * CLUSTER_WIDTHS[-1]



def hashes(seed, n):
    out = []
    for i in range(n):
        x = ((seed * 100_003 + i + 1) * 2654435761) & 0xFFFFFFFF
        x ^= x >> 15
        x = (x * 2246822519) & 0xFFFFFFFF
        out.append(x ^ (x >> 13))
    return out


def uniform(seed, shape):
    """In [-1, 1)."""
    return torch.tensor([h / 2**31 - 1 for h in hashes(seed, math.prod(shape))]).reshape(shape)


def images(seed, shape):
    """Bytes / 255; plain squares of 4 × 4 pixels, so that images differ by more than their noise."""
    n, height, width, channels = shape
    coarse = (n, height // 4, width // 4, channels)
    squares = torch.tensor([h >> 24 for h in hashes(seed, math.prod(coarse))], dtype=torch.float64).reshape(coarse) / 255
    return squares.repeat_interleave(4, 1).repeat_interleave(4, 2)


def weight(path, shape, seed):
    if len(shape) >= 2:
        return uniform(seed, shape) * math.sqrt(6 / math.prod(shape[:-1]))
    offset = 1 if path.endswith("scale") or path.endswith("bound") else -2 if path.endswith("logScale") else 0
    return offset + 0.1 * uniform(seed, shape)


def fill(shapes, first_seed=0):
    return {path: weight(path, shape, first_seed + k).requires_grad_() for k, (path, shape) in enumerate(shapes.items())}


# ——— networks, NHWC, weights by path ———


def conv(p, name, x, stride=1):
    """TensorFlow's "same": an odd pad goes below and to the right."""
    w, b = p[name + ".w"], p[name + ".b"]
    pads = []
    for size, k in ((x.shape[2], w.shape[1]), (x.shape[1], w.shape[0])):
        total = max((math.ceil(size / stride) - 1) * stride + k - size, 0)
        pads += [total // 2, total - total // 2]
    y = F.conv2d(F.pad(x.permute(0, 3, 1, 2), pads), w.permute(3, 2, 0, 1), b, stride=stride)
    return y.permute(0, 2, 3, 1)


def dense(p, name, x):
    return x @ p[name + ".w"] + p[name + ".b"]


def mlp(p, name, x, count):
    for i in range(count):
        x = dense(p, f"{name}.{i}", x)
        x = F.relu(x) if i < count - 1 else x
    return x


def feature_maps(p, x, count):
    h = 2 * x - 1
    for i in range(count):
        h = F.relu(conv(p, f"encoder.{i}", h, stride=2))
    return h


def encode(p, x, widths=WIDTHS, cells=CELLS):
    """The mean of each cell of the feature maps, row by row."""
    maps = feature_maps(p, x, len(widths))
    side = maps.shape[1] // cells
    places = [side * i for i in range(cells)]
    return torch.cat([maps[:, i:i + side, j:j + side].mean((1, 2)) for i in places for j in places], 1)


def head(p, name, h):
    a = F.batch_norm(h @ p[name + ".w"], None, None, p[name + ".norm.scale"], p[name + ".norm.shift"], training=True, eps=1e-5)
    return dense(p, name + ".out", F.relu(a))


def encoder_shapes(channels, widths=WIDTHS):
    shapes = {}
    for i, width in enumerate(widths):
        shapes[f"encoder.{i}.w"], shapes[f"encoder.{i}.b"] = (3, 3, channels, width), (width,)
        channels = width
    return shapes


def head_shapes(name, inputs, hidden, outputs):
    return {f"{name}.w": (inputs, hidden), f"{name}.norm.scale": (hidden,), f"{name}.norm.shift": (hidden,),
            f"{name}.out.w": (hidden, outputs), f"{name}.out.b": (outputs,)}


def mlp_shapes(name, widths):
    shapes = {}
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        shapes[f"{name}.{i}.w"], shapes[f"{name}.{i}.b"] = (a, b), (b,)
    return shapes


# ——— the methods: shapes, and loss(params, step) → (loss, metrics) ———


class Simclr:
    shapes = {**encoder_shapes(1), **head_shapes("projector", REPRESENTATION, SIMCLR_HIDDEN, 4)}

    def loss(self, p, step):
        z = F.normalize(torch.cat([head(p, "projector", encode(p, images(1000 + 2 * step + v, (6, 16, 16, 1)))) for v in (0, 1)]))
        similarity = (z @ z.T / 0.2).masked_fill(torch.eye(12, dtype=torch.bool), -math.inf)
        return F.cross_entropy(similarity, torch.arange(12).roll(6)), {}


class Byol:
    online = {**encoder_shapes(1), **head_shapes("projector", REPRESENTATION, BYOL_HIDDEN, 4)}
    shapes = {**online, **head_shapes("predictor", 4, PREDICTOR_HIDDEN, 4)}

    def __init__(self):
        self.target = {path: t.detach() for path, t in fill(self.online, 500).items()}

    def loss(self, p, step):
        a, b = (images(1000 + 2 * step + v, (6, 16, 16, 1)) for v in (0, 1))
        online = [F.normalize(head(p, "predictor", head(p, "projector", encode(p, x)))) for x in (a, b)]
        target = [F.normalize(head(self.target, "projector", encode(self.target, x))) for x in (b, a)]
        return sum((u - v).pow(2).sum(1).mean() for u, v in zip(online, target)), {}

    def after(self, p, step):
        tau = 1 - (1 - 0.99) * (math.cos(math.pi * step / STEPS) + 1) / 2
        self.target = {path: tau * t + (1 - tau) * p[path].detach() for path, t in self.target.items()}


class Relational:
    """Three views of six images, γ = 2; pairs one by one, as the authors write them."""
    shapes = {**encoder_shapes(1), **head_shapes("relation", 2 * REPRESENTATION, RELATION_HIDDEN, 1)}

    def loss(self, p, step):
        h = [encode(p, images(1000 + 3 * step + v, (6, 16, 16, 1))) for v in range(3)]
        pairs, labels, shift = [], [], 0
        for i in range(3):
            for j in range(i + 1, 3):
                shift += 1
                pairs += [torch.cat([h[i], h[j]], 1), torch.cat([h[i], torch.roll(h[j], shift, 0)], 1)]
                labels += [torch.ones(6), torch.zeros(6)]
        pairs, labels = torch.cat(pairs), torch.cat(labels)
        a = F.batch_norm(pairs @ p["relation.w"], None, None, p["relation.norm.scale"], p["relation.norm.shift"], training=True, eps=1e-5)
        logits = dense(p, "relation.out", F.leaky_relu(a)).squeeze(1)
        right = torch.where(labels == 1, torch.sigmoid(logits), torch.sigmoid(-logits))
        return (-((1 - right) ** 2) * right.log()).mean(), {"pairAccuracy": (right > 0.5).double().mean()}


class DeepCluster:
    """Two steps an epoch. v1: each epoch brings new labels and a new classifier, whose moments start from zero."""
    labels = [[0, 1, 2, 3, 1, 0], [3, 3, 0, 1, 2, 0]]
    order = [[5, 0, 3, 2, 4, 1], [1, 1, 2, 0, 5, 4]]
    data = images(900, (6, 16, 16, 1))
    shapes = {**encoder_shapes(1, CLUSTER_WIDTHS), "top.w": (CLUSTER_REPRESENTATION, 4), "top.b": (4,)}
    steps = 4

    def rows(self, step):
        return self.order[step // 2][3 * (step % 2):][:3]

    def loss(self, p, step):
        rows = self.rows(step)
        logits = dense(p, "top", encode(p, self.data[rows], CLUSTER_WIDTHS, CLUSTER_CELLS))
        return F.cross_entropy(logits, torch.tensor([self.labels[step // 2][row] for row in rows])), {}

    def epoch(self, p, optimizer, step):
        for k, path in enumerate(("top.w", "top.b")):
            with torch.no_grad():
                p[path].copy_(weight(path, self.shapes[path], 700 + 10 * (step // 2) + k))
            for moment in ("exp_avg", "exp_avg_sq"):
                if optimizer.state[p[path]]:
                    optimizer.state[p[path]][moment].zero_()


class DeepClusterV2(DeepCluster):
    """The centroids classify: cosine over temperature. Nothing is reset."""
    shapes = {**encoder_shapes(1, CLUSTER_WIDTHS), "top.w": (CLUSTER_REPRESENTATION, 5), "top.b": (5,)}

    def loss(self, p, step):
        rows = self.rows(step)
        z = F.normalize(dense(p, "top", encode(p, self.data[rows], CLUSTER_WIDTHS, CLUSTER_CELLS)))
        centroids = F.normalize(uniform(800 + step // 2, (4, 5)))
        return F.cross_entropy(z @ centroids.T / 0.1, torch.tensor([self.labels[step // 2][row] for row in rows])), {}

    def epoch(self, p, optimizer, step):
        pass


def doubling(p, name, x):
    y = F.conv_transpose2d(x.permute(0, 3, 1, 2), p[name + ".w"].permute(3, 2, 0, 1), p[name + ".b"], stride=2, padding=1)
    return F.relu(y).permute(0, 2, 3, 1)


class Vae:
    """8 × 8 images, 3 latents, β = 2."""

    def __init__(self, channels):
        self.channels = channels
        self.shapes = {**encoder_shapes(channels, (32, 64)), **mlp_shapes("posterior", (256, 256, 6)),
                       **mlp_shapes("decoder.dense", (3, 256, 256)),
                       "decoder.up.0.w": (4, 4, 32, 64), "decoder.up.0.b": (32,),
                       "decoder.up.1.w": (4, 4, 16, 32), "decoder.up.1.b": (16,),
                       "decoder.out.w": (3, 3, 16, channels), "decoder.out.b": (channels,)}
        if channels == 3:
            self.shapes["likelihood.logScale"] = (3,)

    def decode(self, p, z):
        h = F.relu(mlp(p, "decoder.dense", z, 2)).reshape(-1, 2, 2, 64)
        return conv(p, "decoder.out", doubling(p, "decoder.up.1", doubling(p, "decoder.up.0", h)))

    def loss(self, p, step):
        x = images(1000 + step, (6, 8, 8, self.channels))
        if self.channels == 1:
            # A fresh binary draw: ink where the grey value exceeds a uniform number.
            x = (x > (uniform(2000 + step, x.shape) + 1) / 2).double()
        mu, logVar = mlp(p, "posterior", feature_maps(p, x, 2).reshape(6, -1), 2).chunk(2, 1)
        out = self.decode(p, mu + (logVar / 2).exp() * 2 * uniform(3000 + step, (6, 3)))
        if self.channels == 1:
            reconstruction = F.binary_cross_entropy_with_logits(out, x, reduction="none").sum((1, 2, 3)).mean()
        else:
            scale = p["likelihood.logScale"].exp()
            upper = ((x + 1 / 510 - out - 0.5) / scale).masked_fill(x == 1, math.inf)
            lower = ((x - 1 / 510 - out - 0.5) / scale).masked_fill(x == 0, -math.inf)
            # Reflected above the mean, where float64 would cancel.
            mass = torch.where(x < out + 0.5, torch.sigmoid(upper) - torch.sigmoid(lower), torch.sigmoid(-lower) - torch.sigmoid(-upper))
            reconstruction = -mass.log().sum((1, 2, 3)).mean()
        kl = (0.5 * (mu**2 + logVar.exp() - 1 - logVar)).sum(1).mean()
        return reconstruction + 2 * kl, {"reconstruction": reconstruction, "kl": kl}


def coupling_shapes(i, *shapes):
    out = {}
    for k, shape in enumerate(shapes):
        out[f"couplings.{i}.net.{k}.w"], out[f"couplings.{i}.net.{k}.b"] = shape, (shape[-1],)
    return {**out, f"couplings.{i}.bound": (shapes[-1][-1] // 2,)}


def normal_nll(z):
    return 0.5 * (z**2).sum(1) + 0.5 * z.shape[1] * math.log(2 * math.pi)


class FlowOfPoints:
    """Three couplings of width 8; they keep coordinate 0, 1, 0."""
    shapes = {k: v for i in range(3) for k, v in coupling_shapes(i, (2, 8), (8, 8), (8, 4)).items()}

    def loss(self, p, step):
        x, logDet = 2 * uniform(1000 + step, (6, 2)), 0
        for i in range(3):
            kept = torch.tensor([1.0, 0.0] if i % 2 == 0 else [0.0, 1.0])
            s, t = mlp(p, f"couplings.{i}.net", kept * x, 3).chunk(2, 1)
            s = p[f"couplings.{i}.bound"] * torch.tanh(s)
            x = torch.where(kept == 1, x, x * s.exp() + t)
            logDet = logDet + ((1 - kept) * s).sum(1)
        return (normal_nll(x) - logDet).mean(), {}


class FlowOfImages:
    """8 × 8 × 1, one coupling at each masking of each scale, width 8 (4 at full size)."""
    shapes = {k: v for i, (c, width) in enumerate([(1, 4), (4, 8), (2, 8), (8, 8), (4, 8), (4, 8)])
              for k, v in coupling_shapes(i, (3, 3, c, width), (1, 1, width, width), (3, 3, width, 2 * c)).items()}

    def couple(self, p, i, x, kept):
        name, h = f"couplings.{i}.net", kept * x
        for k in range(3):
            h = conv(p, f"{name}.{k}", h)
            h = F.relu(h) if k < 2 else h
        s, t = (DAMPING * h).chunk(2, 3)
        s = p[f"couplings.{i}.bound"] * torch.tanh(s)
        self.logDet = self.logDet + ((1 - kept) * s).sum((1, 2, 3))
        return torch.where(kept == 1, x, x * s.exp() + t)

    def loss(self, p, step):
        x = images(1000 + step, (6, 8, 8, 1))
        u = (uniform(2000 + step, x.shape) + 1) / 2
        q = 0.05 + 0.9 * (255 * x + u) / 256
        self.logDet = (math.log(0.9 / 256) - q.log() - (1 - q).log()).sum((1, 2, 3))
        x = q.log() - (1 - q).log()
        checkerboard = lambda h, odd: torch.tensor([[[float((i + j) % 2 == odd)] for j in range(h)] for i in range(h)])
        noise, i = [], 0
        for _ in range(2):
            x = self.couple(p, i, x, checkerboard(x.shape[1], 0))
            # Space to channels: each 2 × 2 block, row by row.
            x = torch.cat([x[:, dy::2, dx::2] for dy in (0, 1) for dx in (0, 1)], 3)
            half = x.shape[3] // 2
            x = self.couple(p, i + 1, x, torch.tensor([1.0] * half + [0.0] * half))
            noise.append(x[..., half:].flatten(1))
            x, i = x[..., :half], i + 2
        for odd in (0, 1):
            x, i = self.couple(p, i, x, checkerboard(x.shape[1], odd)), i + 1
        return (normal_nll(torch.cat([*noise, x.flatten(1)], 1)) - self.logDet).mean(), {}


# ——— the loop ———


def probe(t, clear, count=6):
    """A few entries, spread over those whose gradients were clear of rounding error at every step."""
    places = clear.flatten().nonzero().flatten().tolist()
    places = places[:: max(1, len(places) // count)][:count]
    return {"at": places, "values": [t.flatten()[i].item() for i in places]}


def run(method):
    p = fill(method.shapes)
    groups = [{"params": [t for t in p.values() if t.dim() >= 2], "weight_decay": WEIGHT_DECAY},
              {"params": [t for t in p.values() if t.dim() < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-8)
    smallest = {path: torch.full_like(t, math.inf).detach() for path, t in p.items()}
    metrics = []
    for step in range(getattr(method, "steps", 3)):
        if hasattr(method, "epoch") and step % 2 == 0:
            method.epoch(p, optimizer, step)
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 + math.cos(math.pi * step / STEPS)) / 2
        optimizer.zero_grad()
        loss, rest = method.loss(p, step)
        loss.backward()
        for path, t in p.items():
            smallest[path] = torch.minimum(smallest[path], t.grad.abs() / t.grad.abs().max().clamp(min=1e-6))
        optimizer.step()
        if hasattr(method, "after"):
            method.after(p, step)
        metrics.append({"loss": loss.item(), **{name: value.item() for name, value in rest.items()}})
    out = {"shapes": method.shapes, "metrics": metrics, "params": {path: probe(t.detach(), smallest[path] > 1e-3) for path, t in p.items()}}
    if hasattr(method, "target"):
        out["target"] = {path: probe(t, smallest[path] > 1e-3) for path, t in method.target.items()}
    return out


methods = {"simclr": Simclr(), "byol": Byol(), "relational": Relational(), "deepcluster": DeepCluster(), "deepcluster v2": DeepClusterV2(),
           "vae": Vae(1), "vae in colour": Vae(3), "realnvp of points": FlowOfPoints(), "realnvp of images": FlowOfImages()}
cases = {name: run(method) for name, method in methods.items()}
for name, case in cases.items():
    empty = [path for path, found in case["params"].items() if not found["at"]]
    print(name, [round(m["loss"], 5) for m in case["metrics"]], "no clear gradient:" if empty else "", *empty)
path = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "steps.json"
settings = {"learningRate": LEARNING_RATE, "weightDecay": WEIGHT_DECAY, "steps": STEPS}
path.write_text(json.dumps({"source": f"torch {torch.__version__}, float64", "settings": settings, "cases": cases}) + "\n")

/** Depth at which points that still share a cell are taken as one: cells are then 2⁻²⁴ of the picture wide. */
const deepest = 24;

/** A quadtree over points of the plane, for forces that fade with distance. */
export type Quadtree = {
  /** Builds the tree anew over [x0, y0, x1, …]. */
  build(points: Float64Array): void;
  /**
   * The repulsion of t-SNE on point i from all others: adds Σⱼ wᵢⱼ²·(yᵢ − yⱼ) to `force`, where wᵢⱼ = 1 / (1 + ‖yᵢ − yⱼ‖²), and returns
   * Σⱼ wᵢⱼ. Cells narrower than `theta` times their distance stand for all their points (Barnes & Hut, 1986); 0: exact.
   */
  repel(i: number, theta: number, force: Float64Array): number;
};

/** A tree for n points. */
export function quadtree(n: number): Quadtree {
  let capacity = 4 * n + 64;
  /** First of four children, or 0 for a leaf. */
  let child = new Int32Array(capacity);
  let mass = new Float64Array(capacity);
  let [sumX, sumY] = [new Float64Array(capacity), new Float64Array(capacity)];
  let width = new Float64Array(capacity);
  /** The leaf in which each point lies. */
  const leafOf = new Int32Array(n);
  const stack = new Int32Array(4 * deepest + 8);
  let points = new Float64Array();
  let used = 1;

  const grow = () => {
    capacity *= 2;
    const longer = (from: Float64Array<ArrayBuffer>) => {
      const to = new Float64Array(capacity);
      to.set(from);
      return to;
    };
    const children = new Int32Array(capacity);
    children.set(child);
    child = children;
    [mass, sumX, sumY, width] = [longer(mass), longer(sumX), longer(sumY), longer(width)];
  };
  const clear = (node: number, side: number) => {
    child[node] = mass[node] = sumX[node] = sumY[node] = 0;
    width[node] = side;
  };
  const add = (node: number, x: number, y: number, m: number) => {
    mass[node]! += m;
    sumX[node]! += m * x;
    sumY[node]! += m * y;
  };

  return {
    build(all) {
      points = all as Float64Array<ArrayBuffer>;
      let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
      for (let i = 0; i < n; i++) {
        const [x, y] = [points[2 * i]!, points[2 * i + 1]!];
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < low) low = y;
        if (y > high) high = y;
      }
      const side = Math.max(right - left, high - low) * 1.0001 + 1e-12;
      used = 1;
      clear(0, side);
      for (let i = 0; i < n; i++) {
        const [x, y] = [points[2 * i]!, points[2 * i + 1]!];
        let node = 0;
        let [x0, y0, half] = [left, low, side / 2];
        const below = () => {
          const which = (x >= x0 + half ? 1 : 0) + (y >= y0 + half ? 2 : 0);
          if (which & 1) x0 += half;
          if (which & 2) y0 += half;
          half /= 2;
          node = child[node]! + which;
        };
        let depth = 0;
        for (; ; depth++) {
          if (child[node] === 0) {
            if (mass[node] === 0 || depth >= deepest) break;
            // A leaf that holds another point: it moves one cell down.
            if (used + 4 > capacity) grow();
            const [m, px, py] = [mass[node]!, sumX[node]! / mass[node]!, sumY[node]! / mass[node]!];
            child[node] = used;
            for (let k = 0; k < 4; k++) clear(used + k, half);
            used += 4;
            const moved = child[node]! + (px >= x0 + half ? 1 : 0) + (py >= y0 + half ? 2 : 0);
            add(moved, px, py, m);
          }
          add(node, x, y, 1);
          below();
        }
        add(node, x, y, 1);
      }
      // Leaves split while the tree grew: only now is it known where each point lies.
      for (let i = 0; i < n; i++) {
        const [x, y] = [points[2 * i]!, points[2 * i + 1]!];
        let [node, x0, y0, half] = [0, left, low, side / 2];
        while (child[node] !== 0) {
          const which = (x >= x0 + half ? 1 : 0) + (y >= y0 + half ? 2 : 0);
          if (which & 1) x0 += half;
          if (which & 2) y0 += half;
          half /= 2;
          node = child[node]! + which;
        }
        leafOf[i] = node;
      }
    },
    repel(i, theta, force) {
      const [x, y] = [points[2 * i]!, points[2 * i + 1]!];
      const near = theta * theta;
      let [fx, fy, total, top] = [0, 0, 0, 0];
      stack[top++] = 0;
      while (top > 0) {
        const node = stack[--top]!;
        const m = mass[node]!;
        if (m === 0) continue;
        const dx = x - sumX[node]! / m;
        const dy = y - sumY[node]! / m;
        const d = dx * dx + dy * dy;
        const first = child[node]!;
        if (first === 0 || width[node]! * width[node]! < near * d) {
          const w = 1 / (1 + d);
          const others = leafOf[i] === node ? m - 1 : m;
          total += others * w;
          fx += others * w * w * dx;
          fy += others * w * w * dy;
        } else for (let k = 0; k < 4; k++) stack[top++] = first + k;
      }
      force[0]! += fx;
      force[1]! += fy;
      return total;
    },
  };
}

import { describe, expect, it } from 'vitest';
import { acceptedData, catalogue, loadMethods, type MethodInfo } from '../../demos/app/catalogue.ts';
import { differences } from '../../demos/app/overlays.ts';
import { keepPrimitives, readSearch, type Search, toSearch } from '../../demos/app/search.ts';
import { fromPosition, positions, toPosition } from '../../demos/components/settings/scale.ts';

await loadMethods();
const { methods, datasets } = catalogue;
const simclr = methods.simclr!;
const read = (search: Search) => readSearch(simclr, datasets, search);

describe('the address of a run', () => {
  it('of no words is the default run, and that run has no words', () => {
    for (const method of Object.values(methods)) {
      const { spec, specs, problems } = readSearch(method, datasets, {});
      expect(problems).toEqual([]);
      expect(spec).toMatchObject({ method: method.id, seed: 0, backend: 'auto', data: acceptedData(method)[0] });
      expect(toSearch(spec, specs, acceptedData(method)[0]!)).toEqual({});
    }
  });

  it('says what differs, and gives the same run again', () => {
    for (const method of Object.values(methods))
      for (const data of acceptedData(method)) {
        const { spec, specs } = readSearch(method, datasets, { data, seed: 7, steps: 123 });
        const search = toSearch(spec, specs, acceptedData(method)[0]!);
        expect(Object.keys(search)).toEqual(expect.arrayContaining(['seed', 'steps']));
        const again = readSearch(method, datasets, keepPrimitives(search));
        expect([again.spec, again.problems]).toEqual([spec, []]);
      }
  });

  it('with bad values names each and takes the default', () => {
    const { spec, problems } = read({ data: 'two-moons', seed: -1, backend: 'cuda', temperature: 99, bogus: 1, toString: 'x' });
    expect(spec).toEqual(read({}).spec);
    expect(problems).toHaveLength(6);
    for (const [i, name] of ['data', 'backend', 'seed', 'temperature', 'bogus', 'toString'].entries()) expect(problems[i]).toContain(name);
    expect(problems[3]).toContain('0.2');
  });

  it('keeps texts, numbers and switches of a URL, and no objects', () => {
    expect(keepPrimitives({ a: '0.5', b: 2, c: 'true', d: { x: 1 }, e: null, f: 'text' })).toEqual({
      a: 0.5,
      b: 2,
      c: true,
      d: '{"x":1}',
      f: 'text',
    });
  });
});

describe('labels of runs', () => {
  const run = (search: Search, method: MethodInfo = simclr) => {
    const { spec, changed } = readSearch(method, datasets, search);
    return { spec, changed, methodName: method.name };
  };
  it('say only what differs', () => {
    expect(differences([run({}), run({ seed: 3 }), run({ seed: 3, temperature: 1 })])).toEqual([
      'seed 0 · temperature 0.2',
      'seed 3 · temperature 0.2',
      'seed 3 · temperature 1',
    ]);
    expect(differences([run({ seed: 5 }), run({ seed: 5 })])).toEqual(['', '']);
  });
  it('of different methods name the method, and only changed settings that the other lacks', () => {
    const [a, b] = differences([run({ temperature: 1 }), run({}, methods.byol!)]);
    expect(a).toBe('SimCLR · temperature 1');
    expect(b).toBe('BYOL');
  });
});

describe('sliders', () => {
  it('reach both ends, move one way, and come back to the position of a value', () => {
    for (const method of Object.values(methods))
      for (const id of acceptedData(method))
        for (const { specs } of method.settings[id]!)
          for (const [name, spec] of Object.entries(specs)) {
            const { control } = spec;
            if (control.kind !== 'slider') continue;
            const last = positions(control);
            expect(fromPosition(control, 0), name).toBe(control.min);
            expect(fromPosition(control, last), name).toBe(control.max);
            for (let at = 0; at <= last; at++) {
              const value = fromPosition(control, at);
              expect(spec.check(value), `${name} at ${at}`).toBeNull();
              if (at > 0) expect(value).toBeGreaterThanOrEqual(fromPosition(control, at - 1));
            }
            expect(fromPosition(control, toPosition(control, control.max))).toBe(control.max);
          }
  });
});

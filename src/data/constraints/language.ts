import { unknown } from '../../nearest.ts';
import { compile, type Statement } from './compile.ts';
import { add, type Comparison, constant, constantOf, type Expression, type Logic, multiply, scale, variable } from './expression.ts';
import type { Problem, Variable } from './problem.ts';

/** At most so many variables, and values of a discrete one. */
const most = { variables: 12, values: 64 };

type Token = { readonly text: string; readonly kind: 'number' | 'name' | 'sign' };
const shapes = /\s*(?:(\d+\.\d+|\d+|\.\d+)|([A-Za-z_]\w*)|(<=|>=|!=|=>|==|\.\.|[-+*/^()[\]{},|<>=]))/y;
const reserved = ['in', 'bool', 'and', 'or', 'not', 'weight', 'if', 'else', 'inf'];

/** Statements are separated by semicolons; each is read by a reader of its own, which knows the variables so far. */
class Reader {
  private readonly tokens: Token[] = [];
  private at = 0;
  readonly source: string;
  private readonly variables: readonly Variable[];

  constructor(source: string, variables: readonly Variable[]) {
    this.source = source;
    this.variables = variables;
    shapes.lastIndex = 0;
    while (shapes.lastIndex < source.length) {
      const from = shapes.lastIndex;
      const found = shapes.exec(source);
      if (!found) throw this.wrong(`has the sign "${source.slice(from).trim()[0]}", which means nothing here`);
      const [, number, name, sign] = found;
      this.tokens.push({ text: (number ?? name ?? sign)!, kind: number ? 'number' : name ? 'name' : 'sign' });
    }
  }

  wrong = (what: string): Error => new Error(`"${this.source}" ${what}`);
  private get next(): Token | undefined {
    return this.tokens[this.at];
  }
  private sees = (...texts: string[]) => this.next !== undefined && texts.includes(this.next.text);
  private take(...texts: string[]): string | null {
    if (!this.sees(...texts)) return null;
    return this.tokens[this.at++]!.text;
  }
  private need(text: string): void {
    if (this.take(text)) return;
    throw this.wrong(`lacks "${text}" ${this.next ? `before "${this.next.text}"` : 'at its end'}`);
  }
  private end(): void {
    if (this.next) throw this.wrong(`makes no sense from "${this.next.text}" on`);
  }

  /** "x, y in [0, 1]", "k in {0..3}", "a bool"; null if the statement declares nothing. */
  declaration(): Variable[] | null {
    const split = this.tokens.findIndex(({ text }) => text === 'in' || text === 'bool');
    if (split < 0) return null;
    const names: string[] = [];
    do {
      const token = this.tokens[this.at++];
      if (token?.kind !== 'name' || reserved.includes(token.text))
        throw this.wrong('needs names of variables first, such as "x, y in [0, 1]"');
      names.push(token.text);
    } while (this.take(','));
    const range = this.take('bool') ? { low: 0, high: 1, values: [0, 1] } : this.range();
    this.end();
    return names.map((name) => ({ name, ...range }));
  }

  private range(): Omit<Variable, 'name'> {
    this.need('in');
    const whole = this.take('{') !== null;
    if (!whole) this.need('[');
    const low = this.bound();
    this.need(whole ? '..' : ',');
    const high = this.bound();
    this.need(whole ? '}' : ']');
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw this.wrong('is unbounded: an integral needs finite ends, such as [0, 10]; take them wide enough that nothing lies beyond');
    if (whole && !(Number.isInteger(low) && Number.isInteger(high))) throw this.wrong('needs whole numbers between braces, such as {0..3}');
    if (whole ? low > high : low >= high) throw this.wrong(`holds no number: its lower end ${low} is not below its upper end ${high}`);
    if (whole && high - low >= most.values) throw this.wrong(`has ${high - low + 1} values; at most ${most.values} are summed over`);
    return { low, high, values: whole ? Array.from({ length: high - low + 1 }, (_, k) => low + k) : null };
  }

  private bound(): number {
    const sign = this.take('-', '+') === '-' ? -1 : 1;
    if (this.take('inf')) return sign * Number.POSITIVE_INFINITY;
    const value = constantOf(this.product());
    if (value === null) throw this.wrong('needs numbers as ends');
    return sign * value;
  }

  /** "weight x*y if a else 2", or a formula. */
  statement(): Statement {
    if (!this.take('weight')) {
      const formula = this.formula();
      this.end();
      return { source: this.source, formula };
    }
    const inside = this.sum();
    const when = this.take('if') ? this.formula() : null;
    const outside = when && this.take('else') ? this.sum() : constant(1);
    this.end();
    return { source: this.source, weight: { inside, when, outside } };
  }

  private formula(): Logic {
    const first = this.any();
    return this.take('=>') ? { kind: 'or', parts: [{ kind: 'not', part: first }, this.formula()] } : first;
  }
  private any(): Logic {
    const parts = [this.all()];
    while (this.take('or')) parts.push(this.all());
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }
  private all(): Logic {
    const parts = [this.single()];
    while (this.take('and')) parts.push(this.single());
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }
  private single(): Logic {
    if (this.take('not')) return { kind: 'not', part: this.single() };
    if (!this.groups()) return this.comparison();
    this.need('(');
    const inner = this.formula();
    this.need(')');
    return inner;
  }

  /** Whether the parenthesis that opens here holds a formula, not a sum. */
  private groups(): boolean {
    if (!this.sees('(')) return false;
    let depth = 0;
    for (let k = this.at; k < this.tokens.length; k++) {
      const { text } = this.tokens[k]!;
      if (['<=', '>=', '<', '>', '=', '==', '!=', '=>', 'and', 'or', 'not'].includes(text)) return true;
      depth += text === '(' ? 1 : text === ')' ? -1 : 0;
      // A Boolean variable in parentheses of its own.
      if (depth === 0) return !['+', '-', '*', '/', '^', '<=', '>=', '<', '>', '=', '==', '!='].includes(this.tokens[k + 1]?.text ?? '');
    }
    return false;
  }

  /** "0 <= x - y <= 1", "|x - y| <= 1", or a Boolean variable alone. */
  private comparison(): Logic {
    const magnitude = this.take('|') !== null;
    let left = this.sum();
    if (magnitude) this.need('|');
    const parts: Logic[] = [];
    for (let sign = this.sign(); sign; sign = this.sign()) {
      const right = this.sum();
      const away = compare(left, sign, right);
      if (!magnitude) parts.push(away);
      else if (sign === '<=' || sign === '<') parts.push(away, compare(scale(left, -1), sign, right));
      else if (sign === '>=' || sign === '>') parts.push({ kind: 'or', parts: [away, compare(scale(left, -1), sign, right)] });
      else throw this.wrong('compares |…| by something else than <=, <, >= or >');
      left = right;
    }
    if (parts.length > 1) return { kind: 'and', parts };
    if (parts[0]) return parts[0];
    const [only] = left.length === 1 ? left : [];
    const [v] = only && only.coefficient === 1 ? Object.entries(only.powers) : [];
    if (v?.[1] !== 1 || this.variables[Number(v[0])]!.values?.join() !== '0,1')
      throw this.wrong('compares nothing: a constraint needs <=, >=, < or >, or a Boolean variable alone');
    return compare(left, '>=', constant(1));
  }
  private sign = () => this.take('<=', '>=', '<', '>', '=', '==', '!=');

  private sum(): Expression {
    let total = this.take('-') ? scale(this.product(), -1) : this.product();
    for (let sign = this.take('+', '-'); sign; sign = this.take('+', '-'))
      total = add(total, sign === '-' ? scale(this.product(), -1) : this.product());
    return total;
  }
  private product(): Expression {
    let total = this.power();
    for (let sign = this.take('*', '/'); sign; sign = this.take('*', '/')) {
      const right = this.power();
      if (sign === '*') total = multiply(total, right);
      else {
        const by = constantOf(right);
        if (!by) throw this.wrong('divides by something else than a number that is not 0');
        total = scale(total, 1 / by);
      }
    }
    return total;
  }
  private power(): Expression {
    const base = this.factor();
    if (!this.take('^')) return base;
    const token = this.tokens[this.at++];
    const exponent = Number(token?.text);
    if (!Number.isInteger(exponent) || exponent < 0 || exponent > 6) throw this.wrong('needs a whole number from 0 to 6 after "^"');
    return new Array<Expression>(exponent).fill(base).reduce(multiply, constant(1));
  }
  private factor(): Expression {
    const token = this.tokens[this.at++];
    if (token?.kind === 'number') return constant(Number(token.text));
    if (token?.text === '(') {
      const inner = this.sum();
      this.need(')');
      return inner;
    }
    if (token?.kind !== 'name' || reserved.includes(token.text))
      throw this.wrong(token ? `has "${token.text}" where a number or a variable belongs` : 'ends where a number or a variable belongs');
    const place = this.variables.findIndex(({ name }) => name === token.text);
    if (place < 0)
      throw this.wrong(
        `speaks of ${token.text}, which has no bounds. Declare it first: "${token.text} in [0, 1]". ${unknown(
          'variable',
          token.text,
          this.variables.map(({ name }) => name),
        )}`,
      );
    return variable(place);
  }
}

const compare = (left: Expression, sign: string, right: Expression): Comparison | Logic => {
  const gap = add(left, scale(right, -1));
  if (sign === '>=' || sign === '>') return { kind: 'compare', gap: scale(gap, -1), op: sign === '>' ? '<' : '<=' };
  if (sign === '!=') return { kind: 'not', part: { kind: 'compare', gap, op: '=' } };
  return { kind: 'compare', gap, op: sign === '<=' || sign === '<' ? sign : '=' };
};

/**
 * Reads a problem: "x, y in [0, 1]; k in {0..3}; a bool; x + y <= 1; a or |x - y| <= 1/2; weight 2*x*y if x <= y else y".
 *
 * Statements are separated by semicolons. A declaration gives bounds: real numbers [low, high], whole ones {low..high}, or `bool`. A
 * constraint compares linear expressions of at most two variables, joined by and, or, not, =>; a weight is a polynomial of at most two
 * variables, nowhere negative. Throws a sentence that quotes the statement and says what is wrong with it: unbounded, empty, unknown,
 * not linear, more than two variables, negative, or no part of the language.
 */
export function readProblem(text: string): Problem {
  const variables: Variable[] = [];
  const statements: Statement[] = [];
  for (const source of text.split(';').map((each) => each.trim())) {
    if (!source) continue;
    const reader = new Reader(source, variables);
    const declared = reader.declaration();
    if (!declared) statements.push(reader.statement());
    for (const { name } of declared ?? [])
      if (variables.some((other) => other.name === name)) throw reader.wrong(`declares ${name} a second time`);
    variables.push(...(declared ?? []));
  }
  if (variables.length === 0) throw new Error('The problem has no variable: declare one with its bounds, such as "x in [0, 1]"');
  if (variables.length > most.variables)
    throw new Error(`The problem has ${variables.length} variables; at most ${most.variables} are worked with`);
  return compile(variables, statements);
}

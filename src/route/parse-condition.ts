import { isTree, nearest, toKebab, type Path, type Shape } from '../host/shape.js';
import { OPERATORS, type Condition, type Operand, type Operator, type Scalar } from './condition.js';
import { shapeAt } from './pair.js';

/** Where problems of a condition go, and which facts it may name. */
export interface ConditionContext {
  readonly facts: Shape;
  /** Names bound by `some`, with the shape of an element. */
  readonly bound: Readonly<Record<string, Shape>>;
  readonly report: (path: Path, message: string) => void;
}

const NEVER: Condition = { kind: 'constant', truth: 'unknown' };

/** Reads a condition as written; a part that cannot be read is reported and stands as unknown. */
export function parseCondition(value: unknown, path: Path, context: ConditionContext): Condition {
  if (value === 'yes' || value === 'no' || value === 'unknown') return { kind: 'constant', truth: value };
  if (!isTree(value)) return reject(path, context, 'expected a condition: all, any, not, some or fact');
  if ('all' in value || 'any' in value) return parseParts(value, path, context);
  if ('not' in value) return { kind: 'not', part: parseCondition(value['not'], [...path, 'not'], context) };
  if ('some' in value) return parseSome(value, path, context);
  return parseTest(value, path, context);
}

function reject(path: Path, context: ConditionContext, message: string): Condition {
  context.report(path, message);
  return NEVER;
}

function parseParts(value: Readonly<Record<string, unknown>>, path: Path, context: ConditionContext): Condition {
  const kind = 'all' in value ? 'all' : 'any';
  const parts: unknown = value[kind];
  if (!Array.isArray(parts) || parts.length < 2)
    return reject(path, context, `\`${kind}\` takes a list of two or more`);
  return { kind, parts: parts.map((part, index) => parseCondition(part, [...path, kind, index], context)) };
}

function parseSome(value: Readonly<Record<string, unknown>>, path: Path, context: ConditionContext): Condition {
  const { some: list, as: name, where } = value;
  if (typeof list !== 'string' || typeof name !== 'string')
    return reject(path, context, '`some` takes a fact, and `as` a name');
  const shape = factShape(list, [...path, 'some'], context);
  if (shape === null) return NEVER;
  if (shape.kind !== 'list') return reject([...path, 'some'], context, `\`${list}\` is no list`);
  const bound = { ...context.bound, [name]: shape.of };
  return { kind: 'some', list, name, where: parseCondition(where, [...path, 'where'], { ...context, bound }) };
}

function parseTest(value: Readonly<Record<string, unknown>>, path: Path, context: ConditionContext): Condition {
  const { fact, ...rest } = value;
  const keys = Object.keys(rest);
  const operator = OPERATORS.find((candidate) => candidate === keys[0]);
  if (typeof fact !== 'string') return reject(path, context, 'expected `fact` with the path of one');
  if (operator === undefined || keys.length !== 1) {
    return reject(path, context, `expected exactly one operator beside \`fact\`: ${OPERATORS.join(', ')}`);
  }
  const shape = factShape(fact, [...path, 'fact'], context);
  const operand = parseOperand(rest[operator], [...path, operator], context);
  if (shape === null || operand === null) return NEVER;
  const problem = misfit(operator, shape, operand);
  return problem === null ? { kind: 'test', fact, operator, operand } : reject(path, context, problem);
}

function parseOperand(value: unknown, path: Path, context: ConditionContext): Operand | null {
  if (isScalar(value)) return { kind: 'literal', value };
  if (Array.isArray(value) && value.every(isScalar)) return { kind: 'literal', value };
  if (isTree(value) && typeof value['fact'] === 'string' && Object.keys(value).length === 1) {
    return factShape(value['fact'], path, context) === null ? null : { kind: 'fact', path: value['fact'] };
  }
  context.report(path, 'expected a value, a list of values, or `{ fact: … }`');
  return null;
}

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Shape of the fact that a path names, reported and null where there is none. */
export function factShape(path: string, at: Path, context: ConditionContext): Shape | null {
  const first = path.split('.', 1)[0] ?? path;
  const bound = Object.hasOwn(context.bound, first) ? context.bound[first] : undefined;
  const found = bound === undefined ? shapeAt(context.facts, path) : shapeAt(bound, path.slice(first.length + 1));
  if ('kind' in found) return withoutNull(found);
  const close = nearest(found.unknownKey, found.known.map(toKebab));
  context.report(at, `unknown fact \`${path}\`${close === null ? '' : `; did you mean \`${close}\`?`}`);
  return null;
}

const withoutNull = (shape: Shape): Shape => (shape.kind === 'nullable' ? withoutNull(shape.of) : shape);

/** What an operator expects on its left; null: anything. */
const LEFT: Readonly<Record<Operator, readonly Shape['kind'][] | null>> = {
  exists: null,
  is: ['text', 'word', 'number', 'flag'],
  in: ['text', 'word', 'number', 'flag'],
  contains: ['list', 'text'],
  'starts-with': ['text'],
  'ends-with': ['text'],
  below: ['number'],
  'at-least': ['number'],
  'older-than': ['text'],
  'newer-than': ['text'],
};

function misfit(operator: Operator, shape: Shape, operand: Operand): string | null {
  const allowed = LEFT[operator];
  if (allowed?.includes(shape.kind) === false) return `\`${operator}\` does not fit a ${shape.kind}`;
  if (operand.kind === 'fact') return null;
  const literal = operand.value;
  if (operator === 'exists') return typeof literal === 'boolean' ? null : '`exists` takes true or false';
  if (operator === 'in') return Array.isArray(literal) ? null : '`in` takes a list';
  return typeof literal === 'object' ? `\`${operator}\` takes one value` : misfitLiteral(shape, literal);
}

const TYPE_OF: Readonly<Partial<Record<Shape['kind'], string>>> = {
  number: 'number',
  flag: 'boolean',
  text: 'string',
  word: 'string',
  list: 'string',
};

function misfitLiteral(shape: Shape, literal: Scalar): string | null {
  if (shape.kind === 'word' && !shape.words.includes(String(literal))) {
    return `\`${String(literal)}\` is none of ${shape.words.join(', ')}`;
  }
  const expected = TYPE_OF[shape.kind];
  return expected === undefined || typeof literal === expected ? null : `\`${String(literal)}\` is no ${expected}`;
}

import { elementType, isListType, nearestName, OPERATOR_TYPES, OPERATORS } from '../facts/catalog-types.js';
import type { FactType, Operator, ScalarType } from '../facts/catalog-types.js';
import { compareVersions } from '../model/version.js';
import type { FactRead, Literal, Operand, Test } from './expression.js';
import { hint, quoted } from './fields.js';
import { compilePattern } from './pattern.js';
import { checkFact } from './scope.js';
import type { Position } from './scope.js';
import type { SourceEntry, SourceNode } from './source.js';

type MapNode = Extract<SourceNode, { kind: 'map' }>;

/** Checks `{ fact: <path>, <operator>: <operand> }`; null where it is wrong. */
export function checkTest(node: MapNode, position: Position): Test | null {
  const { report } = position.checking;
  const path = node.entries.find((entry) => entry.key === 'fact');
  const fact = path === undefined ? null : checkFact(path.value, position);
  const chosen = chooseOperator(node, position);
  if (fact === null || chosen === null) return null;
  const { operator, entry } = chosen;
  if (!OPERATOR_TYPES[operator].includes(fact.type)) {
    report(entry.keyPlace, `\`${operator}\` does not fit \`${fact.written}\`, which is a ${fact.type}`);
    return null;
  }
  const operand = checkOperand(operator, entry.value, fact, position);
  if (operand === null) return null;
  const readsGuest = fact.readsGuest || (operand.kind === 'fact' && operand.fact.readsGuest);
  return { kind: 'test', fact, operator, operand, place: node.place, readsGuest };
}

function chooseOperator(node: MapNode, position: Position): { operator: Operator; entry: SourceEntry } | null {
  const { report } = position.checking;
  let chosen: { operator: Operator; entry: SourceEntry } | null = null;
  for (const entry of node.entries) {
    if (entry.key === 'fact') continue;
    const operator = OPERATORS.find((candidate) => candidate === entry.key);
    if (operator === undefined) {
      report(entry.keyPlace, `unknown operator \`${entry.key}\`${hint(entry.key, OPERATORS)}`);
    } else if (chosen !== null) {
      report(entry.keyPlace, `\`${chosen.operator}\` and \`${operator}\` are two conditions; join them with \`all\``);
    } else {
      chosen = { operator, entry };
    }
  }
  if (chosen === null && node.entries.length < 2) report(node.place, `\`fact\` needs one of ${quoted(OPERATORS)}`);
  return chosen;
}

function checkOperand(operator: Operator, node: SourceNode, fact: FactRead, position: Position): Operand | null {
  if (operator === 'exists') return checkExists(node, position);
  if (operator === 'matches') return checkPattern(node, position);
  if (node.kind === 'map') return checkFactOperand(operator, node, fact, position);
  const type = literalType(fact.type);
  if (type === null) return null;
  const takesList = operator === 'in' || operator === 'starts-with' || operator === 'ends-with';
  if (node.kind === 'list' && takesList) return checkLiteralList(node, { operator, type, fact }, position);
  if (operator === 'in') {
    position.checking.report(node.place, '`in` needs a list, `{ guest: <path> }` or `{ fact: <path> }`');
    return null;
  }
  const value = checkLiteral(node, { operator, type, fact }, position);
  return value === null ? null : { kind: 'literal', value };
}

/** Type of the literal that may stand beside a fact: the fact's own, or that of its elements. */
function literalType(type: FactType): ScalarType | null {
  if (isListType(type)) {
    const element = elementType(type);
    return element === 'record' ? null : element;
  }
  if (type === 'flags') return 'string';
  return type === 'record' ? null : type;
}

function checkExists(node: SourceNode, position: Position): Operand | null {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return { kind: 'literal', value: node.value };
  position.checking.report(node.place, '`exists` is true or false');
  return null;
}

function checkPattern(node: SourceNode, position: Position): Operand | null {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    position.checking.report(node.place, '`matches` needs a pattern, as text');
    return null;
  }
  const compiled = compilePattern(node.value);
  if (compiled.ok) return { kind: 'pattern', pattern: compiled.value };
  position.checking.report(node.place, `the pattern is not supported: ${compiled.error}`);
  return null;
}

/** What stands before a literal, and the type that the literal must have. */
interface LeftSide {
  readonly operator: Operator;
  readonly type: ScalarType;
  readonly fact: FactRead;
}

type ListNode = Extract<SourceNode, { kind: 'list' }>;

function checkLiteralList(node: ListNode, left: LeftSide, position: Position): Operand | null {
  if (node.items.length === 0) position.checking.report(node.place, 'an empty list holds for nothing');
  const values = node.items.map((item) => checkLiteral(item, left, position));
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? { kind: 'list', values: known } : null;
}

function checkLiteral(node: SourceNode, left: LeftSide, position: Position): Literal | null {
  const value = node.kind === 'scalar' ? node.value : null;
  const fault =
    value === null
      ? `expected ${LITERAL_NAME[left.type]}; what is not there is \`exists: false\``
      : literalFault(value, left, position);
  if (fault === null) return value;
  position.checking.report(node.place, fault);
  return null;
}

const LITERAL_NAME: Readonly<Record<ScalarType, string>> = {
  string: 'text',
  integer: 'an integer',
  version: "a version in quotes, as in '3.17'",
  boolean: 'true or false',
};

function literalFault(value: Literal, left: LeftSide, position: Position): string | null {
  const { type, fact } = left;
  const wrong = `\`${fact.written}\` needs ${LITERAL_NAME[type]}, not \`${String(value)}\``;
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : wrong;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? null : wrong;
    case 'version':
      return typeof value === 'string' && compareVersions(value, value) === 0 ? null : wrong;
    case 'string':
      return typeof value === 'string' ? wordFault(value, left, position) : wrong;
  }
}

/** A literal that a fact can never be is a slip of the pen. */
function wordFault(value: string, { operator, fact }: LeftSide, position: Position): string | null {
  const whole = operator === 'is' || operator === 'in' || (operator === 'contains' && isListType(fact.type));
  if (!whole) return null;
  const path = fact.catalogPath.endsWith('[]') ? fact.catalogPath.slice(0, -2) : fact.catalogPath;
  const words = position.checking.catalog.byPath.get(path)?.values;
  if (words === undefined || words.includes(value)) return null;
  const nearest = nearestName(value, words);
  return `\`${fact.written}\` is never \`${value}\`; it is one of ${quoted(words)}${nearest === null ? '' : `; did you mean \`${nearest}\`?`}`;
}

function checkFactOperand(operator: Operator, node: MapNode, fact: FactRead, position: Position): Operand | null {
  const { report } = position.checking;
  const [entry, second] = node.entries;
  if (entry === undefined || second !== undefined || (entry.key !== 'guest' && entry.key !== 'fact')) {
    report(node.place, 'expected a literal, `{ guest: <path> }` or `{ fact: <path> }`');
    return null;
  }
  const other = checkFact(entry.value, position, entry.key === 'guest' ? 'guest.' : '');
  if (other === null) return null;
  const types = operandTypes(operator, fact.type);
  if (!types.includes(other.type)) {
    report(entry.value.place, `\`${operator}\` needs a ${types.join(' or ')}; \`${other.written}\` is a ${other.type}`);
    return null;
  }
  if (fact.unit !== other.unit) {
    const units = `\`${fact.written}\` is in ${fact.unit ?? 'no unit'}, \`${other.written}\` in ${other.unit ?? 'no unit'}`;
    report(entry.value.place, `the units differ: ${units}`);
    return null;
  }
  return { kind: 'fact', fact: other };
}

const LIST_OF: Readonly<Record<ScalarType, readonly FactType[]>> = {
  string: ['string-list', 'flags'],
  integer: ['integer-list'],
  version: ['version-list'],
  boolean: [],
};

/** Types of the fact that may stand on the right. */
function operandTypes(operator: Operator, left: FactType): readonly FactType[] {
  const scalar = literalType(left);
  if (scalar === null) return [];
  return operator === 'in' ? LIST_OF[scalar] : [scalar];
}

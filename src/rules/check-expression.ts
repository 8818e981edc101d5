import { FACT_ROOTS, isListType } from '../facts/catalog-types.js';
import { checkTest } from './check-test.js';
import type { BoundName, Expression, Join } from './expression.js';
import { hint, quoted } from './fields.js';
import { checkFact } from './scope.js';
import type { Checking, Position } from './scope.js';
import type { Place, SourceEntry, SourceNode } from './source.js';

/** The condition that stands in for one that could not be read; a rule with a fault is never judged. */
function nothing(place: Place): Join {
  return { kind: 'all', parts: [], place, readsGuest: false };
}

/** Checks one condition of a rule against the catalog. */
export function checkExpression(node: SourceNode | null, checking: Checking): Expression {
  if (node === null) return nothing({ line: 1, column: 1 });
  return checkNode(node, { checking, visible: [], negated: false, used: new Set() });
}

const FORMS = ['all', 'any', 'not', 'some', 'fact'] as const;

function checkNode(node: SourceNode, position: Position): Expression {
  const { report } = position.checking;
  if (node.kind !== 'map') {
    report(node.place, `a condition is a map with one of ${quoted(FORMS)}`);
    return nothing(node.place);
  }
  const found = node.entries.filter((entry) => FORMS.some((form) => form === entry.key));
  const [entry, second] = found;
  if (entry === undefined) {
    const [first] = node.entries;
    const meant = first === undefined ? '' : hint(first.key, FORMS);
    report(first?.keyPlace ?? node.place, `a condition needs one of ${quoted(FORMS)}${meant}`);
    return nothing(node.place);
  }
  if (second !== undefined) report(second.keyPlace, `\`${entry.key}\` and \`${second.key}\` are two conditions`);
  return checkForm(entry, node, position);
}

type MapNode = Extract<SourceNode, { kind: 'map' }>;

function checkForm(entry: SourceEntry, node: MapNode, position: Position): Expression {
  switch (entry.key) {
    case 'all':
    case 'any':
      return checkJoin(entry.key, entry, node, position);
    case 'not': {
      onlyKeys(node, ['not'], position);
      const part = checkNode(entry.value, { ...position, negated: true });
      return { kind: 'not', part, place: node.place, readsGuest: part.readsGuest };
    }
    case 'some':
      return checkSome(entry, node, position);
    default:
      return checkTest(node, position) ?? nothing(node.place);
  }
}

function onlyKeys(node: MapNode, keys: readonly string[], position: Position): void {
  for (const entry of node.entries) {
    if (keys.includes(entry.key)) continue;
    position.checking.report(entry.keyPlace, `unknown key \`${entry.key}\` beside \`${keys[0] ?? ''}\``);
  }
}

function checkJoin(kind: 'all' | 'any', entry: SourceEntry, node: MapNode, position: Position): Expression {
  onlyKeys(node, [kind], position);
  const items = entry.value.kind === 'list' ? entry.value.items : [];
  if (items.length === 0) position.checking.report(entry.value.place, `\`${kind}\` needs a list of conditions`);
  const parts = items.map((item) => checkNode(item, position));
  return { kind, parts, place: node.place, readsGuest: parts.some((part) => part.readsGuest) };
}

const NAME_FORM = /^[a-z][a-z0-9-]*$/;

function checkSome(entry: SourceEntry, node: MapNode, position: Position): Expression {
  const { report, names } = position.checking;
  onlyKeys(node, ['some', 'as', 'where'], position);
  const list = checkFact(entry.value, position);
  if (list !== null && !isListType(list.type)) {
    report(entry.value.place, `\`some\` needs a list; \`${list.written}\` is a ${list.type}`);
  }
  const as = node.entries.find((candidate) => candidate.key === 'as');
  const where = node.entries.find((candidate) => candidate.key === 'where');
  if (as === undefined || where === undefined) {
    report(node.place, '`some` needs `as` (a name for the element) and `where` (a condition)');
    return nothing(node.place);
  }
  const name = checkName(as, position);
  if (list === null || name === null || !isListType(list.type)) return nothing(node.place);
  const bound: BoundName = { name, list: list.catalogPath, slot: names.length, positive: !position.negated };
  names.push(bound);
  const part = checkNode(where.value, { ...position, visible: [...position.visible, bound] });
  if (!position.used.has(name)) report(as.value.place, `the name \`${name}\` is bound but never read in \`where\``);
  const readsGuest = list.readsGuest || part.readsGuest;
  return { kind: 'some', list, name, slot: bound.slot, where: part, place: node.place, readsGuest };
}

function checkName(as: SourceEntry, position: Position): string | null {
  const { report, names } = position.checking;
  const name = as.value.kind === 'scalar' ? as.value.value : null;
  if (typeof name !== 'string' || !NAME_FORM.test(name)) {
    report(as.value.place, '`as` needs a name in kebab-case');
    return null;
  }
  const taken = FACT_ROOTS.some((root) => root === name) || names.some((bound) => bound.name === name);
  if (taken) report(as.value.place, `the name \`${name}\` is taken; bind another`);
  return taken ? null : name;
}

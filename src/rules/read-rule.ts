import type { Catalog } from '../facts/catalog-types.js';
import type { Severity } from '../model/rule.js';
import type { Reach } from '../model/start.js';
import { checkExpression } from './check-expression.js';
import type { BoundName, FactRead } from './expression.js';
import { asList, asText, asTexts, asWord, optional, readFields, required } from './fields.js';
import type { Fields, ReportFault } from './fields.js';
import { readCases } from './read-case.js';
import { checkTemplate } from './check-template.js';
import type { Rule, RuleRemedy, RuleRequirement } from './rule.js';
import { findFact } from './scope.js';
import type { Checking } from './scope.js';
import type { Fault, SourceNode } from './source.js';
import { quotedPlaceholder } from './template.js';
import type { Template } from './template.js';

/** Keys of a rule, in the order in which a file has them. */
export const RULE_KEYS = [
  'id',
  'title',
  'area',
  'severity',
  'confidence',
  'status',
  'since',
  'replaced-by',
  'subject',
  'applies',
  'match',
  'requires',
  'show',
  'explanation',
  'consequence',
  'remedies',
  'false-alarms',
  'references',
  'catalogue',
  'cases',
] as const;

const ID_FORM = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const SINCE_FORM = /^\d+\.\d+\.\d+$/;

/** Reads one rule. All faults of the file are found at once; a file with a fault gives no rule. */
export function readRule(
  file: string,
  node: SourceNode,
  catalog: Catalog,
): { readonly rule: Rule | null; readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const report: ReportFault = (place, message) => faults.push({ ...place, message });
  const fields = readFields(node, RULE_KEYS, report);
  const rule = readParts(file, fields, catalog);
  faults.sort((left, right) => left.line - right.line || left.column - right.column);
  return { rule: faults.length === 0 ? rule : null, faults };
}

function readParts(file: string, fields: Fields, catalog: Catalog): Rule {
  const { report } = fields;
  const subjectNode = required(fields, 'subject');
  const subject = asWord(subjectNode, ['image', 'program', 'binary', 'reference'], '`subject`', report);
  const names: BoundName[] = [];
  const checking: Checking = { catalog, subject, report, names };
  const applies = checkExpression(required(fields, 'applies'), checking);
  const match = checkExpression(required(fields, 'match'), checking);
  const consequence = optional(fields, 'consequence');
  return {
    ...readHead(file, fields),
    subject,
    applies,
    match,
    requires: readRequires(fields, checking),
    show: readShow(fields, checking),
    explanation: checkTemplate(required(fields, 'explanation'), '`explanation`', checking),
    consequence: consequence === null ? null : checkTemplate(consequence, '`consequence`', checking),
    remedies: readRemedies(fields, checking),
    falseAlarms: asTexts(required(fields, 'false-alarms'), '`false-alarms`', report),
    references: readReferences(fields),
    catalogue: asTexts(required(fields, 'catalogue'), '`catalogue`', report),
    cases: readCases(required(fields, 'cases'), checking),
    slots: names.length,
  };
}

type Head = Pick<
  Rule,
  'id' | 'title' | 'area' | 'file' | 'severity' | 'confidence' | 'status' | 'since' | 'replacedBy'
>;

function readHead(file: string, fields: Fields): Head {
  const { report } = fields;
  const id = required(fields, 'id');
  const area = required(fields, 'area');
  const since = required(fields, 'since');
  const status = asWord(required(fields, 'status'), ['draft', 'stable', 'deprecated'], '`status`', report);
  const replacedBy = optional(fields, 'replaced-by');
  const head: Head = {
    id: asText(id, '`id`', report),
    title: asText(required(fields, 'title'), '`title`', report),
    area: asText(area, '`area`', report),
    file,
    severity: readSeverity(required(fields, 'severity'), report),
    confidence: asWord(required(fields, 'confidence'), ['certain', 'likely', 'hint'], '`confidence`', report),
    status,
    since: asText(since, '`since`', report),
    replacedBy: replacedBy === null ? null : asText(replacedBy, '`replaced-by`', report),
  };
  const [folder, name] = placeOfFile(file);
  const refuse = (node: SourceNode | null, text: string, wrong: boolean, message: string): void => {
    if (node !== null && text !== '' && wrong) report(node.place, message);
  };
  const isId = ID_FORM.test(head.id);
  refuse(id, head.id, !isId, '`id` must be in kebab-case');
  refuse(id, head.id, isId && head.id !== name, `\`id\` must be the name of the file, \`${name}\``);
  refuse(area, head.area, head.area !== folder, `\`area\` must be the folder, \`${folder}\``);
  refuse(since, head.since, !SINCE_FORM.test(head.since), '`since` must be a version such as 0.1.0');
  if (replacedBy !== null && status !== 'deprecated') {
    report(replacedBy.place, 'only a deprecated rule has `replaced-by`');
  }
  return head;
}

/** Folder and name of a rule file. */
function placeOfFile(file: string): readonly [folder: string, name: string] {
  const parts = file.split('/');
  return [parts.at(-2) ?? '', (parts.at(-1) ?? '').replace(/\.ya?ml$/, '')];
}

const SEVERITIES = ['blocker', 'error', 'warning', 'info'] as const;

/**
 * Severity at each reach. One word holds for the start path; what is only loaded later cannot block, and what just
 * lies in the image is information (contract.md, "What decides what").
 */
function readSeverity(node: SourceNode | null, report: ReportFault): Readonly<Record<Reach, Severity>> {
  if (node?.kind !== 'map') {
    const severity = asWord(node, SEVERITIES, '`severity`', report);
    return { start: severity, later: severity === 'blocker' ? 'error' : severity, present: 'info' };
  }
  const fields = readFields(node, ['start', 'later', 'present'], report);
  const at = (reach: Reach): Severity => {
    const severity = asWord(required(fields, reach), SEVERITIES, `the severity at \`${reach}\``, report);
    if (severity === 'blocker' && reach !== 'start' && optional(fields, reach) !== null) {
      report(optional(fields, reach)?.place ?? node.place, 'only what is on the start path can block');
    }
    return severity;
  };
  return { start: at('start'), later: at('later'), present: at('present') };
}

function readRequires(fields: Fields, checking: Checking): RuleRequirement | null {
  const node = optional(fields, 'requires');
  if (node === null) return null;
  const { report } = checking;
  const requires = readFields(node, ['kind', 'value', 'text'], report);
  const valueNode = optional(requires, 'value');
  const value = valueNode === null ? null : readShownFact(valueNode, checking);
  const text = checkTemplate(required(requires, 'text'), '`text`', checking);
  const kind = asText(required(requires, 'kind'), '`kind`', report);
  const ofGuest = [value, ...text.parts].some((part) => part !== null && typeof part !== 'string' && part.readsGuest);
  if (ofGuest) report(node.place, '`requires` is said where there is no guest, so it cannot read one');
  return { kind, value, text };
}

function readShow(fields: Fields, checking: Checking): readonly FactRead[] | null {
  const node = optional(fields, 'show');
  if (node === null) return null;
  return asList(node, '`show`', checking.report)
    .map((item) => readShownFact(item, checking))
    .filter((fact) => fact !== null);
}

/** A path outside a condition: names may be used that a `some` binds which is not under a `not`. */
function readShownFact(node: SourceNode, checking: Checking): FactRead | null {
  const path = asText(node, 'the path of a fact', checking.report);
  if (path === '') return null;
  return findFact(
    path,
    node.place,
    checking.names.filter((bound) => bound.positive),
    checking,
  );
}

function readRemedies(fields: Fields, checking: Checking): readonly RuleRemedy[] {
  const { report } = checking;
  return asList(required(fields, 'remedies'), '`remedies`', report).map((node) => {
    const remedy = readFields(node, ['id', 'where', 'effort', 'text', 'command'], report);
    const idNode = required(remedy, 'id');
    const id = asText(idNode, '`id`', report);
    if (idNode !== null && id !== '' && !ID_FORM.test(id)) report(idNode.place, '`id` must be in kebab-case');
    return {
      id,
      where: asWord(required(remedy, 'where'), ['image', 'host'], '`where`', report),
      effort: asWord(required(remedy, 'effort'), ['low', 'medium', 'high'], '`effort`', report),
      text: checkTemplate(required(remedy, 'text'), '`text`', checking),
      command: readCommand(optional(remedy, 'command'), checking),
    };
  });
}

function readCommand(node: SourceNode | null, checking: Checking): Template | null {
  if (node === null) return null;
  const command = checkTemplate(node, '`command`', checking);
  if (quotedPlaceholder(command)) {
    checking.report(
      node.place,
      'a placeholder of a command is quoted where it needs to be; write it outside of quotes',
    );
  }
  return command;
}

function readReferences(fields: Fields): Rule['references'] {
  const { report } = fields;
  return asList(required(fields, 'references'), '`references`', report).map((node) => {
    const reference = readFields(node, ['title', 'url'], report);
    const url = required(reference, 'url');
    const written = asText(url, '`url`', report);
    if (url !== null && written !== '' && !/^https?:\/\/\S+$/.test(written))
      report(url.place, '`url` must be a web address');
    return { title: asText(required(reference, 'title'), '`title`', report), url: written };
  });
}

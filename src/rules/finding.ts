import type { Finding, Proof, Severity } from '../model/rule.js';
import { readFact } from './environment.js';
import type { Environment } from './environment.js';
import { EvidenceList, factsRead } from './evidence.js';
import type { FactRead } from './expression.js';
import { UNKNOWN } from './level.js';
import { proveRule } from './prove.js';
import type { Rule, RuleSubject } from './rule.js';
import { formatValue, renderCommand, renderTemplate } from './template.js';
import { eachWitness } from './witnesses.js';

/** Most gaps that a message names. */
const MAX_GAPS = 4;

type Texts = Pick<Finding, 'message' | 'consequence' | 'remedies'>;
type Wording = Texts & Pick<Finding, 'evidence'>;

/** What is reported of a rule that holds, or may hold. */
export function buildFinding(
  rule: Rule,
  subject: RuleSubject,
  environment: Environment,
  { severity, truth }: { readonly severity: Severity; readonly truth: Finding['truth'] },
): Finding {
  const proof = proveRule(rule, environment);
  const wording =
    truth === 'yes' ? certainWording(rule, subject, environment) : openWording(rule, subject, environment, proof);
  return {
    ruleId: rule.id,
    title: rule.title,
    area: rule.area,
    severity,
    confidence: rule.confidence,
    truth,
    ...wording,
    path: subject.path,
    layer: subject.layer,
    references: rule.references,
    proof,
  };
}

/** Texts name the first choice of elements for which the rule holds; evidence lists all. */
function certainWording(rule: Rule, subject: RuleSubject, environment: Environment): Wording {
  const evidence = new EvidenceList(subject, environment);
  const texts: Texts[] = [];
  const shown = rule.show ?? factsRead(rule);
  eachWitness(rule, environment, UNKNOWN, () => {
    if (texts.length === 0) texts.push(renderTexts(rule, environment));
    for (const fact of shown) evidence.addFact(fact);
  });
  return { ...(texts[0] ?? renderTexts(rule, environment)), evidence: evidence.pieces };
}

function renderTexts(rule: Rule, environment: Environment): Texts {
  const read = (fact: FactRead) => readFact(fact, environment);
  return {
    message: renderTemplate(rule.explanation, read),
    consequence: rule.consequence === null ? null : renderTemplate(rule.consequence, read),
    remedies: rule.remedies.map(({ id, where, effort, text, command }) => ({
      id,
      where,
      effort,
      text: renderTemplate(text, read),
      command: command === null ? null : renderCommand(command, read),
    })),
  };
}

/** The explanation states what is not known here, so the message says what is asked and what is missing. */
function openWording(rule: Rule, subject: RuleSubject, environment: Environment, proof: Proof): Wording {
  const evidence = new EvidenceList(subject, environment);
  for (const { path, value } of readingsOf(proof)) {
    if (value !== undefined) evidence.addReading(path, value);
  }
  const about = subject.path === null ? '' : ` (\`${formatValue(subject.path)}\`)`;
  const message = `It cannot be told whether this holds: ${rule.title}${about}. ${describeGaps(proof)}`;
  return { ...renderTexts(rule, environment), message, evidence: evidence.pieces };
}

/** What could not be read, the image's and the guest's apart. */
function describeGaps(proof: Proof): string {
  const gaps = [
    ...new Set(
      readingsOf(proof)
        .filter((reading) => reading.value === undefined)
        .map(({ path }) => path),
    ),
  ];
  const ofGuest = gaps.filter((path) => path.startsWith('guest.'));
  const ofImage = gaps.filter((path) => !path.startsWith('guest.'));
  const sentences: string[] = [];
  if (ofImage.length > 0) sentences.push(`Not readable in the image: ${listGaps(ofImage)}.`);
  if (ofGuest.length > 0) sentences.push(`Not known of the host: ${listGaps(ofGuest)}.`);
  return sentences.length === 0 ? 'A value in it has an unexpected form.' : sentences.join(' ');
}

function listGaps(paths: readonly string[]): string {
  const named = paths.slice(0, MAX_GAPS).map((path) => `\`${path}\``);
  const left = paths.length - named.length;
  return left === 0 ? named.join(', ') : `${named.join(', ')} and ${left} more`;
}

/** Everything that a proof read, in its order. */
function readingsOf(proof: Proof): readonly Proof['read'][number][] {
  return [...proof.read, ...proof.parts.flatMap((part) => readingsOf(part))];
}

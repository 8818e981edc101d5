import { catalog } from '../../../src/facts/catalog.js';
import { parseProfile } from '../../../src/host/profile.js';
import { parseRoute } from '../../../src/route/parse.js';
import { loadRules } from '../../../src/rules/load.js';
import { compilePattern } from '../../../src/rules/pattern.js';
import { bytesOf, projectFiles } from '../seeds.js';
import type { Target } from '../target.js';

const YAML_WORDS = [
  '&a ',
  '*a',
  '<<: *a\n',
  '- ',
  ': ',
  '\n  ',
  '|\n',
  '>-\n',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '!!binary ',
  '!!js ',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '? ',
  '#',
  '.inf',
  '0o17',
  'all:',
  'any:',
  'not:',
  'matches:',
  '${',
  '{{',
  '}}',
  'unknown',
  'severity: blocker',
  '\t',
  '\u0000',
  '(a+)+',
  'null',
];

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** Pattern and text, parted at the first line end. */
function pattern(bytes: Uint8Array): unknown {
  const [source = '', ...rest] = text(bytes).split('\n');
  const compiled = compilePattern(source);
  return compiled.ok ? { ok: compiled.value.matches(rest.join('\n')) } : compiled;
}

export const knowledgeTargets: readonly Target[] = [
  {
    name: 'rules',
    text: true,
    words: YAML_WORDS,
    maxBytes: 80 * 1024,
    boundMs: 1500,
    seeds: () =>
      projectFiles('rules', '.yaml')
        .filter((bytes) => text(bytes).includes('\ncases:'))
        .slice(0, 60),
    run: (bytes) => {
      const { rules, errors } = loadRules([{ path: 'rules/arch/x.yaml', text: text(bytes) }], catalog);
      return { rules: rules.map(({ id, severity }) => ({ id, severity })), errors };
    },
  },
  {
    name: 'profiles',
    text: true,
    words: YAML_WORDS,
    maxBytes: 80 * 1024,
    boundMs: 1000,
    seeds: () => projectFiles('rules/hosts', '.yaml'),
    run: (bytes) => parseProfile(text(bytes), 'x.yaml'),
  },
  {
    name: 'routes',
    text: true,
    words: YAML_WORDS,
    maxBytes: 80 * 1024,
    boundMs: 1500,
    seeds: () => projectFiles('rules/routes', '.yaml'),
    run: (bytes) => parseRoute(text(bytes), 'x.yaml'),
  },
  {
    name: 'patterns',
    text: true,
    words: [
      '(',
      ')',
      '*',
      '+',
      '?',
      '|',
      '{0,9}',
      '{1000}',
      '[^',
      ']',
      '[a-z]',
      '.',
      '\\d',
      '\\b',
      '(?i)',
      '(?=',
      '^',
      '$',
      '\n',
      '(a+)+',
      '((a*)*)*',
      '\\x{10ffff}',
      '\ud800',
    ],
    maxBytes: 4096,
    boundMs: 1000,
    seeds: () =>
      ['GLIBC_2\\.(?:3[0-9]|4.)\nGLIBC_2.34', '(?i)[^a-z]+x{2,5}\n00xx', '(a|aa)+b\naaaaaaaaaaaaaaaaaaaa'].map(bytesOf),
    run: pattern,
  },
];

import { expect, test } from 'vitest';
import type { Evidence } from '../../src/model/rule.js';
import { mergeFindings } from '../../src/verdict/merge-findings.js';
import { finding } from './support.js';

const evidence = (kind: string, value: string, offset: number | null = null): Evidence => ({
  kind,
  path: '/app',
  layer: 0,
  offset,
  value,
});

test('the same evidence in the image is one finding, whatever the guest; the first route gives the words', () => {
  const merged = mergeFindings([
    { via: 'native', findings: [finding({ message: 'on Debian', evidence: [evidence('guest.name', 'Debian')] })] },
    { via: 'wsl2', findings: [finding({ message: 'on WSL', evidence: [evidence('guest.name', 'WSL')] })] },
  ]);
  expect(merged.map(({ message, routes }) => [message, routes])).toEqual([['on Debian', ['native', 'wsl2']]]);
});

test('other evidence, another place, another truth or another rule is another finding', () => {
  const findings = [
    finding(),
    finding({ evidence: [evidence('reference.value', '/dev/kvm', 10)] }),
    finding({ evidence: [evidence('reference.value', '/dev/kvm', 20)] }),
    finding({ truth: 'unknown' }),
    finding({ path: '/b' }),
    finding({ ruleId: 'b-rule' }),
  ];
  expect(mergeFindings([{ via: 'native', findings }])).toHaveLength(findings.length);
});

test('findings are sorted by severity, rule, path', () => {
  const findings = [
    finding({ severity: 'info', ruleId: 'a' }),
    finding({ ruleId: 'b', path: '/2' }),
    finding({ ruleId: 'b', path: '/1' }),
    finding({ ruleId: 'a', path: null }),
  ];
  const order = mergeFindings([{ via: 'native', findings }]).map(({ ruleId, path }) => `${ruleId}${path ?? ''}`);
  expect(order).toEqual(['a', 'b/1', 'b/2', 'a/app']);
});

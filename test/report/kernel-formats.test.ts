import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KernelNeeds } from '../../src/model/kernel-needs.js';
import type { ImageRequirements } from '../../src/model/report.js';
import { nfdSpecification } from '../../src/report/nfd.js';
import { seccompProfile } from '../../src/report/seccomp.js';
import { analysis } from '../support/analysis-builder.js';

const use = (name: string) => ({ name, number: 0, use: 'needed', since: '2.6', sites: [] }) as const;

function requirements(needs: Partial<KernelNeeds>): ImageRequirements {
  const kernelNeeds: KernelNeeds = {
    machine: 'x86_64',
    minimum: null,
    setBy: null,
    systemCalls: [],
    complete: true,
    notFollowed: [],
    ...needs,
  };
  return {
    tool: { name: 'xoscheck', version: '0.0.0' },
    notes: [],
    results: [{ analysis: { ...analysis(), kernelNeeds }, requirements: [] }],
  };
}

test('a seccomp profile refuses with ENOSYS what the image does not use', () => {
  const profile: unknown = JSON.parse(seccompProfile(requirements({ systemCalls: [use('statx'), use('execve')] })));
  expect(profile).toMatchObject({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    archMap: [{ architecture: 'SCMP_ARCH_X86_64' }],
    syscalls: [{ names: ['execve', 'statx'], action: 'SCMP_ACT_ALLOW' }, { action: 'SCMP_ACT_ALLOW' }],
  });
});

test('a seccomp profile says what was not followed', () => {
  const notFollowed = [{ path: '/p', text: 'dlopen may load further libraries' }];
  expect(seccompProfile(requirements({ complete: false, notFollowed }))).toContain('/p: dlopen may load');
});

test('a specification for Node Feature Discovery asks for a kernel in its two numbers', () => {
  expect(parse(nfdSpecification(requirements({ minimum: '4.11' })))).toMatchObject({
    version: 'v1alpha1',
    compatibilities: [
      {
        rules: [
          {
            matchAny: [
              {
                matchFeatures: [{ feature: 'kernel.version', matchExpressions: { major: { op: 'Gt', value: ['4'] } } }],
              },
              {
                matchFeatures: [
                  {
                    feature: 'kernel.version',
                    matchExpressions: { major: { op: 'In', value: ['4'] }, minor: { op: 'Gt', value: ['10'] } },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
});

test('a first release of a line is any of it', () => {
  expect(nfdSpecification(requirements({ minimum: '5.0' }))).toContain('op: Exists');
});

test('an image that asks for nothing gives no rules', () => {
  expect(parse(nfdSpecification(requirements({})))).toEqual({ version: 'v1alpha1', compatibilities: [] });
});

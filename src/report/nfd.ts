import { stringify } from 'yaml';
import type { ImageRequirements } from '../model/report.js';

/**
 * An image compatibility specification of Node Feature Discovery, v1alpha1 (node-feature-discovery, "Image Compatibility
 * Artifact", "Schema"): rules on the features that it discovers, here the kernel and the level of the CPU.
 */
export function nfdSpecification({ results }: ImageRequirements): string {
  const compatibilities = results.map((result) => ({
    description: `what ${result.analysis.image.reference} asks of a node`,
    rules: [...kernelRules(result), ...levelRules(result)],
  }));
  return stringify({ version: 'v1alpha1', compatibilities: compatibilities.filter(({ rules }) => rules.length > 0) });
}

type Result = ImageRequirements['results'][number];

/** The version is two numbers there, so "4.11 or newer" is: a greater first one, or the same and 11 or more. */
function kernelRules({ analysis }: Result): readonly object[] {
  const [, major, minor] = /^(\d+)\.(\d+)/u.exec(analysis.kernelNeeds?.minimum ?? '') ?? [];
  if (major === undefined || minor === undefined) return [];
  const same = { op: 'In', value: [major] };
  const later = minor === '0' ? { op: 'Exists' } : { op: 'Gt', value: [String(Number(minor) - 1)] };
  return [
    {
      name: `kernel ${major}.${minor} or newer`,
      matchAny: [
        { matchFeatures: [{ feature: 'kernel.version', matchExpressions: { major: { op: 'Gt', value: [major] } } }] },
        { matchFeatures: [{ feature: 'kernel.version', matchExpressions: { major: same, minor: later } }] },
      ],
    },
  ];
}

/** Features of cpu.cpuid that each level of x86-64 adds and that tell it from the one before (psABI x86-64, table 3.1). */
const LEVELS: Readonly<Record<string, readonly string[]>> = {
  'x86-64-v2': ['SSE42', 'POPCNT', 'SSSE3'],
  'x86-64-v3': ['AVX2', 'BMI1', 'BMI2', 'FMA3', 'MOVBE'],
  'x86-64-v4': ['AVX512F', 'AVX512BW', 'AVX512CD', 'AVX512DQ', 'AVX512VL'],
};

function levelRules({ requirements }: Result): readonly object[] {
  const levels = requirements.flatMap(({ text }) => /x86-64-v[234]/u.exec(text) ?? []);
  return [...new Set(levels)].sort().map((level) => ({
    name: level,
    matchFeatures: [
      {
        feature: 'cpu.cpuid',
        matchExpressions: Object.fromEntries((LEVELS[level] ?? []).map((flag) => [flag, { op: 'Exists' }])),
      },
    ],
  }));
}

import type { Finding } from '../../src/model/rule.js';
import type { JudgedRoute, Route, RouteRequirement } from '../../src/model/verdict.js';
import { judgeRoute } from '../../src/verdict/judge-route.js';
import type { VerdictContext } from '../../src/verdict/summary.js';

/** A blocker that holds; a test changes what it is about. */
export function finding(more: Partial<Finding> = {}): Finding {
  return {
    ruleId: 'a-rule',
    title: 'The program is for another machine',
    area: 'arch',
    severity: 'blocker',
    confidence: 'certain',
    truth: 'yes',
    message: '`/app` is aarch64 code. The kernel refuses it.',
    consequence: null,
    path: '/app',
    layer: 0,
    evidence: [],
    remedies: [],
    references: [],
    proof: { truth: 'yes', label: 'x', read: [], parts: [] },
    ...more,
  };
}

/** A requirement of the host that is met. */
export function requirement(more: Partial<RouteRequirement> = {}): RouteRequirement {
  return { id: 'emulator', text: 'an emulator for aarch64', met: true, remedy: null, setup: false, ...more };
}

export function route(more: Partial<Route> = {}): Route {
  return {
    via: 'native',
    title: 'The host itself',
    kind: 'native',
    preference: 10,
    requires: [],
    guest: { name: 'Debian 12' },
    ...more,
  };
}

export const emulation: Partial<Route> = { via: 'qemu-user', kind: 'emulation', preference: 30 };
export const machine: Partial<Route> = { via: 'wsl2', kind: 'vm', preference: 20 };

export function judged(more: Partial<Route> = {}, findings: readonly Finding[] = []): JudgedRoute {
  return judgeRoute(route(more), findings);
}

export function context(image = 'linux/amd64', host = 'linux/amd64'): VerdictContext {
  const [os = '', architecture = '', variant = null] = image.split('/');
  const [hostOs = '', hostArchitecture = ''] = host.split('/');
  return {
    image: { platform: { os, architecture, variant, osVersion: null, osFeatures: [] } },
    host: { title: 'Debian 12', os: hostOs, architecture: hostArchitecture },
  };
}

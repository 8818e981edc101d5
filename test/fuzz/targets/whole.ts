import { analyse } from '../../../src/app/analyse.js';
import { preferredPlatform } from '../../../src/app/check.js';
import { builtInHosts, readKnowledge, readRoutes, readRules } from '../../../src/app/knowledge.js';
import { collectFacts } from '../../../src/facts/collect.js';
import { fileCollector } from '../../../src/facts/collector.js';
import { guestFacts } from '../../../src/facts/guest-facts.js';
import { mainMachine } from '../../../src/facts/image-facts.js';
import type { HostProfile } from '../../../src/model/host.js';
import type { Knowledge } from '../../../src/strings/knowledge.js';
import type { RouteDefinition } from '../../../src/route/definition.js';
import type { Rule } from '../../../src/rules/rule.js';
import { XosError } from '../../../src/model/error.js';
import type { Report, ReportResult } from '../../../src/model/report.js';
import { inspectionJson, inspectionText } from '../../../src/report/inspection.js';
import { requirementsText } from '../../../src/report/requirements.js';
import { reporters } from '../../../src/report/index.js';
import { routesFor } from '../../../src/route/routes.js';
import { openRequirements } from '../../../src/rules/requirements.js';
import { chunksOf } from '../../../src/source/chunks.js';
import { loadImages } from '../../../src/source/load.js';
import { judgeImage } from '../../../src/verdict/judge-image.js';
import { elf } from '../../support/elf-builder.js';
import {
  type Files,
  type ImageBuilder,
  image,
  gzip,
  layoutOf,
  tar as memberTar,
  tarOf,
} from '../../support/image-builder.js';
import { macho } from '../../support/macho-builder.js';
import { pe } from '../../support/pe-builder.js';
import { zip } from '../../support/zip-builder.js';
import { mutate } from '../mutate.js';
import type { Random } from '../random.js';
import { bytesOf, projectFiles } from '../seeds.js';
import type { Target } from '../target.js';
import { testLimits } from '../../support/layer-limits.js';
import { sealTar, tarSeeds } from './archive.js';

const limits = { ...testLimits, layerBytes: 64 * 1024 * 1024, compressionRatio: 1100 };
const styles = [
  { colour: false, unicode: true, width: 80, verbose: true },
  { colour: false, unicode: false, width: 40, verbose: false },
] as const;

/** No control character but the end of a line, nothing that turns the direction of text or hides. */
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

const HOSTS: ReadonlySet<string> = new Set(['linux-amd64', 'windows-server-2022', 'linux-arm64-64k']);

/** What comes with the program and is the same for every image. */
async function load(): Promise<Data> {
  const [knowledge, rules] = [readKnowledge(), await readRules(null)];
  const [routes, hosts] = [await readRoutes(), await builtInHosts()];
  return { knowledge, rules, routes, hosts: hosts.filter(({ id }) => HOSTS.has(id)) };
}

interface Data {
  readonly knowledge: Knowledge;
  readonly rules: readonly Rule[];
  readonly routes: readonly RouteDefinition[];
  readonly hosts: readonly HostProfile[];
}

let loading: Promise<Data> | null = null;

/** Everything from the first byte to the last character, without the reading of rules for every image. */
async function whole(bytes: Uint8Array): Promise<unknown> {
  const { knowledge, rules, routes, hosts } = await (loading ??= load());
  try {
    const { images, notes } = await loadImages('-', {
      platform: null,
      allPlatforms: true,
      preferred: preferredPlatform(null),
      collector: fileCollector(knowledge, () => undefined),
      limits,
      verify: bytes.length % 2 === 0,
      onProgress: () => undefined,
      stdin: chunksOf(bytes.subarray(0, 1000), bytes.subarray(1000)),
    });
    const analyses = images.slice(0, 8).map((loaded) => analyse(loaded, knowledge, { bytesScanned: 0, cacheHits: 0 }));
    const results = analyses.flatMap((analysis) => {
      const facts = collectFacts(analysis);
      const { os, architecture, variant, osVersion } = analysis.image.platform;
      const asked = {
        os,
        architecture,
        variant,
        osVersion,
        machine: mainMachine(analysis) ?? null,
        program: analysis.start.programs[0]?.format ?? null,
      };
      return hosts.map((host): ReportResult => ({
        analysis,
        host,
        judged: judgeImage(facts, routesFor(asked, host, routes), rules, guestFacts, { image: analysis.image, host }),
      }));
    });
    const report: Report = { tool: { name: 'xoscheck', version: '0' }, results, notes };
    const requirements = {
      tool: report.tool,
      notes,
      results: analyses.map((analysis) => ({
        analysis,
        requirements: openRequirements(rules, collectFacts(analysis)),
      })),
    };
    const texts = styles.flatMap((style) => [
      ...reporters.filter(({ id }) => id !== 'json').map((reporter) => reporter.render(report, style)),
      inspectionText({ analyses, notes, file: null }, style),
      requirementsText(requirements, style),
    ]);
    for (const text of texts) refuseControl(text);
    JSON.parse(inspectionJson({ analyses, notes, file: null }));
    for (const reporter of reporters.filter(({ id }) => id === 'json')) JSON.parse(reporter.render(report, styles[0]));
    return {
      outcomes: results.map(({ judged }) => ({
        outcome: judged.verdict.outcome,
        reason: judged.findings.map(({ ruleId }) => ruleId).join(),
      })),
      texts,
    };
  } catch (cause) {
    if (cause instanceof XosError) return { code: cause.code, message: cause.message };
    throw cause;
  }
}

function refuseControl(text: string): void {
  const found = FORBIDDEN.exec(text);
  if (found === null) return;
  const code = found[0].codePointAt(0) ?? 0;
  throw new Error(
    `U+${code.toString(16)} reaches the terminal in a text like: ${JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 20)).replaceAll(/\d/g, '#')}`,
  );
}

const TRICKS = [
  '\u001b[2J\u001b]0;x\u0007',
  'a\nb',
  '\u202egnp.exe',
  '\r\n',
  '\u0000',
  '\u009b31m',
  '\ufeff',
  '$(x)',
  '`x`',
  '{{x}}',
  '../../etc',
  '\ud800',
  '',
] as const;

function programs(): readonly Uint8Array[] {
  return [
    elf({ interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6', 'libx.so'], runpath: '$ORIGIN' }),
    elf({
      soname: 'libc.so.6',
      versionDefinitions: [
        { name: 'libc.so.6', base: true, weak: false, parents: [] },
        { name: 'GLIBC_2.2.5', base: false, weak: false, parents: [] },
      ],
    }),
    elf({ machine: 'aarch64', kind: 'static-pie' }),
    pe({ imports: { 'KERNEL32.dll': ['CreateProcessW'] } }),
    macho({ dylibs: ['/usr/lib/libSystem.B.dylib'] }),
    zip([{ name: 'META-INF/MANIFEST.MF', content: 'Main-Class: a\n' }]),
    bytesOf('#!/bin/sh\nexec /app "$@"\n'),
    bytesOf('#!/usr/bin/env node\nrequire("./x")\n'),
    bytesOf('root:x:0:0::/:/bin/sh\n'),
    bytesOf('{"scripts":{"start":"node x.js"},"main":"y"}'),
    bytesOf('include /etc/ld.so.conf\n/opt\n'),
  ];
}

const PATHS = [
  '/app',
  '/bin/sh',
  '/lib64/ld-linux-x86-64.so.2',
  '/lib/x86_64-linux-gnu/libc.so.6',
  '/etc/ld.so.conf',
  '/etc/passwd',
  '/package.json',
  '/usr/bin/env',
  '/etc/ld.so.preload',
  '/entry.sh',
  '/a.jar',
  '/usr/bin/node',
  '/Files/Windows/System32/cmd.exe',
  '/etc/ld.so.cache',
  '/usr/lib/os-release',
] as const;

const inner: Pick<Target, 'maxBytes' | 'name' | 'boundMs' | 'seeds' | 'run'> = {
  name: 'part',
  maxBytes: 16 * 1024,
  boundMs: 1,
  seeds: () => [],
  run: () => null,
};

function randomFiles(random: Random): Files {
  const corpus = programs();
  const files: Record<string, Files[string]> = {};
  for (let count = 1 + random.below(8); count > 0; count--) {
    const path = random.chance(85) ? random.pick(PATHS) : `/${random.pick(TRICKS)}x`;
    const roll = random.below(20);
    if (roll === 0) files[path] = { link: random.pick(PATHS) };
    else if (roll === 1) files[path] = { hardlink: random.pick(PATHS) };
    else if (roll === 2) files[path] = { device: random.pick(['character', 'block', 'fifo']) };
    else if (roll === 3)
      files[`${path.slice(0, path.lastIndexOf('/'))}/.wh.${random.pick(['.wh..opq', 'sh', 'app', ''])}`] = '';
    else files[path] = random.chance(50) ? mutate(inner, corpus, random) : (random.pick(corpus) ?? 'x');
  }
  return files;
}

function words(random: Random): unknown {
  const word = (): string =>
    random.chance(75) ? random.pick(PATHS) : `${random.pick(TRICKS)}${random.pick(['sh', 'node', '-c', '/app'])}`;
  if (random.chance(5)) return random.pick([null, 1, {}, 'x', [1]] as const);
  return Array.from({ length: random.below(4) }, word);
}

/** An image with changed parts and right digests, in one of the forms that are read. */
function generate(random: Random): Uint8Array {
  const built = image();
  for (let count = 1 + random.below(3); count > 0; count--) {
    const packing = random.pick(['none', 'none', 'gzip', 'zstd'] as const);
    if (random.chance(70)) built.layer(randomFiles(random), packing);
    else built.layer(mutate({ ...inner, repair: sealTar }, tarSeeds(), random), packing);
  }
  built.config({
    Entrypoint: words(random),
    Cmd: words(random),
    Env: [`PATH=/bin:/usr/bin${random.pick(TRICKS)}`, `A=${random.pick(TRICKS)}`],
    WorkingDir: random.pick(['', '/', '/app', ...TRICKS]),
    User: random.pick(['', '0', 'x', ...TRICKS]),
    Labels: { [random.pick(TRICKS)]: random.pick(TRICKS) },
  });
  if (random.chance(20))
    built.platform({
      os: random.pick(['windows', 'linux', ...TRICKS]),
      architecture: random.pick(['amd64', 'arm64', ...TRICKS]),
      'os.version': random.pick(['10.0.20348.1', ...TRICKS]),
    });
  if (random.chance(50)) built.name(`${random.pick(TRICKS)}name:tag`);
  const bytes = form(built, random);
  if (random.chance(70)) return bytes;
  return mutate({ ...inner, maxBytes: 256 * 1024, repair: sealTar }, [bytes], random);
}

function form(built: ImageBuilder, random: Random): Uint8Array {
  switch (random.below(7)) {
    case 0:
      return built.ociTar();
    case 1:
      return built.dockerSaveOci();
    case 2:
      return gzip(built.dockerSave());
    case 3:
      return tarOf(randomFiles(random));
    case 4: {
      const [first = built.configBytes(), ...rest] = [built.manifestBytes(), built.configBytes()].map((bytes) =>
        mutate({ ...inner, text: true, words: ['null', '[', '{', '"', '-1'] }, [bytes], random),
      );
      return memberTar([
        ...layoutOf([built.descriptor()], built.blobs()),
        [`blobs/${String(built.descriptor()['digest']).replace(':', '/')}`, first],
        ...rest.map((bytes, index) => [`x${index}`, bytes] as const),
      ]);
    }
    default:
      return built.dockerSave();
  }
}

export const wholeTargets: readonly Target[] = [
  {
    name: 'image',
    maxBytes: 256 * 1024,
    boundMs: 4000,
    seeds: () => [
      ...projectFiles('fixtures/images', '.tar', 64 * 1024),
      ...projectFiles('fixtures/hostile', '.tar', 16 * 1024),
    ],
    generate,
    run: whole,
  },
  {
    name: 'image-bytes',
    maxBytes: 64 * 1024,
    boundMs: 4000,
    repair: sealTar,
    seeds: () => [
      image()
        .layer({ '/a': 'b' })
        .config({ Entrypoint: ['/a'] })
        .ociTar(),
      ...programs(),
    ],
    run: whole,
  },
];

import { performance } from 'node:perf_hooks';
import type { ImageAnalysis } from '../model/analysis.js';
import type { HostProfile } from '../model/host.js';
import type { Platform } from '../model/image.js';
import type { Limits, LoadOptions, PlatformSelector } from '../model/load.js';
import type { Report, ReportResult } from '../model/report.js';
import { collectFacts } from '../facts/collect.js';
import { guestFacts } from '../facts/guest-facts.js';
import { fileCollector } from '../facts/collector.js';
import { mainMachine } from '../facts/image-facts.js';
import type { RouteImage } from '../route/routes.js';
import { routesFor } from '../route/routes.js';
import { loadImages } from '../source/load.js';
import { judgeImage } from '../verdict/judge-image.js';
import { analyse } from './analyse.js';
import { readHost, readKnowledge, readRoutes, readRules } from './knowledge.js';
import { DEFAULT_LIMITS } from './limits.js';
import { defaultJobs, openReaders } from './readers.js';
import { packageVersion } from './package-files.js';

/** What the checking commands have in common. */
export interface CheckOptions {
  /** Ids or files; empty: this machine. */
  readonly hosts: readonly string[];
  readonly platform: PlatformSelector | null;
  readonly allPlatforms: boolean;
  /** Folder of the user's rules; null for none. */
  readonly rules: string | null;
  /** Ids of rules that are not judged. */
  readonly ignore: readonly string[];
  readonly verify: boolean;
  /** Bounds on what an image may make us do; the defaults where not said. */
  readonly limits?: Limits;
  readonly onProgress: (text: string) => void;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Layers read at the same time; left out: as many as there are processors, at most 3. */
  readonly jobs?: number;
  /** Keep facts of layers under the user's folder for caches; left out: no. */
  readonly cache?: boolean;
}

/** Analyses of all images that a reference leads to, with what the user should know first. */
export interface Analyses {
  readonly analyses: readonly ImageAnalysis[];
  readonly notes: readonly string[];
}

/** One image, or all its platforms, against one host or several. */
export async function check(reference: string, options: CheckOptions): Promise<Report> {
  const rules = (await readRules(options.rules)).filter(({ id }) => !options.ignore.includes(id));
  const routes = await readRoutes();
  const hosts = await readHosts(options.hosts);
  const { analyses, notes } = await analyseReference(reference, options, hosts[0] ?? null);
  const results = analyses.flatMap((analysis) => {
    const facts = collectFacts(analysis);
    return hosts.map((host): ReportResult => {
      const found = routesFor(routeImage(analysis), host, routes);
      return { analysis, host, judged: judgeImage(facts, found, rules, guestFacts, { image: analysis.image, host }) };
    });
  });
  return { tool: { name: 'xoscheck', version: packageVersion() }, results, notes };
}

/** What routes ask of an image: its platform and what its start program is. */
function routeImage(analysis: ImageAnalysis): RouteImage {
  const { os, architecture, variant, osVersion } = analysis.image.platform;
  const [first] = analysis.start.programs;
  return {
    os,
    architecture,
    variant,
    osVersion,
    machine: mainMachine(analysis) ?? null,
    program: first?.format ?? null,
    format: analysis.image.format,
  };
}

async function readHosts(words: readonly string[]): Promise<readonly HostProfile[]> {
  if (words.length === 0) return [await readHost(null)];
  return Promise.all(words.map((word) => readHost(word)));
}

/** Reads and analyses; the host only says which platform is preferred where several are there. */
export async function analyseReference(
  reference: string,
  options: Omit<CheckOptions, 'hosts' | 'rules' | 'ignore'>,
  host: HostProfile | null,
): Promise<Analyses> {
  const started = performance.now();
  const knowledge = readKnowledge();
  const jobs = options.jobs ?? defaultJobs();
  const readers = openReaders(knowledge, jobs, options.cache ?? false);
  let bytesScanned = 0;
  const collector = fileCollector(knowledge, (bytes) => (bytesScanned += bytes));
  const load: LoadOptions = {
    platform: options.platform,
    allPlatforms: options.allPlatforms,
    preferred: preferredPlatform(host),
    collector,
    limits: options.limits ?? DEFAULT_LIMITS,
    verify: options.verify,
    onProgress: options.onProgress,
    stdin: options.stdin,
    reader: readers.reader,
    jobs,
  };
  const { images, notes } = await loadImages(reference, load).finally(readers.close);
  const reading = { bytesScanned: bytesScanned + readers.bytesScanned(), cacheHits: readers.cacheHits() };
  const analyses = images.map((image) => analyse(image, knowledge, reading));
  const elapsedMs = Math.round(performance.now() - started);
  return {
    analyses: analyses.map((analysis) => ({ ...analysis, statistics: { ...analysis.statistics, elapsedMs } })),
    notes,
  };
}

/** The platform whose images the host's engine starts: Linux in a VM on Windows and macOS. Without a host: linux/amd64. */
export function preferredPlatform(host: HostProfile | null): Platform {
  const none = { variant: null, osVersion: null, osFeatures: [] };
  if (host === null) return { os: 'linux', architecture: 'amd64', ...none };
  const { architecture, variant = null, kernel } = host;
  if (startsWindowsImages(host)) {
    return { ...none, os: 'windows', architecture, osVersion: kernel?.release ?? null };
  }
  return { ...none, os: 'linux', architecture, variant };
}

function startsWindowsImages({ os, engine }: HostProfile): boolean {
  if (engine?.containers !== undefined) return engine.containers === 'windows';
  return os === 'windows' && (engine?.vm ?? null) === null;
}

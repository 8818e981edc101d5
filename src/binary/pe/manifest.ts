import type { PeManifest } from '../../model/binary.js';

/**
 * The few elements of an application manifest that decide something (Microsoft Win32 documentation, "Application
 * Manifests", "Assembly Manifests"): a scan over tags, because a manifest that Windows accepts need not be tidy.
 */
type Dependency = PeManifest['dependencies'][number];

/** One tag: `/` of an end tag, local name, attributes, `/` of an empty element. Comments and instructions are removed. */
const TAG = /<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/gu;
const ATTRIBUTE = /(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gu;
const ENTITY = /&(amp|lt|gt|quot|apos);/gu;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function parseManifest(bytes: Uint8Array): PeManifest {
  const dependencies: Dependency[] = [];
  const levels: string[] = [];
  const supportedOs: string[] = [];
  let insideDependent = false;
  for (const tag of tagsOf(withoutComments(decode(bytes)))) {
    if (tag.name === 'dependentassembly') insideDependent = tag.opens;
    if (tag.closes) continue;
    if (tag.name === 'assemblyidentity' && insideDependent) addDependency(dependencies, tag.attributes);
    if (tag.name === 'requestedexecutionlevel') addText(levels, tag.attributes.get('level'));
    if (tag.name === 'supportedos') addText(supportedOs, tag.attributes.get('id'));
  }
  return { dependencies, executionLevel: levels[0] ?? null, supportedOs };
}

interface Tag {
  /** Local name in lower case. */
  readonly name: string;
  /** A start tag that an end tag follows. */
  readonly opens: boolean;
  readonly closes: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

function* tagsOf(text: string): Generator<Tag> {
  for (const [, slash = '', name = '', written = '', empty = ''] of text.matchAll(TAG)) {
    const closes = slash !== '';
    yield { name: name.toLowerCase(), opens: !closes && empty === '', closes, attributes: attributesOf(written) };
  }
}

function addDependency(dependencies: Dependency[], attributes: ReadonlyMap<string, string>): void {
  const name = attributes.get('name');
  if (name === undefined) return;
  const version = attributes.get('version') ?? null;
  dependencies.push({ name, version, architecture: attributes.get('processorarchitecture') ?? null });
}

function addText(list: string[], text: string | undefined): void {
  if (text !== undefined) list.push(text);
}

function attributesOf(written: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, double, single] of written.matchAll(ATTRIBUTE)) {
    attributes.set((name ?? '').toLowerCase(), decodeEntities(double ?? single ?? ''));
  }
  return attributes;
}

function decodeEntities(text: string): string {
  return text.replace(ENTITY, (whole, name: string) => ENTITIES[name] ?? whole);
}

/** A comment that does not end hides the rest, as it does for every reader. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const from = text.indexOf('<!--', at);
    kept.push(text.slice(at, from === -1 ? text.length : from));
    const to = from === -1 ? -1 : text.indexOf('-->', from + 4);
    if (to === -1) return kept.join('');
    at = to + 3;
  }
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}

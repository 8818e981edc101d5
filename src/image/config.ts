import type { DiffId } from '../model/brand.js';
import type { ImageConfig, Platform } from '../model/image.js';
import type { Result } from '../model/result.js';
import { readDiffId } from './digest.js';
import {
  flag,
  isMissing,
  list,
  member,
  optional,
  readDocument,
  record,
  text,
  type DocumentError,
  type Node,
} from './json.js';
import { readPlatform } from './platform.js';

/** One step of the build (OCI image-spec, config.md, "history"). */
export interface HistoryEntry {
  readonly createdBy: string | null;
  /** The step changed only the configuration and has no layer. */
  readonly emptyLayer: boolean;
}

/** The image configuration (OCI image-spec, config.md). */
export interface ConfigFile {
  readonly platform: Platform;
  readonly config: ImageConfig;
  readonly diffIds: readonly DiffId[];
  readonly history: readonly HistoryEntry[];
}

/** What an image without a configuration says of how it is started: nothing. */
export const EMPTY_CONFIG: ImageConfig = {
  entrypoint: [],
  cmd: [],
  env: [],
  user: '',
  workingDir: '',
  shell: null,
  argsEscaped: false,
  exposedPorts: [],
  volumes: [],
  labels: {},
};

export function parseConfig(bytes: Uint8Array): Result<ConfigFile, DocumentError> {
  return readDocument(bytes, (root) => ({
    platform: readPlatform(root),
    config: optional(member(root, 'config'), readImageConfig) ?? EMPTY_CONFIG,
    diffIds: optional(member(root, 'rootfs'), (rootfs) => list(member(rootfs, 'diff_ids'), readDiffId)) ?? [],
    history: list(member(root, 'history'), readHistory),
  }));
}

function readImageConfig(node: Node): ImageConfig {
  return {
    entrypoint: words(member(node, 'Entrypoint')),
    cmd: words(member(node, 'Cmd')),
    env: list(member(node, 'Env'), text),
    user: optional(member(node, 'User'), text) ?? '',
    workingDir: optional(member(node, 'WorkingDir'), text) ?? '',
    shell: optional(member(node, 'Shell'), words),
    argsEscaped: optional(member(node, 'ArgsEscaped'), flag) ?? false,
    exposedPorts: Object.keys(record(member(node, 'ExposedPorts'), () => null)),
    volumes: Object.keys(record(member(node, 'Volumes'), () => null)),
    labels: record(member(node, 'Labels'), text),
  };
}

/** A list of words; old configurations write one word as a plain string (Docker, api/types/strslice). */
function words(node: Node): string[] {
  if (typeof node.value === 'string') return [node.value];
  return isMissing(node) ? [] : list(node, text);
}

function readHistory(node: Node): HistoryEntry {
  return {
    createdBy: optional(member(node, 'created_by'), text),
    emptyLayer: optional(member(node, 'empty_layer'), flag) ?? false,
  };
}

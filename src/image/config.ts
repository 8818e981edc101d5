import type { DiffId } from '../model/brand.js';
import type { ImageConfig, Platform } from '../model/image.js';
import { err, type Result } from '../model/result.js';
import type { DocumentError } from './json.js';

export interface HistoryEntry {
  readonly createdBy: string | null;
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
  void bytes;
  return err({ path: '$', expected: 'a reader', found: 'nothing' });
}

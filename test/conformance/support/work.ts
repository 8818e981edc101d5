import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folder for what conformance builds and downloads; kept between runs. XOSCHECK_WORK moves it. */
export function workFolder(...parts: readonly string[]): string {
  const folder = join(process.env['XOSCHECK_WORK'] ?? join(tmpdir(), 'xoscheck-conformance'), ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

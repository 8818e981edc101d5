import { fetchCorpus } from './corpus.js';

/** Runs once before all conformance files: tells them where the npm binaries are. */
export default function setup(): void {
  process.env['XOSCHECK_CORPUS'] ??= fetchCorpus();
}

/**
 * `tsx test/fuzz/run.ts --seconds N --executions N --seed S [TARGET …]`: runs every target, each in a thread with a
 * watchdog, for at most N seconds and N executions a target. Findings are written to files and make the exit code 1.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzCount, FuzzFinding, FuzzOrder } from './fuzzer.js';
import { InputSlot, sharedInput } from './shared.js';
import { targets } from './targets/index.js';

/** One input for so long is a hang. */
const HANG_MS = 30_000;
const WATCH_MS = 500;

/** A thread does not inherit the loader of TypeScript. */
const BOOT = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
  register();
  return import(${JSON.stringify(new URL('./worker.ts', import.meta.url).href)});
});`;

interface Ended {
  readonly count: FuzzCount | null;
  readonly findings: readonly FuzzFinding[];
}

function runTarget(name: string, order: FuzzOrder): Promise<Ended> {
  const buffer = sharedInput();
  const slot = new InputSlot(buffer);
  const findings: FuzzFinding[] = [];
  return new Promise((resolve) => {
    const worker = new Worker(BOOT, {
      eval: true,
      workerData: { name, order, buffer },
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    let seen = { count: 0, at: Date.now() };
    let ended: FuzzCount | null = null;
    const watch = setInterval(() => {
      if (slot.count !== seen.count) seen = { count: slot.count, at: Date.now() };
      if (Date.now() - seen.at < HANG_MS || slot.count === 0) return;
      findings.push({
        target: name,
        kind: 'hangs',
        key: 'hangs',
        detail: `one input for more than ${HANG_MS} ms`,
        input: slot.input,
      });
      void worker.terminate();
    }, WATCH_MS);
    worker.on('message', (message: { readonly finding?: FuzzFinding; readonly count?: FuzzCount }) => {
      if (message.finding !== undefined) findings.push(message.finding);
      if (message.count !== undefined) ended = message.count;
    });
    worker.on('error', (error) => {
      findings.push({
        target: name,
        kind: 'throws',
        key: error.message,
        detail: error.stack ?? error.message,
        input: slot.input,
      });
    });
    worker.on('exit', () => {
      clearInterval(watch);
      resolve({ count: ended, findings });
    });
  });
}

function save(finding: FuzzFinding, folder: string): string {
  const name = `${finding.target}-${finding.kind}-${createHash('sha256').update(finding.key).digest('hex').slice(0, 8)}`;
  writeFileSync(join(folder, `${name}.bin`), finding.input);
  writeFileSync(join(folder, `${name}.txt`), `${finding.key}\n${finding.detail}\n`);
  return join(folder, `${name}.bin`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    executions: { type: 'string', default: '1000000000' },
    seed: { type: 'string', default: '1' },
    findings: { type: 'string' },
  },
});
const chosen = positionals.length === 0 ? targets : targets.filter(({ name }) => positionals.includes(name));
const order: FuzzOrder = {
  seed: Number(values.seed),
  executions: Number(values.executions),
  seconds: Number(values.seconds) / chosen.length,
};
const folder = values.findings ?? join(tmpdir(), 'xoscheck-fuzz');
mkdirSync(folder, { recursive: true });
console.log(`seed ${order.seed}, ${chosen.length} targets, ${order.seconds.toFixed(1)} s each`);
console.log('target            executions  per second  shapes  slowest ms  growth MiB');
let [total, found] = [0, 0];
for (const { name } of chosen) {
  const { count, findings } = await runTarget(name, order);
  total += count?.executions ?? 0;
  found += findings.length;
  if (count === null) console.log(`${name.padEnd(16)} ended by the watchdog or an error`);
  else
    console.log(
      [
        name.padEnd(16),
        String(count.executions).padStart(11),
        String(Math.round(count.executions / count.seconds)).padStart(11),
        String(count.shapes).padStart(7),
        String(count.slowestMs).padStart(11),
        String(count.growthMiB).padStart(11),
      ].join(' '),
    );
  for (const finding of findings)
    console.log(`  ${finding.kind}: ${finding.key}\n    ${save(finding, folder)} (${finding.input.length} bytes)`);
}
console.log(`${total} executions, ${found} findings`);
process.exitCode = found > 0 ? 1 : 0;

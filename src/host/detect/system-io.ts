import { execFile } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync, readFileSync, statSync } from 'node:fs';
import { machine, release } from 'node:os';
import { gunzipSync } from 'node:zlib';
import type { HostIo, RunResult } from './io.js';

/** Longer files are cut: nothing that a probe reads is longer, and /proc has endless ones. */
const MAX_FILE_BYTES = 1_048_576;
const MAX_OUTPUT_BYTES = 4_194_304;

/** The machine that this process runs on. */
export function systemIo(): HostIo {
  return {
    platform: process.platform,
    machine: machine(),
    release: release(),
    date: new Date().toISOString().slice(0, 10),
    env: process.env,
    readFile,
    list,
    run,
  };
}

function readFile(path: string): string | null {
  try {
    if (!path.endsWith('.gz')) return readStart(path);
    if (statSync(path).size > MAX_FILE_BYTES) return null;
    return gunzipSync(readFileSync(path), { maxOutputLength: MAX_OUTPUT_BYTES }).toString('latin1');
  } catch {
    return null; // Absent, forbidden, or not what its name says: to a probe all of them are "cannot be read".
  }
}

/** Reads until the end or the limit; files of /proc say that they have no bytes. */
function readStart(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow(MAX_FILE_BYTES);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

function list(directory: string): readonly string[] | null {
  try {
    return readdirSync(directory);
  } catch {
    return null;
  }
}

function run(command: string, args: readonly string[], timeoutMs: number): Promise<RunResult | null> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true, encoding: 'buffer' as const };
    const child = execFile(command, args, options, (error, stdout) => {
      if (error === null) resolve({ stdout: decode(stdout), code: 0 });
      else if (typeof error.code === 'number') resolve({ stdout: decode(stdout), code: error.code });
      else resolve(null);
    });
    child.stdin?.end();
  });
}

/** wsl.exe prints UTF-16LE where all others print bytes: every second byte of its ASCII is zero. */
function decode(bytes: Buffer): string {
  const wide = bytes.length >= 2 && (bytes[1] === 0 || (bytes[0] === 0xff && bytes[1] === 0xfe));
  return bytes.toString(wide ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
}

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLdCache } from '../../src/binary/ld-cache.js';
import { memoryView } from '../../src/model/view.js';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/libz.so.1';

function lines(path: string, withHwcap: boolean): readonly string[] {
  const result = parseLdCache(memoryView(new Uint8Array(readFileSync(path))));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.entries.map(({ name, hwcap, path: target }) =>
    [name, withHwcap && hwcap !== null ? `"${hwcap}"` : '', target].join(' '),
  );
}

/** `libz.so.1 (libc6,x86-64, hwcap: "x86-64-v3") => /lib/libz.so.1` */
function ldconfigLines(options: readonly string[], withHwcap: boolean): readonly string[] {
  const output = execFileSync('/sbin/ldconfig', [...options, '-p'], { encoding: 'latin1', maxBuffer: 2 ** 28 });
  return [...output.matchAll(/^\t(\S+) \((.*)\) => (.*)$/gmu)].map(([, name = '', words = '', path = '']) => {
    const hwcap = /hwcap: (".*")/u.exec(words)?.[1] ?? '';
    return [name, withHwcap ? hwcap : '', path].join(' ');
  });
}

describe('ld.so.cache is read as ldconfig -p prints it', () => {
  test.skipIf(!existsSync('/etc/ld.so.cache'))('of this machine', () => {
    const ours = lines('/etc/ld.so.cache', true);
    console.log(`/etc/ld.so.cache: ${ours.length} libraries`);
    expect(ours).toEqual(ldconfigLines([], true));
  });

  test.skipIf(!existsSync(LIBRARY)).each(['new', 'compat', 'old'])('in the form %s, with glibc-hwcaps', (form) => {
    const root = mkdtempSync(join(tmpdir(), 'ld-cache-'));
    for (const folder of ['etc', 'lib/glibc-hwcaps/x86-64-v2', 'lib/glibc-hwcaps/x86-64-v3']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    for (const folder of ['lib', 'lib/glibc-hwcaps/x86-64-v2', 'lib/glibc-hwcaps/x86-64-v3']) {
      copyFileSync(LIBRARY, join(root, folder, 'libz.so.1'));
    }
    execFileSync('/sbin/ldconfig', ['-r', root, '-c', form], { stdio: 'ignore' });
    const path = join(root, 'etc/ld.so.cache');
    // ldconfig 2.36 takes the names of subdirectories from the wrong place of a compat cache and prints other text.
    const withHwcap = form === 'new';
    const ours = lines(path, withHwcap);
    expect(ours).toHaveLength(3);
    expect(ours).toEqual(ldconfigLines(['-r', root], withHwcap));
    rmSync(root, { recursive: true });
  });
});

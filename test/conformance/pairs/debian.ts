import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from '../support/work.js';
import { run } from './command.js';
import { changeLayers, put, remove } from './overlay.js';

/** Releases of Debian that images are made of. */
export type Suite = 'bullseye' | 'bookworm' | 'trixie' | 'sid';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Nothing that executes: documentation, translations, what apt leaves. As in the slim images of Debian. */
const SLIM = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/cache/apt',
  'var/lib/apt/lists',
];

/**
 * Makes a folder once. What is half made keeps another name, so that a run that was stopped does not count.
 */
export function once(kind: string, name: string, make: (folder: string) => void): string {
  const folder = join(workFolder(kind), name);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  make(partial);
  renameSync(partial, folder);
  return folder;
}

/** A root of a Debian release, made with debootstrap: the smallest one, and packages that were asked for. */
export function debianRoot(suite: Suite, name: string = suite, include: readonly string[] = []): string {
  return once('roots', name, (folder) => {
    const packages = include.length === 0 ? [] : [`--include=${include.join(',')}`];
    const cache = workFolder('debs');
    run('debootstrap', ['--variant=minbase', `--cache-dir=${cache}`, ...packages, suite, folder, mirror()]);
    slim(folder);
    mkdirSync(join(folder, 'var/lib/apt/lists'), { recursive: true });
  });
}

/** The mirror that this machine takes its own packages from. */
function mirror(): string {
  const uris = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages']).split('\n');
  const found = uris.find((uri) => /\/debian\/?$/.test(uri));
  if (found === undefined) throw new Error('apt of this machine names no mirror of Debian');
  return found;
}

/** Options that give apt its own lists and cache for one release and machine, so that the machine's stay as they are. */
function privateApt(suite: Suite, architecture: string): readonly string[] {
  const folder = once('apt', `${suite}-${architecture}`, (partial) => {
    for (const path of ['lists/partial', 'cache/archives/partial', 'etc']) {
      mkdirSync(join(partial, path), { recursive: true });
    }
    writeFileSync(join(partial, 'status'), '');
    writeFileSync(join(partial, 'etc/sources.list'), `deb [signed-by=${KEYRING}] ${mirror()} ${suite} main\n`);
    run('apt-get', [...aptOptions(partial, architecture), 'update']);
  });
  return aptOptions(folder, architecture);
}

function aptOptions(folder: string, architecture: string): readonly string[] {
  const options = {
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc::sourcelist': join(folder, 'etc/sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferencesparts': '-',
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
  };
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** Contents of packages, unpacked over each other; nothing of them is executed. */
export function unpackedPackages(suite: Suite, architecture: string, packages: readonly string[]): string {
  const name = `${suite}-${architecture}-${packages.join('-')}`.replaceAll(/[^\w.+-]/g, '_');
  return once('packages', name, (folder) => {
    const downloads = once('downloads', `debs-${name}`, (to) => {
      run('apt-get', [...privateApt(suite, architecture), 'download', ...packages], { cwd: to });
    });
    unpack(downloads, folder);
  });
}

/** The archives of packages and of what they depend on, without what a root has already. */
function downloadedAdditions(suite: Suite, root: string, packages: readonly string[]): string {
  return once('downloads', `debs-${suite}-with-${packages.join('-')}`, (to) => {
    const options = [...privateApt(suite, 'amd64'), '-o', `Dir::State::status=${join(root, 'var/lib/dpkg/status')}`];
    mkdirSync(join(to, 'partial'));
    run('apt-get', [...options, '-o', `Dir::Cache::archives=${to}`, '-y', '--download-only', 'install', ...packages]);
  });
}

/** What really installing packages changes in a root, their scripts included, as a folder to lay over it. */
export function installedPackages(suite: Suite, root: string, packages: readonly string[]): string {
  const downloads = downloadedAdditions(suite, root, packages);
  return once('installed', `${suite}-with-${packages.join('-')}`, (folder) => {
    changeLayers([root], folder, [
      put('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n'),
      (merged) => {
        run('cp', ['-r', downloads, join(merged, 'debs')]);
        run('mount', ['--bind', '/proc', join(merged, 'proc')]);
        const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
        run(
          'chroot',
          [
            merged,
            'sh',
            '-c',
            'apt-get -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install /debs/*.deb',
          ],
          { env: { PATH: path } },
        );
        run('umount', [join(merged, 'proc')]);
      },
      remove('/debs', '/usr/sbin/policy-rc.d'),
      slim,
    ]);
  });
}

function unpack(downloads: string, folder: string): void {
  for (const file of readdirSync(downloads).filter((each) => each.endsWith('.deb'))) {
    run('sh', [
      '-c',
      'dpkg-deb --fsys-tarfile "$1" | tar -xpf - --keep-directory-symlink -C "$2"',
      'sh',
      join(downloads, file),
      folder,
    ]);
  }
  slim(folder);
}

function slim(root: string): void {
  for (const path of SLIM) rmSync(join(root, path), { recursive: true, force: true });
}

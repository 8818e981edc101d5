import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from '../support/work.js';
import { run } from './command.js';
import { debianRoot, installedPackages, type Suite } from './debian.js';
import { ownLayer, sharedLayer, writeLayout, type StartConfig } from './layout.js';
import { changeLayers, copy, layerTar, put, type Change } from './overlay.js';
import { helloMusl } from './programs.js';
import { muslRoot } from './roots.js';

/** A distribution image as it comes: nothing is wrong with it. */
export interface PlainImage {
  readonly name: string;
  readonly suite: Suite | 'musl';
  /** Installed as apt would, their scripts included. */
  readonly packages: readonly string[];
  readonly changes: readonly Change[];
  readonly config: StartConfig;
}

/** A jar whose manifest names a class; the class itself is never looked at. */
const JAR_SCRIPT = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as jar:
    jar.writestr('META-INF/MANIFEST.MF', 'Manifest-Version: 1.0\\nMain-Class: Main\\n\\n')
    jar.writestr('Main.class', bytes.fromhex('cafebabe0000003d'))
`;

const jar: Change = (root) => void run('python3', ['-c', JAR_SCRIPT, join(root, 'srv/app.jar')]);

export const plainImages: readonly PlainImage[] = [
  { name: 'bullseye', suite: 'bullseye', packages: [], changes: [], config: { cmd: ['bash'] } },
  {
    name: 'bullseye, PostgreSQL 13',
    suite: 'bullseye',
    packages: ['postgresql-13'],
    changes: [],
    config: {
      entrypoint: ['/usr/lib/postgresql/13/bin/postgres'],
      cmd: ['-D', '/var/lib/postgresql/13/main', '-c', 'config_file=/etc/postgresql/13/main/postgresql.conf'],
      user: 'postgres',
    },
  },
  {
    name: 'bullseye, Redis',
    suite: 'bullseye',
    packages: ['redis-server'],
    changes: [],
    config: { entrypoint: ['redis-server', '/etc/redis/redis.conf'], user: 'redis' },
  },
  {
    name: 'bookworm, Node.js',
    suite: 'bookworm',
    packages: ['nodejs'],
    changes: [put('/srv/server.js', 'require("http").createServer().listen(80);\n', 0o644)],
    config: { entrypoint: ['node'], cmd: ['server.js'], workingDir: '/srv' },
  },
  {
    name: 'bookworm, Apache',
    suite: 'bookworm',
    packages: ['apache2'],
    changes: [],
    config: { cmd: ['apache2ctl', '-D', 'FOREGROUND'] },
  },
  {
    name: 'bookworm, Python',
    suite: 'bookworm',
    packages: ['python3'],
    changes: [],
    config: { entrypoint: ['python3', '-m', 'http.server'] },
  },
  {
    name: 'trixie, Java 21',
    suite: 'trixie',
    packages: ['openjdk-21-jre-headless'],
    changes: [jar],
    config: { entrypoint: ['java', '-jar', '/srv/app.jar'] },
  },
  {
    name: 'trixie, nginx',
    suite: 'trixie',
    packages: ['nginx'],
    changes: [],
    config: { cmd: ['nginx', '-g', 'daemon off;'] },
  },
  {
    name: 'sid, Perl and git',
    suite: 'sid',
    packages: ['git'],
    changes: [put('/usr/local/bin/start', '#!/bin/sh\nset -e\nexec "$@"\n')],
    config: { entrypoint: ['start'], cmd: ['git', '--version'] },
  },
  {
    name: 'musl and busybox',
    suite: 'musl',
    packages: [],
    changes: [copy(helloMusl(), '/usr/local/bin/hello')],
    config: { entrypoint: ['hello'] },
  },
];

/** Builds an image as an OCI layout: the release, what was installed, what was added. */
export function buildPlainImage({ name, suite, packages, changes, config }: PlainImage): string {
  const root = suite === 'musl' ? muslRoot() : debianRoot(suite);
  const base = sharedLayer(root, suite, 'ADD rootfs.tar / # buildkit');
  const place = workFolder('plain', name.replaceAll(/[^\w.]+/g, '-'));
  rmSync(place, { recursive: true, force: true });
  const folders = [root];
  const archives = [base];
  if (suite !== 'musl' && packages.length > 0) {
    const folder = installedPackages(suite, root, packages);
    folders.push(folder);
    archives.push(
      sharedLayer(folder, `${suite}-with-${packages.join('-')}`, `RUN apt-get install -y ${packages.join(' ')}`),
    );
  }
  if (changes.length > 0) {
    const upper = join(workFolder('plain', name.replaceAll(/[^\w.]+/g, '-')), 'upper');
    changeLayers(folders, upper, changes);
    layerTar(upper, `${upper}.tar`);
    archives.push(ownLayer(`${upper}.tar`, 'COPY . / # buildkit'));
  }
  writeLayout(join(place, 'image'), archives, config, 'amd64');
  return `oci:${join(place, 'image')}`;
}

import { join } from 'node:path';
import { debianRoot, unpackedPackages } from '../debian.js';
import { copy, lay, link, mode, put, remove, type Change } from '../overlay.js';
import { entrypoint, type Pair } from '../pair.js';
import {
  greeter,
  greeterAgain,
  greeterMusl,
  greeterMuslAgain,
  greeterOfVersion2,
  hello,
  helloMusl,
  helloMuslStatic,
  helloNoPie,
  helloStatic,
  helloStaticPie,
  libgreet,
  libgreetMusl,
  libgreetMuslOld,
  libgreetOld,
  libgreetVersioned,
  libgreetVersionedOld,
  librelay,
  relayer,
} from '../programs.js';
import { run } from '../command.js';

const HELLO = /^hello (?:again )?from/;

const ldconfig: Change = (root) => void run('ldconfig', ['-r', root]);

function program(name: string, cause: string, base: Pair['base'], file: string, rest: Partial<Pair> = {}): Pair {
  return {
    name,
    cause,
    base,
    layers: [[copy(file, '/app/bin/program')]],
    config: entrypoint('/app/bin/program'),
    prints: HELLO,
    ...rest,
  };
}

/** A program that needs libgreet.so.1, in bookworm, with more changes in the same layer or in more layers. */
function greeting(name: string, file: string, layers: readonly (readonly Change[])[], rest: Partial<Pair> = {}): Pair {
  return program(name, 'library', 'bookworm', file, {
    layers: [[copy(file, '/app/bin/program')], ...layers],
    ...rest,
  });
}

export const libcs = (): readonly Pair[] => [
  program('glibc program on glibc', 'libc', 'bookworm', hello()),
  program('glibc program without PIE', 'libc', 'bookworm', helloNoPie()),
  program('glibc program on musl', 'libc', 'musl', hello(), { culprit: '/lib64/ld-linux-x86-64.so.2' }),
  program('musl program on musl', 'libc', 'musl', helloMusl()),
  program('musl program on glibc', 'libc', 'bookworm', helloMusl(), { culprit: '/lib/ld-musl-x86_64.so.1' }),
  program('static glibc program in an empty image', 'libc', 'empty', helloStatic()),
  program('static PIE on musl', 'libc', 'musl', helloStaticPie()),
  program('static musl program on glibc', 'libc', 'bookworm', helloMuslStatic()),
  program('dynamic program in an empty image', 'loader', 'empty', hello(), { culprit: '/lib64/ld-linux-x86-64.so.2' }),
  program('glibc program on musl with its loader linked to musl', 'libc', 'musl', hello(), {
    layers: [[copy(hello(), '/app/bin/program'), link('/lib64/ld-linux-x86-64.so.2', '/lib/ld-musl-x86_64.so.1')]],
  }),
  program('program of bookworm on bullseye', 'symbol version', 'bullseye', hello()),
  program('program of bookworm on trixie', 'symbol version', 'trixie', hello()),
  program('ls of trixie on bookworm', 'symbol version', 'bookworm', join(debianRoot('trixie'), 'usr/bin/ls')),
  program('ls of bookworm on trixie', 'symbol version', 'trixie', join(debianRoot('bookworm'), 'bin/ls'), {
    config: entrypoint('/app/bin/program', '--version'),
    prints: /^ls \(GNU coreutils\)/,
  }),
  program('ls of bullseye on trixie', 'symbol version', 'trixie', join(debianRoot('bullseye'), 'bin/ls'), {
    config: entrypoint('/app/bin/program', '--version'),
    prints: /^ls \(GNU coreutils\)/,
  }),
  program('apt-get of trixie on bookworm', 'library', 'bookworm', join(debianRoot('trixie'), 'usr/bin/apt-get')),
  program('C++ program of trixie on bookworm with the glibc of trixie', 'symbol version', 'bookworm', '', {
    layers: [
      [
        lay(unpackedPackages('trixie', 'amd64', ['libc6'])),
        lay(unpackedPackages('trixie', 'amd64', ['ninja-build'])),
        lay(unpackedPackages('bookworm', 'amd64', ['libstdc++6', 'libgcc-s1'])),
      ],
    ],
    config: entrypoint('/usr/bin/ninja', '--version'),
  }),
];

export const libraries = (): readonly Pair[] => {
  const plain = greeter('greeter');
  const lib = '/app/lib/libgreet.so.1';
  return [
    greeting('library in /usr/local/lib, after ldconfig', plain, [
      [copy(libgreet(), '/usr/local/lib/libgreet.so.1'), ldconfig],
    ]),
    greeting('library in /usr/local/lib, without ldconfig', plain, [
      [copy(libgreet(), '/usr/local/lib/libgreet.so.1')],
    ]),
    greeting('library in /usr/lib, without ldconfig', plain, [[copy(libgreet(), '/usr/lib/libgreet.so.1')]]),
    greeting('library nowhere', plain, []),
    greeting('library where nobody looks', plain, [[copy(libgreet(), lib)]]),
    greeting('LD_LIBRARY_PATH of the config leads to the library', plain, [[copy(libgreet(), lib)]], {
      config: { entrypoint: ['/app/bin/program'], env: { LD_LIBRARY_PATH: '/opt:/app/lib' } },
    }),
    greeting('LD_LIBRARY_PATH that misses it', plain, [[copy(libgreet(), lib)]], {
      config: { entrypoint: ['/app/bin/program'], env: { LD_LIBRARY_PATH: '/opt/lib' } },
    }),
    greeting(
      'set-user-ID program does not obey LD_LIBRARY_PATH',
      plain,
      [[copy(libgreet(), lib), mode('/app/bin/program', 0o4755)]],
      { config: { entrypoint: ['/app/bin/program'], env: { LD_LIBRARY_PATH: '/app/lib' }, user: 'nobody' } },
    ),
    greeting('RUNPATH with $ORIGIN', greeter('greeter-origin', '-Wl,-rpath,$ORIGIN/../lib'), [[copy(libgreet(), lib)]]),
    greeting(
      'RUNPATH with $ORIGIN through a symbolic link',
      greeter('greeter-origin', '-Wl,-rpath,$ORIGIN/../lib'),
      [[copy(libgreet(), lib), link('/usr/local/bin/program', '/app/bin/program')]],
      { config: entrypoint('program') },
    ),
    greeting('RUNPATH that leads elsewhere', greeter('greeter-elsewhere', '-Wl,-rpath,/opt/lib'), [
      [copy(libgreet(), lib)],
    ]),
    greeting(
      'RPATH serves the libraries of libraries',
      relayer('relayer-rpath', '-Wl,--disable-new-dtags,-rpath,/app/lib'),
      [[copy(librelay(), '/app/lib/librelay.so.1'), copy(libgreet(), lib)]],
    ),
    greeting(
      'RUNPATH does not serve the libraries of libraries',
      relayer('relayer-runpath', '-Wl,--enable-new-dtags,-rpath,/app/lib'),
      [[copy(librelay(), '/app/lib/librelay.so.1'), copy(libgreet(), lib)]],
    ),
    greeting('a layer above removes the library', plain, [
      [copy(libgreet(), '/usr/local/lib/libgreet.so.1'), ldconfig],
      [remove('/usr/local/lib/libgreet.so.1')],
    ]),
    greeting(
      'a layer above makes its directory anew',
      plain,
      [[copy(libgreet(), lib)], [remove('/app/lib'), put('/app/lib/readme', 'new\n', 0o644)]],
      { config: { entrypoint: ['/app/bin/program'], env: { LD_LIBRARY_PATH: '/app/lib' } } },
    ),
    greeting('link of the soname leads nowhere', plain, [[link('/usr/lib/libgreet.so.1', 'libgreet.so.1.0')]]),
    greeting('link of the soname leads to the library', plain, [
      [copy(libgreet(), '/usr/lib/libgreet.so.1.0'), link('/usr/lib/libgreet.so.1', 'libgreet.so.1.0')],
    ]),
    greeting('ld.so.conf names the directory, ldconfig was not run', plain, [
      [copy(libgreet(), lib), put('/etc/ld.so.conf.d/app.conf', '/app/lib\n', 0o644)],
    ]),
    greeting('ld.so.conf names the directory, ldconfig was run', plain, [
      [copy(libgreet(), lib), put('/etc/ld.so.conf.d/app.conf', '/app/lib\n', 0o644), ldconfig],
    ]),
    greeting('LD_PRELOAD of what is not there', hello(), [], {
      config: { entrypoint: ['/app/bin/program'], env: { LD_PRELOAD: '/opt/lib/missing.so' } },
    }),
    greeting('library is a linker script', plain, [[put('/usr/lib/libgreet.so.1', 'GROUP ( libgreet.so.1.0 )\n')]]),
    greeting('library is empty', plain, [[put('/usr/lib/libgreet.so.1', '')]]),
    greeting('library that the user may not read', plain, [[copy(libgreet(), '/usr/lib/libgreet.so.1', 0o600)]], {
      config: { entrypoint: ['/app/bin/program'], user: 'nobody' },
    }),
    greeting('library defines the version', greeterOfVersion2(), [
      [copy(libgreetVersioned(), '/usr/lib/libgreet.so.1')],
    ]),
    greeting('library lacks the version', greeterOfVersion2(), [
      [copy(libgreetVersionedOld(), '/usr/lib/libgreet.so.1')],
    ]),
    greeting('library lacks the function', greeterAgain(), [[copy(libgreetOld(), '/usr/lib/libgreet.so.1')]]),
    greeting('bash without libtinfo', hello(), [[remove('/usr/lib/x86_64-linux-gnu/libtinfo.so.6')]], {
      config: entrypoint('bash', '--version'),
    }),
    greeting('bash as it is', hello(), [], { config: entrypoint('bash', '--version'), prints: /^GNU bash/ }),
    program(
      'musl: library in /usr/local/lib, which the path file of Debian leaves out',
      'library',
      'musl',
      greeterMusl(),
      {
        layers: [[copy(greeterMusl(), '/app/bin/program'), copy(libgreetMusl(), '/usr/local/lib/libgreet.so.1')]],
      },
    ),
    program('musl: library nowhere', 'library', 'musl', greeterMusl()),
    program('musl: LD_LIBRARY_PATH leads to the library', 'library', 'musl', greeterMusl(), {
      layers: [[copy(greeterMusl(), '/app/bin/program'), copy(libgreetMusl(), lib)]],
      config: { entrypoint: ['/app/bin/program'], env: { LD_LIBRARY_PATH: '/app/lib' } },
    }),
    program('musl: path file that names its directory', 'library', 'musl', greeterMusl(), {
      layers: [
        [
          copy(greeterMusl(), '/app/bin/program'),
          copy(libgreetMusl(), '/usr/local/lib/libgreet.so.1'),
          put('/etc/ld-musl-x86_64.path', '/lib:/usr/local/lib\n', 0o644),
        ],
      ],
    }),
    program('musl: library lacks the function', 'symbol', 'musl', greeterMuslAgain(), {
      layers: [
        [
          copy(greeterMuslAgain(), '/app/bin/program'),
          copy(libgreetMuslOld(), '/usr/lib/x86_64-linux-musl/libgreet.so.1'),
        ],
      ],
    }),
  ];
};

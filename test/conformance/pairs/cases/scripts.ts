import { put, type Change } from '../overlay.js';
import { entrypoint, type Pair } from '../pair.js';

const HELLO = /^hello from/;
const SAY = 'echo hello from script';

function script(name: string, content: string, rest: Partial<Pair> = {}, ...more: readonly Change[]): Pair {
  return {
    name,
    cause: 'script',
    base: 'bookworm',
    layers: [[put('/run.sh', content), ...more]],
    config: entrypoint('/run.sh'),
    prints: HELLO,
    ...rest,
  };
}

/** Scripts that interpret each other: `/chain/1` is the interpreter of `/chain/2`, and so on. */
function chain(length: number): readonly Change[] {
  return Array.from({ length }, (_, index) =>
    put(`/chain/${index + 1}`, index === 0 ? `#!/bin/sh\n${SAY}\n` : `#!/chain/${index}\n`),
  );
}

export const scripts = (): readonly Pair[] => [
  script('script of sh', `#!/bin/sh\n${SAY}\n`),
  script('blanks around the interpreter', `#! \t/bin/sh \n${SAY}\n`),
  script('one argument behind the interpreter', `#!/bin/sh -e\n${SAY}\n`),
  script('last line of a script without a line end', `#!/bin/sh\n${SAY}`),
  script('CRLF after the interpreter', `#!/bin/sh\r\n${SAY}\r\n`, { culprit: '/bin/sh' }),
  script('CRLF after env and its word', `#!/usr/bin/env bash\r\n${SAY}\r\n`, { culprit: 'bash' }),
  script('CRLF after an argument', `#!/bin/sh -e\r\n${SAY}\r\n`, { culprit: '-e' }),
  script('CRLF in the body only', `#!/bin/sh\nset -e\r\n${SAY}\r\n`, { culprit: '/run.sh' }),
  script('no first line', `${SAY}\n`, { culprit: '/run.sh' }),
  script('first line after an empty one', `\n#!/bin/sh\n${SAY}\n`, { culprit: '/run.sh' }),
  script('byte order mark', `\uFEFF#!/bin/sh\n${SAY}\n`, { culprit: '/run.sh' }),
  script('empty interpreter', `#!\n${SAY}\n`, { culprit: '/run.sh' }),
  script('interpreter that is not there', `#!/usr/bin/python3\nprint(1)\n`, { culprit: '/usr/bin/python3' }),
  script('interpreter without its directory', `#!sh\n${SAY}\n`, { culprit: 'sh' }),
  script('relative interpreter that is there', `#!bin/sh\n${SAY}\n`),
  script('relative interpreter from another directory', `#!bin/sh\n${SAY}\n`, {
    config: { entrypoint: ['/run.sh'], workingDir: '/srv' },
    culprit: 'bin/sh',
  }),
  script('first line of 300 characters', `#!/bin/sh ${'x'.repeat(300)}\n${SAY}\n`, { culprit: '/run.sh' }),
  script('interpreter path of 300 characters', `#!/${'x'.repeat(300)}/sh\n${SAY}\n`, { culprit: '/run.sh' }),
  script('env', `#!/usr/bin/env bash\n${SAY}\n`),
  script('env -S', `#!/usr/bin/env -S bash -e\n${SAY}\n`),
  script('two words for env without -S', `#!/usr/bin/env bash -e\n${SAY}\n`, { culprit: 'bash -e' }),
  script('env of what is not there', `#!/usr/bin/env python3\nprint(1)\n`, { culprit: 'python3' }),
  script('bash in an image of busybox', `#!/bin/bash\n${SAY}\n`, { base: 'musl', culprit: '/bin/bash' }),
  script('sh in an image of busybox', `#!/bin/sh\n${SAY}\n`, { base: 'musl' }),
  script('env bash in an image of busybox', `#!/usr/bin/env bash\n${SAY}\n`, { base: 'musl', culprit: '/usr/bin/env' }),
  script('script in an empty image', `#!/bin/sh\n${SAY}\n`, { base: 'empty', culprit: '/bin/sh' }),
  script('script whose interpreter is a script', '#!/chain/1\n', {}, ...chain(1)),
  script('four scripts that interpret each other', '', { config: entrypoint('/chain/4') }, ...chain(4)),
  script('five scripts that interpret each other', '', { config: entrypoint('/chain/5') }, ...chain(5)),
  script(
    'six scripts that interpret each other',
    '',
    { config: entrypoint('/chain/6'), culprit: '/chain/' },
    ...chain(6),
  ),
  script(
    'seven scripts that interpret each other',
    '',
    { config: entrypoint('/chain/7'), culprit: '/chain/' },
    ...chain(7),
  ),
  script('interpreter that is text', '#!/etc/passwd\n', { culprit: '/etc/passwd' }),
  script(
    'interpreter that is not executable',
    `#!/opt/sh\n${SAY}\n`,
    { culprit: '/opt/sh' },
    put('/opt/sh', 'x', 0o644),
  ),
  script('interpreter that is a directory', `#!/usr/bin\n${SAY}\n`, { culprit: '/usr/bin' }),
  script('script that the user may execute and not read', `#!/bin/sh\n${SAY}\n`, {
    layers: [[put('/run.sh', `#!/bin/sh\n${SAY}\n`, 0o711)]],
    config: { entrypoint: ['/run.sh'], user: 'nobody' },
    culprit: '/run.sh',
  }),
];

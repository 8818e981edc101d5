import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Style } from '../src/model/report.js';
import { reporters } from '../src/report/index.js';
import { reportSchema } from '../src/report/schema.js';
import { checkImage } from './support/check.js';
import { expectGolden } from './support/golden.js';

const STYLE: Style = { colour: false, unicode: true, width: 100, verbose: false };

/** Name of the golden files → image and hosts. Together they show every outcome but `unknown` and `needs-vm` twice. */
const REPORTS = {
  runs: { image: 'hello-amd64.tar', hosts: ['linux-amd64'] },
  'runs-with-warnings': { image: 'lying-platform.tar', hosts: ['linux-amd64'] },
  'needs-emulation': { image: 'hello-arm64.tar', hosts: ['linux-amd64', 'docker-desktop-windows-wsl2'] },
  'needs-vm': { image: 'hello-amd64.tar', hosts: ['docker-desktop-windows-containers', 'windows-server-2022'] },
  blocked: { image: 'crlf-entrypoint.tar', hosts: ['linux-amd64'] },
  matrix: {
    image: 'hello-amd64.tar',
    hosts: ['linux-amd64', 'linux-arm64', 'docker-desktop-mac-apple-silicon', 'wsl1'],
  },
} as const;

const validate = new Ajv2020({ allowUnionTypes: true }).compile(reportSchema);

describe.each(Object.entries(REPORTS))('%s', (name, { image, hosts }) => {
  test.each(reporters.map((reporter) => [reporter.id, reporter] as const))('as %s', async (id, reporter) => {
    const report = await checkImage(`fixtures/images/${image}`, { hosts });
    const text = reporter.render(report, STYLE);
    expectGolden(`${name}.${id === 'json' ? 'json' : `${id}.txt`}`, text);
    expect(text.endsWith('\n')).toBe(true);
    expect(text).not.toContain('\x1b');
    if (id !== 'json') return;
    validate(JSON.parse(text));
    expect(validate.errors).toBeNull();
  });
});

test('the same input gives the same bytes', async () => {
  const render = async (): Promise<string> => {
    const report = await checkImage('fixtures/images/crlf-entrypoint.tar', { hosts: ['linux-amd64', 'wsl1'] });
    return reporters.map((reporter) => reporter.render(report, STYLE)).join('');
  };
  expect(await render()).toBe(await render());
});

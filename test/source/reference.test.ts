import { describe, expect, test } from 'vitest';
import { parseReference, registrySuggestions } from '../../src/source/reference.js';

describe('a reference', () => {
  test.each([
    ['image.tar', null, 'image.tar'],
    ['-', null, '-'],
    ['docker-archive:-', 'docker-archive', '-'],
    ['docker-archive:a/b.tar', 'docker-archive', 'a/b.tar'],
    ['oci:/srv/layout', 'oci', '/srv/layout'],
    ['oci-archive:x.tar', 'oci-archive', 'x.tar'],
    ['dir:/srv/dir', 'dir', '/srv/dir'],
    ['rootfs:/', 'rootfs', '/'],
    ['file:/bin/ls', 'file', '/bin/ls'],
    ['C:\\images\\app.tar', null, 'C:\\images\\app.tar'],
    ['c:/images/app.tar', null, 'c:/images/app.tar'],
    ['\\\\server\\share\\app.tar', null, '\\\\server\\share\\app.tar'],
    ['oci:D:\\layout', 'oci', 'D:\\layout'],
    ['./docker:thing', null, './docker:thing'],
  ])('%s has transport %s and path %s', (text, transport, path) => {
    const parsed = parseReference(text);
    expect(parsed.transport).toBe(transport);
    expect(parsed.readings[0]).toEqual({ path, selector: null });
  });

  test('a suffix is tried after the whole text, so that a file with a colon in its name can be named', () => {
    expect(parseReference('oci:lay:v1.2').readings).toEqual([
      { path: 'lay:v1.2', selector: null },
      { path: 'lay', selector: { kind: 'name', name: 'v1.2' } },
    ]);
  });

  test('a name behind the path keeps its own colon', () => {
    expect(parseReference('docker-archive:x.tar:busybox:1.36').readings[1]).toEqual({
      path: 'x.tar',
      selector: { kind: 'name', name: 'busybox:1.36' },
    });
  });

  test('the colon of a drive letter separates nothing', () => {
    expect(parseReference('oci:C:\\lay:v1').readings.at(-1)).toEqual({
      path: 'C:\\lay',
      selector: { kind: 'name', name: 'v1' },
    });
  });

  test('a digest may follow `@` with and without a colon before it', () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    const selector = { kind: 'digest', digest };
    expect(parseReference(`oci:lay@${digest}`).readings).toContainEqual({ path: 'lay', selector });
    expect(parseReference(`oci:lay:@${digest}`).readings).toContainEqual({ path: 'lay', selector });
  });

  test('`:@2` is the third image of an archive', () => {
    expect(parseReference('docker-archive:x.tar:@2').readings[1]?.selector).toEqual({ kind: 'index', index: 2 });
  });

  test('behind `dir:`, `rootfs:` and `file:` everything is path', () => {
    expect(parseReference('rootfs:a:b').readings).toEqual([{ path: 'a:b', selector: null }]);
  });

  test.each([
    ['docker://nginx:1.25', 'skopeo copy docker://nginx:1.25 docker-archive:image.tar'],
    ['docker-daemon:nginx:1.25', 'docker save nginx:1.25 -o image.tar'],
    ['podman:nginx', 'podman save nginx -o image.tar'],
    ['containers-storage:nginx', 'skopeo copy containers-storage:nginx docker-archive:image.tar'],
    ['https://host.example/image.tar', 'curl -fLo image.tar https://host.example/image.tar'],
  ])('%s is refused with the command that fetches it', (text, command) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'XOS_SOURCE_UNSUPPORTED' }));
    try {
      parseReference(text);
    } catch (cause) {
      expect(JSON.stringify(cause)).toContain(command);
    }
  });

  test.each(['', 'oci:', 'a\0b'])('%j is wrong usage', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'XOS_USAGE' }));
  });
});

test('a bare word that may be a registry image gets the commands that save it', () => {
  expect(registrySuggestions('nginx:1.25').join()).toContain('docker save nginx:1.25 -o image.tar');
  expect(registrySuggestions('missing.tar')).toEqual([]);
  expect(registrySuggestions('/no/such/path')).toEqual([]);
});

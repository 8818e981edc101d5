import { atDoor, decodeText } from './door.js';
import type { FormatError } from '../model/gap.js';
import type { JarContent } from '../model/layer.js';
import type { Result } from '../model/result.js';
import type { FileView } from '../model/view.js';
import { readZipEntries, readZipEntry, type ZipEntry } from './zip.js';

/** A manifest lists the digests of all entries of a signed archive; its main section comes first. */
const MAX_MANIFEST_BYTES = 16 << 20;
const MAX_NATIVES = 4096;
const MAX_CLASS_PATH = 4096;

const MANIFEST = 'META-INF/MANIFEST.MF';
const NATIVE = /\.(?:so(?:\.\d+)*|dll|dylib|jnilib)$/iu;

/** Reads what starts a Java archive and which native libraries lie in it (Java, "JAR File Specification"). */
export function parseJar(view: FileView): Result<JarContent, FormatError> {
  return atDoor(() => {
    const entries = readZipEntries(view);
    const natives = entries.filter(({ name }) => NATIVE.test(name)).map(({ name }) => name);
    const manifest = entries.find(({ name }) => name.toUpperCase() === MANIFEST);
    const main = manifest === undefined ? new Map<string, string>() : readMainSection(view, manifest);
    const classPath = (main.get('class-path') ?? '').split(/\s+/u).filter((path) => path !== '');
    return {
      mainClass: main.get('main-class') ?? null,
      classPath: classPath.slice(0, MAX_CLASS_PATH),
      natives: natives.slice(0, MAX_NATIVES).sort(),
    };
  });
}

function readMainSection(view: FileView, entry: ZipEntry): ReadonlyMap<string, string> {
  return parseManifest(decodeText(readZipEntry(view, entry, MAX_MANIFEST_BYTES)));
}

/**
 * Attributes of the main section, which ends at an empty line; names in lower case. A line that starts with a blank
 * goes on with the value of the line before.
 */
export function parseManifest(text: string): ReadonlyMap<string, string> {
  const lines = text.replace(/^\ufeff/u, '').split(/\r\n|\n|\r/u);
  const end = lines.indexOf('');
  const attributes = new Map<string, string>();
  let name = '';
  for (const line of end === -1 ? lines : lines.slice(0, end)) {
    if (line.startsWith(' ')) {
      attributes.set(name, `${attributes.get(name) ?? ''}${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    name = line.slice(0, Math.max(0, colon)).toLowerCase();
    attributes.set(name, line.slice(colon + 1).replace(/^ /u, ''));
  }
  return new Map([...attributes].map(([key, value]) => [key, value.trim()]));
}

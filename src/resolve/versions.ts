import type { MissingVersion } from '../model/resolution.js';
import type { LinkMap, Mapped } from './link-map.js';

/**
 * Versions that a file needs and that the object which serves their soname does not define (LSB Core, "Symbol
 * Versioning"; glibc, elf/dl-version.c). An object without any definitions satisfies every need, with a message.
 */
export function missingVersions(object: Mapped, map: LinkMap): readonly MissingVersion[] {
  return object.binary.versionNeeds.flatMap(({ file, versions }) => {
    const provider = object.providers.get(file) ?? map.objects.find(({ names }) => names.has(file));
    if (provider === undefined) return [];
    const { versionDefinitions, gaps } = provider.binary;
    if (versionDefinitions.length === 0) return [];
    const defined = new Set(versionDefinitions.map(({ name }) => name));
    const missing = versions.filter(({ name }) => !defined.has(name));
    if (missing.length > 0 && gaps.some(({ part }) => part.includes('version'))) {
      map.complete = false;
      return [];
    }
    return missing.map(({ name, weak }) => ({
      provider: file,
      providerPath: provider.path,
      version: name,
      weak,
    }));
  });
}

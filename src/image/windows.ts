/** Names in a Windows layer under which its files, registry hives and utility VM are (hcsshim, layer format). */
const FILES = '/Files';

/** Path in the container of a path in a Windows layer; null where it is no file of the container. */
export function windowsLayerPath(path: string): string | null {
  if (path.slice(0, FILES.length).toLowerCase() !== FILES.toLowerCase()) return null;
  if (path.length === FILES.length) return '/';
  return path.charAt(FILES.length) === '/' ? path.slice(FILES.length) : null;
}

/**
 * A Windows path with slashes and without its drive: `C:\Windows` and `\\?\C:\Windows` are `/Windows`, `C:x` is
 * `x`. A container has one drive; a path on another keeps its letter and so is not found.
 */
export function windowsPath(path: string): string {
  const slashed = path.replaceAll('\\', '/').replace(/^\/(?:\/[?.]|\?\?)\/(?=[A-Za-z]:)/u, '');
  const drive = /^([A-Za-z]):/u.exec(slashed);
  if (drive === null) return slashed;
  if (drive[1]?.toLowerCase() !== 'c') return `/${slashed}`;
  return slashed.length === 2 ? '/' : slashed.slice(2);
}

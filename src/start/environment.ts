/** What Docker, containerd and Podman set where the image has no PATH (containerd, oci/spec_opts.go, `defaultUnixEnv`). */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Machine environment of a plain Windows container; it comes from the registry of the base layers. */
export const DEFAULT_WINDOWS_PATH =
  'C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem;C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\;' +
  'C:\\Windows\\System32\\OpenSSH\\';
export const DEFAULT_PATHEXT = '.COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC';

export type Environment = Readonly<Record<string, string>>;

/** `NAME=value` lines as a table, the last of a name counts. Lines without `=` are dropped, as runc does. */
export function environmentOf(lines: readonly string[], windows: boolean): Environment {
  const environment = new Map<string, string>();
  for (const line of lines) {
    // Windows has hidden names that begin with `=`.
    const equals = line.indexOf('=', 1);
    if (equals > 0) environment.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const names = new Set([...environment.keys()].map((name) => (windows ? name.toLowerCase() : name)));
  if (windows) {
    if (!names.has('path')) environment.set('Path', DEFAULT_WINDOWS_PATH);
    if (!names.has('pathext')) environment.set('PATHEXT', DEFAULT_PATHEXT);
  } else if (!names.has('PATH')) environment.set('PATH', DEFAULT_PATH);
  return Object.fromEntries(environment);
}

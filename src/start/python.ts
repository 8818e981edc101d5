import type { Rootfs } from '../model/rootfs.js';
import { splitOptions } from './options.js';
import type { Next } from './request.js';
import type { RuntimeCall } from './runtimes.js';

/** python(1): a file, a directory or archive with `__main__.py`, or a module that `-m` looks for on sys.path. */
export function pythonScripts(call: RuntimeCall): readonly Next[] {
  const { options, rest } = splitOptions(call.args, {
    valued: ['-m', '-c', '-W', '-X', '-Q', '--check-hash-based-pycs'],
  });
  if (options.some(({ name }) => name === '-c')) return [];
  const moduleOption = options.find(({ name }) => name === '-m')?.value;
  if (moduleOption != null) {
    if (!moduleOption.known)
      return [{ kind: 'not-followed', text: 'the module of `python -m` depends on what is not known' }];
    const paths = moduleCandidates(call, moduleOption.text);
    return [{ kind: 'load', runtime: 'python', paths, requested: `-m ${moduleOption.text}` }];
  }
  const [script] = rest;
  if (script === undefined || script.text === '-') return [];
  if (!script.known)
    return [{ kind: 'not-followed', text: 'the script that `python` runs depends on what is not known' }];
  return [{ kind: 'load', runtime: 'python', paths: [script.text, `${script.text.replace(/\/+$/, '')}/__main__.py`] }];
}

/** Files that may be the module, in the order of sys.path and of the import system (Python, "The import system", 5.5). */
function moduleCandidates(call: RuntimeCall, name: string): readonly string[] {
  const relative = name.replaceAll('.', '/');
  return pythonPath(call).flatMap((directory) => {
    const base = `${directory === '' ? '.' : directory}/${relative}`;
    // Of a package `-m` runs `__main__`; without one the package cannot be run.
    return [`${base}/__main__.py`, `${base}/__init__.py`, `${base}.py`];
  });
}

/** sys.path as `-m` sees it: the working directory, PYTHONPATH, the library and the site directories. */
export function pythonPath({
  rootfs,
  environment,
  workingDir,
  path,
  realPath,
}: Omit<RuntimeCall, 'name' | 'args'>): readonly string[] {
  const fromEnvironment = (environment['PYTHONPATH'] ?? '').split(':').filter((each) => each !== '');
  const version = /python(\d\.\d+)/.exec(realPath)?.[1] ?? /python(\d\.\d+)/.exec(path)?.[1] ?? null;
  const homes = [...new Set([prefixOf(path), prefixOf(realPath), environment['VIRTUAL_ENV'] ?? ''])].filter(
    (each) => each !== '',
  );
  const libraries = homes.flatMap((home) => libraryDirectories(rootfs, home, version));
  return [workingDir, ...fromEnvironment, ...libraries];
}

/** `/usr` of `/usr/bin/python3`. */
function prefixOf(path: string): string {
  return path.startsWith('/') ? path.replace(/\/bin\/[^/]*$/, '') : '';
}

function libraryDirectories(rootfs: Rootfs, home: string, version: string | null): readonly string[] {
  const names =
    version === null ? rootfs.names(`${home}/lib`).filter((name) => /^python3\.\d+$/.test(name)) : [`python${version}`];
  return names.flatMap((name) => [
    `${home}/lib/${name}`,
    `${home}/lib/${name}/site-packages`,
    `${home}/local/lib/${name}/dist-packages`,
    `${home}/lib/python3/dist-packages`,
  ]);
}

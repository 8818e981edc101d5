import type { LoaderContext } from './loader.js';

/** Objects that are preloaded at most; more than a handful are a mistake. */
const MAX_PRELOADS = 64;

/**
 * Names of LD_PRELOAD, then of /etc/ld.so.preload (elf/rtld.c, `handle_preload_list`, `do_preload`). Secure execution
 * takes no name with a slash from the environment.
 */
export function preloadNames({ rootfs, environment, secure }: LoaderContext): readonly string[] {
  const fromEnvironment = words(environment['LD_PRELOAD'] ?? '').filter((name) => !secure || !name.includes('/'));
  return [...fromEnvironment, ...preloadFile(rootfs)].slice(0, MAX_PRELOADS);
}

function preloadFile(rootfs: LoaderContext['rootfs']): readonly string[] {
  const lookup = rootfs.lookup('/etc/ld.so.preload');
  if (!lookup.found || lookup.entry.content?.kind !== 'text') return [];
  return lookup.entry.content.text.split('\n').flatMap((line) => words(line.replace(/#.*/, '')));
}

function words(text: string): readonly string[] {
  return text.split(/[\s:]+/).filter((word) => word !== '');
}

import type { HostIo } from './io.js';

/** Kinds of namespaces that the kernel knows (namespaces(7)): the links of /proc/self/ns without `_for_children`. */
export function detectNamespaces(io: HostIo): readonly string[] | undefined {
  const links = io.list('/proc/self/ns');
  return links?.filter((name) => !name.endsWith('_for_children')).sort();
}

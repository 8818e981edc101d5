import type { Rootfs } from '../model/rootfs.js';
import type { Found } from './link-map.js';
import { Lookups } from './search.js';

/** What searches of one kind (same loader, environment, working directory) found already. */
export interface SearchMemo {
  readonly lookups: Lookups;
  readonly found: Map<string, Found>;
}

const memos = new WeakMap<Rootfs, Map<string, SearchMemo>>();

/** One memo a rootfs and kind of search: a library name is looked for once, not once a program. */
export function searchMemo(rootfs: Rootfs, workingDir: string, key: string): SearchMemo {
  let ofRootfs = memos.get(rootfs);
  if (ofRootfs === undefined) memos.set(rootfs, (ofRootfs = new Map<string, SearchMemo>()));
  let memo = ofRootfs.get(key);
  if (memo === undefined) {
    memo = { lookups: new Lookups(rootfs, workingDir), found: new Map<string, Found>() };
    ofRootfs.set(key, memo);
  }
  return memo;
}

/** Runs a search unless the same one was run before. */
export function once(memo: SearchMemo, key: string, search: () => Found): Found {
  let found = memo.found.get(key);
  if (found === undefined) {
    found = search();
    memo.found.set(key, found);
  }
  return found;
}

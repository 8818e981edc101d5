import type { Rootfs } from '../model/rootfs.js';

/** Who the first program runs as. */
export interface StartUser {
  readonly written: string;
  /** null: it cannot be told, or the image does not have such a user. */
  readonly uid: number | null;
  readonly gids: readonly number[];
  /** Why there is no uid, as a sentence; null where there is one. */
  readonly problem: string | null;
  readonly home: string | null;
}

interface PasswdLine {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Largest user or group number (moby/sys user, `maxID`). */
const MAX_ID = 2 ** 31 - 1;

/**
 * `USER` as the engines read it (moby/sys, user/user.go, `GetExecUser`): a name or number, and after a colon a group.
 * A name must be in /etc/passwd; a number need not be, and its group is then 0.
 */
export function resolveUser(written: string, rootfs: Rootfs): StartUser {
  const [userPart = '', groupPart = ''] = written.split(':', 2);
  const passwd = readPasswd(rootfs);
  const line = passwd.lines.find((each) => isUser(each, userPart));
  const uid = line?.uid ?? (userPart === '' ? 0 : idOf(userPart));
  const home = line?.home ?? null;
  if (uid === null) {
    return { written, uid: null, gids: [], problem: missing('/etc/passwd', 'user', userPart, passwd.known), home };
  }
  return { written, uid, home, ...groupsFor(line, groupPart, readGroups(rootfs)) };
}

type Groups = Pick<StartUser, 'gids' | 'problem'>;

/** The group that is written, or those of the user. */
function groupsFor(line: PasswdLine | undefined, written: string, groups: ReturnType<typeof readGroups>): Groups {
  if (written === '') return { gids: groupsOf(line, groups.lines), problem: null };
  const gid = groups.lines.find(({ name }) => name === written)?.gid ?? idOf(written);
  if (gid !== null) return { gids: [gid], problem: null };
  return { gids: [], problem: missing('/etc/group', 'group', written, groups.known) };
}

function missing(path: string, what: string, name: string, known: boolean): string {
  return known ? `${path} has no ${what} \`${name}\`.` : `${path} could not be read.`;
}

function isUser({ name, uid }: PasswdLine, wanted: string): boolean {
  return wanted === '' ? uid === 0 : name === wanted || uid === idOf(wanted);
}

/** The user's own group, and those that list it as a member. */
function groupsOf(line: PasswdLine | undefined, groups: readonly GroupLine[]): readonly number[] {
  if (line === undefined) return [0];
  const member = groups.filter(({ members }) => members.includes(line.name));
  return [...new Set([line.gid, ...member.map(({ gid }) => gid)])];
}

function idOf(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value <= MAX_ID ? value : null;
}

function readPasswd(rootfs: Rootfs): { readonly known: boolean; readonly lines: readonly PasswdLine[] } {
  const text = textAt(rootfs, '/etc/passwd');
  const lines = text.lines.flatMap(([name = '', , uid = '', gid = '', , home = '']): readonly PasswdLine[] => {
    const [user, group] = [idOf(uid), idOf(gid)];
    return user === null || group === null ? [] : [{ name, uid: user, gid: group, home }];
  });
  return { known: text.known, lines };
}

function readGroups(rootfs: Rootfs): { readonly known: boolean; readonly lines: readonly GroupLine[] } {
  const text = textAt(rootfs, '/etc/group');
  const lines = text.lines.flatMap(([name = '', , gid = '', members = '']): readonly GroupLine[] => {
    const group = idOf(gid);
    return group === null ? [] : [{ name, gid: group, members: members.split(',') }];
  });
  return { known: text.known, lines };
}

/** Fields of every line; a file that is not there has none, and that is known. */
function textAt(rootfs: Rootfs, path: string): { readonly known: boolean; readonly lines: readonly string[][] } {
  const lookup = rootfs.lookup(path);
  if (!lookup.found) return { known: lookup.reason !== 'unknown', lines: [] };
  const { content, size } = lookup.entry;
  if (content?.kind !== 'text') return { known: size === 0, lines: [] };
  return { known: true, lines: content.text.split('\n').map((line) => line.trim().split(':')) };
}

// The directories of a CD that is made, with each entry's three names: Rock Ridge's as it was given, Joliet's of 64 characters at most,
// and the 8.3 name that DOS reads. In each directory each kind of name is unique.

/** What a file's bytes are taken from when they are read; a Blob is one. */
export interface CdContent {
  /** Bytes. */
  readonly size: number;
}

export interface CdEntry<T extends CdContent> {
  /** Names with slashes between; directories need not be given for themselves. */
  path: string;
  /** ms since 1970, UTC. */
  modified: number;
  /** Missing: an (empty) directory. */
  content?: T;
}

/** The CD cannot be made; the message is user-facing. */
export class CdError extends Error {
  override name = 'CdError';
}

export interface CdNode<T> {
  /** Empty for the root. */
  name: string;
  /** With version ";1" for a file (ECMA-119 §7.5). */
  isoName: string;
  jolietName: string;
  modified: number;
  content?: T;
  /** Of a directory, in the order of their ISO names. */
  children?: CdNode<T>[];
  parent: CdNode<T>;
}

/** Entries of one CD, directories included; the path table numbers directories with 16 bits. */
const MOST_ENTRIES = 60_000;
/** Levels of folders. */
const DEEPEST = 100;
/** An extent's size has 32 bits (ECMA-119 §9.1.4). */
const FILE_LIMIT = 2 ** 32;
/** UTF-8 bytes of a name, as file systems have it. */
const LONGEST_NAME = 255;
/** Joliet Specification, "Allowed File Identifier Length": 128 bytes. */
const JOLIET_NAME = 64;
const JOLIET_FORBIDDEN = /[*/:;?\\]/g;

interface Folder<T> {
  names: UniqueNames;
  byName: Map<string, CdNode<T>>;
}

export function buildTree<T extends CdContent>(entries: readonly CdEntry<T>[], created: number): CdNode<T> {
  const root = { name: '', isoName: '', jolietName: '', modified: created, children: [] } as Partial<
    CdNode<T>
  > as CdNode<T>;
  root.parent = root;
  const folders = new Map<CdNode<T>, Folder<T>>();
  const folderOf = (node: CdNode<T>): Folder<T> => {
    const folder = folders.get(node) ?? { names: new UniqueNames(), byName: new Map() };
    folders.set(node, folder);
    return folder;
  };
  let count = 0;
  const add = (parent: CdNode<T>, wanted: string, modified: number, content?: T): CdNode<T> => {
    if (++count > MOST_ENTRIES)
      throw new CdError(
        `These are more than ${MOST_ENTRIES} files and folders: too many for one CD. Pack them into an archive first.`,
      );
    const { names, byName } = folderOf(parent);
    const name = names.take(fitted(wanted, ''), (n) => fitted(wanted, ` (${n + 1})`));
    const node = { name, isoName: '', jolietName: '', modified, content, children: content ? undefined : [], parent };
    parent.children?.push(node);
    byName.set(name, node);
    return node;
  };
  for (const { path, modified, content } of entries) {
    if (content && content.size >= FILE_LIMIT)
      throw new CdError(`“${path}” is too large for a CD: a file has less than 4 GiB there.`);
    const parts = path
      .split('/')
      .map(tidyName)
      .filter((part) => part !== '' && part !== '.' && part !== '..');
    if (parts.length > DEEPEST) throw new CdError(`“${parts[0]}” has folders in more than ${DEEPEST} levels.`);
    const own = content && (parts.pop() ?? 'file');
    let parent = root;
    for (const part of parts) {
      const there = folderOf(parent).byName.get(fitted(part, ''));
      parent = there?.children ? there : add(parent, part, modified);
    }
    if (own !== undefined) add(parent, own, modified, content);
    else if (parent !== root) parent.modified = modified;
  }
  nameAll(root);
  return root;
}

/** What no system can have in a name is left out. */
function tidyName(name: string): string {
  return name.replace(/\p{Cc}/gu, '').toWellFormed();
}

/** A name that is not longer than can be. `suffix` stands before the extension, which is kept if it is short. */
function fitted(name: string, suffix: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 10 ? name.slice(dot) : '';
  let base = name.slice(0, Math.min(name.length - extension.length, LONGEST_NAME));
  while (utf8Length(base + suffix + extension) > LONGEST_NAME) base = [...base].slice(0, -1).join('');
  return base + suffix + extension;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function nameAll<T>({ children = [] }: CdNode<T>): void {
  const iso = new UniqueNames();
  const joliet = new UniqueNames();
  for (const child of children) {
    child.isoName = isoName(child, iso);
    child.jolietName = jolietName(child, joliet);
    nameAll(child);
  }
  // ECMA-119 §9.3: names are padded by spaces for comparison, and nothing in them sorts before the dot.
  children.sort((a, b) => (a.isoName < b.isoName ? -1 : 1));
}

/** Gives out names that no entry of the directory has yet. */
class UniqueNames {
  readonly #taken = new Set<string>();
  readonly #counters = new Map<string, number>();

  /** `numbered(n)`: the name with a number in it. */
  take(wanted: string, numbered: (n: number) => string): string {
    let name = wanted;
    for (let n = this.#counters.get(wanted) ?? 1; this.#taken.has(name); n++) {
      name = numbered(n);
      this.#counters.set(wanted, n + 1);
    }
    this.#taken.add(name);
    return name;
  }
}

/** ECMA-119 §7.4.1: capital letters, digits and "_"; interchange level 1: 8 and 3 of them. */
function isoName<T>({ name, children }: CdNode<T>, names: UniqueNames): string {
  const letters = (text: string) =>
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, '_');
  const dot = name.lastIndexOf('.');
  const hasExtension = !children && dot > 0;
  const base = letters(hasExtension ? name.slice(0, dot) : name).slice(0, 8) || '_';
  const rest = children ? '' : `.${hasExtension ? letters(name.slice(dot + 1)).slice(0, 3) : ''};1`;
  return names.take(base + rest, (n) => `${base.slice(0, 8 - String(n).length)}${n}${rest}`);
}

function jolietName<T>({ name, children }: CdNode<T>, names: UniqueNames): string {
  const version = children ? '' : ';1';
  const allowed = name.replace(JOLIET_FORBIDDEN, '_');
  const dot = allowed.lastIndexOf('.');
  const extension = dot > 0 && allowed.length - dot <= 10 ? allowed.slice(dot) : '';
  const base = allowed.slice(0, allowed.length - extension.length);
  const short = (suffix: string) =>
    base.slice(0, JOLIET_NAME - version.length - extension.length - suffix.length).replace(/[\ud800-\udbff]$/, '') +
    suffix +
    extension +
    version;
  return names.take(short(''), (n) => short(`~${n}`));
}

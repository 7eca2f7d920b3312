import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GuestBuildError } from '../packages/errors.ts';
import { type Owner, unpackSystem } from './unpack.ts';

const HAS_DPKG = spawnSync('dpkg-deb', ['--version']).status === 0;

/** A package of these files; those in DEBIAN/ are dpkg's. */
function archive(folder: string, name: string, files: Record<string, string>, control = ''): string {
  const tree = join(folder, name);
  const fields = `Package: ${name}\nVersion: 1\nArchitecture: i386\nMaintainer: nobody <nobody@localhost>\n${control}`;
  const all = { ...files, 'DEBIAN/control': `${fields}Description: test\n more of it\n` };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
    if (/inst$/.test(path)) chmodSync(join(tree, path), 0o755);
  }
  const file = join(folder, `${name}.deb`);
  if (name === 'tool') symlinkSync('tool', join(tree, 'bin/alias'));
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', tree, file], { stdio: 'ignore' });
  return file;
}

describe.runIf(HAS_DPKG)('unpackSystem', () => {
  let folder: string;
  let root: string;
  let owners: Owner[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'unpack-'));
    root = join(folder, 'root');
    mkdirSync(root);
    const archives = [
      archive(folder, 'lib', { 'usr/lib/lib.so': 'x' }, 'Multi-Arch: same\n'),
      archive(folder, 'tool', {
        'bin/tool': '#!/bin/sh\n',
        'etc/tool.conf': 'a=1\n',
        'DEBIAN/conffiles': '/etc/tool.conf\n',
        'DEBIAN/postinst': '#!/bin/sh\n',
        'DEBIAN/triggers': 'interest-noawait /usr/lib\ninterest update-tool\n',
      }),
    ];
    owners = unpackSystem(root, archives);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('merges /usr: what a package has in /bin is in /usr/bin', () => {
    expect(lstatSync(join(root, 'bin')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(root, 'usr/bin/tool'), 'utf8')).toContain('#!');
    expect(lstatSync(join(root, 'usr/bin/alias')).isSymbolicLink()).toBe(true);
    expect(owners).toEqual([]);
  });

  it('leaves a database in which dpkg finds packages that are to be configured', () => {
    const dpkg = (...args: string[]) => execFileSync('dpkg', [`--admindir=${root}/var/lib/dpkg`, ...args]).toString();
    expect(dpkg('--audit')).toMatch(/not yet configured[\s\S]*tool/);
    const query = (field: string, name: string) =>
      execFileSync('dpkg-query', [`--admindir=${root}/var/lib/dpkg`, '-W', `-f=\${${field}}`, name]).toString();
    expect(query('Status', 'tool')).toBe('install ok unpacked');
    expect(query('Conffiles', 'tool')).toMatch(/^ \/etc\/tool\.conf [0-9a-f]{32}$/);
    expect(query('db:Status-Abbrev', 'lib:i386')).toBe('iU ');
    const list = readFileSync(join(root, 'var/lib/dpkg/info/tool.list'), 'utf8').split('\n');
    expect(list.slice(0, 2)).toEqual(['/.', '/bin']);
    expect(list).toContain('/etc/tool.conf');
    expect(readFileSync(join(root, 'var/lib/dpkg/info/lib:i386.list'), 'utf8')).toContain('/usr/lib/lib.so\n');
  });

  it('registers what packages want to be told of', () => {
    const triggers = join(root, 'var/lib/dpkg/triggers');
    expect(readFileSync(join(triggers, 'File'), 'utf8')).toBe('/usr/lib tool/noawait\n');
    expect(readFileSync(join(triggers, 'update-tool'), 'utf8')).toBe('tool\n');
  });

  it('refuses what is no package', () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(folder, 'no.deb'), 'no');
    expect(() => unpackSystem(other, [join(folder, 'no.deb')])).toThrow(GuestBuildError);
  });
});

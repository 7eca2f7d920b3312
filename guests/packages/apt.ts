// Debian packages of another architecture, fetched by apt with a state directory of its own: needs no root, and leaves the
// system's package lists, its dpkg architectures and its caches alone. Where packages come from, and which keys sign
// them, is the user's own apt configuration; apt checks the signatures.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuestBuildError } from './errors.ts';

export interface Package {
  name: string;
  version: string;
  architecture: string;
  /** Of the .deb, as the signed index says. */
  sha256: string;
  /** Bytes of the .deb. */
  size: number;
  /** The Depends field; empty if there is none. */
  depends: string;
}

/** Index files that only desktop software centres and file searches read. */
const UNUSED_INDEXES = [
  'DEP-11',
  'DEP-11-icons',
  'DEP-11-icons-small',
  'DEP-11-icons-large',
  'DEP-11-icons-hidpi',
  'DEP-11-icons-large-hidpi',
  'Contents-deb',
  'CNF',
];

export class PrivateApt {
  readonly #directory: string;
  readonly #configuration: string;
  readonly #architecture: string;
  readonly #release: string;
  #updateProblem = '';

  /**
   * `directory` is created; lists and packages stay there for the next build. Packages come from `release` (a codename)
   * and its -security and -updates suites. Throws GuestBuildError without apt.
   */
  constructor(directory: string, architecture: string, release: string) {
    for (const tool of ['apt-get', 'dpkg-deb']) {
      if (spawnSync(tool, ['--version']).error) {
        throw new GuestBuildError(
          `${tool} is not installed here. Guest images are made from Debian's packages: run "npm run guests" on a Debian ` +
            'system and copy its public/guests folder.',
        );
      }
    }
    this.#directory = directory;
    this.#architecture = architecture;
    this.#release = release;
    for (const part of ['lists/partial', 'archives/partial', 'preferences.d', 'packages']) {
      mkdirSync(join(directory, part), { recursive: true });
    }
    writeFileSync(join(directory, 'status'), '');
    writeFileSync(join(directory, 'preferences'), `Package: *\nPin: release n=/^${release}/\nPin-Priority: 990\n`);
    this.#configuration = join(directory, 'apt.conf');
    writeFileSync(this.#configuration, configuration(directory, architecture));
  }

  /**
   * Brings the package lists up to date. A list that could not be fetched (its server is being updated, say) is no failure as
   * long as the release itself is known. Throws GuestBuildError.
   */
  update(): void {
    const result = this.#run('apt-get', ['update']);
    this.#updateProblem = result.status === 0 ? '' : result.stderr.trim();
    const { stdout: policy } = this.#run('apt-cache', ['policy']);
    if (new RegExp(`\\bn=${this.#release}\\b`).test(policy)) return;
    if (/\bn=/.test(policy)) {
      throw new GuestBuildError(
        `apt's sources here are not those of Debian ${this.#release}, which guest images are made from. Add that release to ` +
          "the system's apt sources, or copy public/guests from a machine that has it.",
      );
    }
    throw new GuestBuildError(
      this.#updateProblem === ''
        ? 'apt has no package sources here, so there is nothing to make guest images from.'
        : `apt could not fetch its package lists (no network?):\n${this.#updateProblem}`,
    );
  }

  /** What apt said if some list could not be fetched, else ''. */
  get updateProblem(): string {
    return this.#updateProblem;
  }

  /** The candidate version of a package. Throws GuestBuildError if the sources do not have it. */
  show(name: string): Package {
    const result = this.#run('apt-cache', ['show', '--no-all-versions', name]);
    if (result.status !== 0 || packageOf(result.stdout).name !== name) {
      throw new GuestBuildError(
        `apt finds no ${name} for ${this.#architecture} in Debian ${this.#release}: do the sources limit their ` +
          `architectures?\n${this.#updateProblem}`.trimEnd(),
      );
    }
    return packageOf(result.stdout);
  }

  /**
   * Downloads what `apt-get install` would install for these names or patterns (apt-patterns(7)) on a system without packages, without
   * what is merely recommended, in the order in which it would be unpacked. Throws GuestBuildError.
   */
  downloadSystem(wanted: readonly string[]): { package: Package; file: string }[] {
    const install = (...options: string[]) => {
      const result = this.#run('apt-get', ['install', '--yes', '--no-install-recommends', ...options, ...wanted]);
      if (result.status === 0) return result.stdout;
      throw new GuestBuildError(`apt could not fetch the packages of a whole system:\n${result.stderr.trim()}`);
    };
    const names = [...install('--simulate').matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name, version]) => ({
      name,
      version,
    }));
    install('--download-only');
    const described = this.#run('apt-cache', [
      'show',
      ...names.map(({ name, version }) => `${name}=${version}`),
    ]).stdout;
    const packages = new Map(described.split(/\n\n+/).map((stanza) => [packageOf(stanza).name, packageOf(stanza)]));
    return names.map(({ name, version }) => {
      const found = packages.get(name);
      const file = `${name}_${version.replaceAll(':', '%3a')}_${found?.architecture}.deb`;
      const path = join(this.#directory, 'archives', file);
      if (!found || !existsSync(path))
        throw new GuestBuildError(`apt fetched no ${file} into ${this.#directory}/archives.`);
      return { package: found, file: path };
    });
  }

  /** Downloads the .deb (or finds it from the last time) and returns its path. Throws GuestBuildError. */
  download(wanted: Package): string {
    const folder = join(this.#directory, 'packages');
    const ours = () => readdirSync(folder).filter((file) => file.startsWith(`${wanted.name}_`));
    const result = this.#run('apt-get', ['download', `${wanted.name}=${wanted.version}`], folder);
    if (result.status !== 0) {
      throw new GuestBuildError(`apt could not download ${wanted.name} ${wanted.version}:\n${result.stderr.trim()}`);
    }
    const version = wanted.version.replaceAll(':', '%3a');
    for (const file of ours()) if (!file.startsWith(`${wanted.name}_${version}_`)) rmSync(join(folder, file));
    const [file] = ours();
    if (file === undefined) throw new GuestBuildError(`apt downloaded ${wanted.name}, but left no file in ${folder}.`);
    return join(folder, file);
  }

  #run(command: string, args: string[], cwd = this.#directory): { status: number; stdout: string; stderr: string } {
    const result = spawnSync(command, ['-c', this.#configuration, '-q', ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      env: { ...process.env, LC_ALL: 'C' },
    });
    return { status: result.status ?? 1, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
  }
}

/** From a stanza of a package index. */
function packageOf(stanza: string): Package {
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
  return {
    name: field('Package'),
    version: field('Version'),
    architecture: field('Architecture'),
    sha256: field('SHA256'),
    size: Number(field('Size')),
    depends: field('Depends'),
  };
}

/** Read after the system's own configuration (apt.conf(5)), so it has the last word. */
function configuration(directory: string, architecture: string): string {
  const clear = [
    'APT::Architectures',
    'APT::Update::Pre-Invoke',
    'APT::Update::Post-Invoke',
    'APT::Update::Post-Invoke-Success',
    ...UNUSED_INDEXES.map((index) => `Acquire::IndexTargets::deb::${index}`),
  ];
  const settings: Record<string, string> = {
    'APT::Architecture': architecture,
    'APT::Architectures::': architecture,
    'APT::Update::Error-Mode': 'any',
    // The private directory is the caller's: when that is root, apt's own unprivileged user could not write into it.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'Acquire::https::Timeout': '20',
    'Dir::State': directory,
    'Dir::State::lists': join(directory, 'lists'),
    'Dir::State::status': join(directory, 'status'),
    'Dir::Cache': directory,
    'Dir::Cache::archives': join(directory, 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'Dir::Etc::preferences': join(directory, 'preferences'),
    'Dir::Etc::preferencesparts': join(directory, 'preferences.d'),
  };
  return [
    ...clear.map((name) => `#clear ${name};`),
    ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
    '',
  ].join('\n');
}

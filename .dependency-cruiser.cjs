// The layering of docs/architecture.md, checked by `npm run layers`.
//
// ROOMS lists every folder with code from the bottom to the top: a file may import from its own room and from those above it
// in the list (which are below it in the house). A folder that is not in the list is refused, so a new one gets its place; `x/*` stands
// for the folders in x that have no line of their own.
// Type-only imports count. Tests and testing/ may reach anywhere: they build the engine first, and read files.

const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const ROOMS = `
engine/base

engine/cpu/abi
engine/cpu/wasm
engine/cpu/isa
engine/cpu/emitter
engine/cpu/semantics/integer
engine/cpu/semantics/x87
engine/cpu/semantics/simd
engine/cpu/semantics
engine/cpu/monitor/state
engine/cpu/monitor/memory
engine/cpu/monitor/segments
engine/cpu/monitor/system
engine/cpu/monitor/transfers
engine/cpu/monitor/interrupts
engine/cpu/monitor/strings
engine/cpu/monitor/f80
engine/cpu/monitor/fpu
engine/cpu/monitor/sse
engine/cpu/monitor/dispatch
engine/cpu/monitor
engine/cpu/interpreter
engine/cpu/translator
engine/cpu/code-cache
engine/cpu/regions
engine/cpu/executor

engine/pc/bus
engine/pc/input
engine/pc/display
engine/pc/devices/pci
engine/pc/devices/virtio
engine/pc/devices/ide/atapi
engine/pc/devices/*
engine/pc/devices
engine/pc/firmware
engine/pc/images/make-cd
engine/pc/images
engine/pc/machine

engine/vmkernel/shared
engine/vmkernel/spec
engine/vmkernel/memory
engine/vmkernel/nic
engine/vmkernel/agent
engine/vmkernel/block
engine/vmkernel/screen
engine/vmkernel/vcpu
engine/vmkernel/vm

engine/subnet/carrier
engine/subnet/presence
engine/subnet/streams
engine/subnet/packet
engine/subnet/switch
engine/subnet/link
engine/subnet/responders
engine/subnet/capture
engine/subnet/host-network
engine/migration

engine/host

workers/unpack
workers/block
workers

src/styles
src/format
src/state
src/reports
src/simulation
src/session
src/media
src/operations
src/media-drop
src/actions
src/components
src/charts
src/capture
src/network
src/dialogs
src/tasks
src/transactions
src/translation
src/screen
src/rack
src/vm
src/host
src/inventory
src/shell
src/host-page
src

guests/packages
guests/firmware
guests/linux
guests/rescue
guests/debian-disk
guests/installer
guests/lapwing
guests
vectors
vectors/programs
vectors/x87
conformance
conformance/programs
conformance/calls
conformance/images
scripts
cli/common
cli/monitor
cli/net
cli
e2e/support
e2e/firefox
e2e
bench/measure
bench/images
bench/site
bench/engines
bench/pages
bench/suites
bench/planar
bench
`
  .split('\n')
  .filter((room) => room !== '');

const ROOTS = [...new Set(ROOMS.map((room) => room.split('/')[0]))];
/** At the root without a room: made, fetched, or declarations alone. */
const NO_ROOMS = new Set('build dist docs node_modules public test-results types'.split(' '));

// dependency-cruiser sees only the folders that it is given.
for (const { name } of readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  if (name.startsWith('.') || NO_ROOMS.has(name)) continue;
  if (!readdirSync(join(__dirname, name), { recursive: true }).some((file) => /\.tsx?$/.test(file))) continue;
  if (!ROOTS.includes(name)) throw new Error(`${name}/ has no place in ROOMS (.dependency-cruiser.cjs).`);
  if (!process.argv.includes(name)) throw new Error(`"npm run layers" does not look into ${name}/ (package.json).`);
}

/** Rooms that do not know each other although one has to stand before the other in the list. */
const APART = [
  ['engine/(subnet|migration)', 'engine/(cpu|pc|vmkernel)'],
  ['engine/vmkernel', 'engine/(subnet|migration)'],
  ['engine/cpu/translator', 'engine/cpu/interpreter'],
  ['engine/cpu/(interpreter|translator|code-cache|regions|executor)', 'engine/cpu/monitor'],
  ['src', '(guests|vectors|conformance|scripts|cli|e2e|bench)'],
  ['cli', 'src'],
  ['e2e|bench', 'src'],
];

/** A device knows of other devices only the buses that it sits on. */
const DEVICE = 'engine/pc/devices/([^/]+)';
const SHARED_BY_DEVICES = 'engine/pc/devices/(pci|virtio)/';

const TEST = String.raw`\.(test|soak|fixture)\.tsx?$|/testing/`;
const CODE = `^(${ROOTS.join('|')})/`;
const DATA = String.raw`\.(css|json|wasm|svg|png)$`;

/** Matches the files of a room, and not those of folders inside it. */
function inside(room) {
  if (!room.endsWith('/*')) return `^${room}/[^/]+$`;
  const folder = room.slice(0, -1);
  const own = ROOMS.filter((other) => other !== room && other.startsWith(folder)).map((other) =>
    other.slice(folder.length),
  );
  return `^${folder}(?!(${own.join('|')})/)[^/]+/[^/]+$`;
}

/** Of workers/, what starts workers of a browser. */
const STARTERS = readdirSync(join(__dirname, 'workers')).filter(
  (file) =>
    /\.ts$/.test(file) &&
    /new Worker\(new URL\('.*\.worker\.ts'/.test(readFileSync(join(__dirname, 'workers', file), 'utf8')),
);

const everywhere = ROOMS.map(inside);
const order = ROOMS.map((room, n) => ({
  name: `below-${room.replace('/*', '').replaceAll('/', '-')}`,
  comment: `${room} imports only what stands before it in ROOMS (.dependency-cruiser.cjs).`,
  severity: 'error',
  from: { path: inside(room), pathNot: TEST },
  to: { path: everywhere.slice(n + 1) },
})).filter(({ to }) => to.path.length > 0);

const apart = APART.map(([from, to]) => ({
  name: `apart-${from}`.replaceAll(/[^\w-]+/g, '-'),
  comment: `${from} knows nothing of ${to}.`,
  severity: 'error',
  from: { path: `^(${from})/`, pathNot: TEST },
  to: { path: `^${to}/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...order,
    ...apart,
    {
      name: 'no-cycles',
      comment: 'Modules that need each other are one module, or lack a third that both can use.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'workers-start-no-workers',
      comment: 'Only a page starts workers: workers/worker-lines.ts says why.',
      severity: 'error',
      from: { path: String.raw`^workers/[^/]+\.worker\.ts$` },
      to: { path: `^workers/(${STARTERS.join('|')})$`, reachable: true },
    },
    {
      name: 'unknown-room',
      comment: 'Every folder with code has its place in ROOMS (.dependency-cruiser.cjs).',
      severity: 'error',
      from: { path: CODE, pathNot: [...everywhere, TEST] },
      to: {},
    },
    {
      name: 'unknown-room-alone',
      comment:
        'Every folder with code has its place in ROOMS (.dependency-cruiser.cjs), also one that nothing imports yet.',
      severity: 'error',
      from: { orphan: true, path: CODE, pathNot: [...everywhere, TEST, DATA] },
      to: {},
    },
    {
      name: 'not-from-tests',
      comment: 'What runs for users does not import tests or their helpers.',
      severity: 'error',
      from: { path: '^(engine|workers|src|cli|guests|scripts)/', pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'import-from-unknown-room',
      comment: 'Every folder with code has its place in ROOMS (.dependency-cruiser.cjs).',
      severity: 'error',
      from: { pathNot: TEST },
      to: { path: CODE, pathNot: [...everywhere, TEST, DATA] },
    },
    {
      name: 'not-resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(bun|deno|vite):' },
    },
    {
      name: 'devices-apart',
      comment: 'Devices meet on a bus, or are wired in engine/pc/machine.',
      severity: 'error',
      from: { path: `^${DEVICE}/`, pathNot: TEST },
      to: { path: `^${DEVICE}/`, pathNot: [`^engine/pc/devices/$1/`, `^${SHARED_BY_DEVICES}`] },
    },
    {
      name: 'engine-without-node',
      comment: 'engine/ also runs in a browser worker: no Node modules.',
      severity: 'error',
      from: { path: '^engine/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-without-ui',
      comment: 'engine/ also runs in Node and in workers: no DOM, no React, no control-plane library.',
      severity: 'error',
      from: { path: '^engine/', pathNot: TEST },
      to: { path: 'node_modules/(react|react-dom|zustand|comlink|idb|uplot|@xterm|@patternfly|@dnd-kit)/' },
    },
    {
      name: 'console-without-node',
      comment: 'src/ runs in the browser.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|dist|public)/' },
    // A layer that needs a type from above is upside down too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};

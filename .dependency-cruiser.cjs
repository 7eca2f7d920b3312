// The layering of docs/architecture.md, checked by `npm run layers`. Imports point downwards only:
//
//   src, cli → workers → vmkernel migration network storage cluster → machine devices firmware
//     → isa interpreter translator monitor executor → wasm
//
// engine/ must run in a browser worker and in Node alike, so it imports neither node: modules nor anything that knows a
// DOM. Tests may reach anywhere (they build the engine first, and read files).

const DATA_CENTRE = 'vmkernel|migration|network|storage|cluster';
const PC = 'machine|devices|firmware';
const CPU = 'isa|interpreter|translator|monitor|executor';
const TEST = String.raw`\.test\.tsx?$|/testing/`;

/** Files of `layer` must not import anything matching one of `above`. */
function layer(name, layer, above) {
  return {
    name,
    comment: `${layer} may only import its own layer and those below it.`,
    severity: 'error',
    from: { path: layer, pathNot: TEST },
    to: { path: above },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Modules that need each other are one module, or lack a third that both can use.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(bun|deno|vite):' },
    },
    layer('wasm-is-the-bottom', '^engine/wasm/', [`^engine/(${CPU}|${PC}|${DATA_CENTRE})/`]),
    layer('cpu-below-pc', `^engine/(${CPU})/`, [`^engine/(${PC}|${DATA_CENTRE})/`]),
    layer('pc-below-data-centre', `^engine/(${PC})/`, [`^engine/(${DATA_CENTRE})/`]),
    layer('engine-below-workers', '^engine/', ['^(workers|src|cli|bench|guests|scripts|e2e)/']),
    layer('workers-below-console', '^workers/', ['^(src|cli|bench|guests|scripts|e2e)/']),
    layer('console-and-runner-apart', '^src/', ['^(cli|bench|guests|scripts|e2e)/']),
    layer('runner-and-console-apart', '^cli/', ['^(src|bench|e2e)/']),
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
      to: { path: 'node_modules/(react|react-dom|zustand|comlink|uplot|@xterm|@patternfly|@dnd-kit)/' },
    },
    {
      name: 'console-without-node',
      comment: 'src/ and workers/ run in the browser.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|dist|public)/' },
    // Type-only imports count: a layer that needs a type from above is upside down too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};

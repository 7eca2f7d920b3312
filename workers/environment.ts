// What the engine needs of its environment, and the user-facing message where something is missing.

interface Requirement {
  /** Completes "This browser lacks …". */
  name: string;
  present(): boolean;
}

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const ONE_FUNCTION = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];

const validates = (...sections: number[]) => WebAssembly.validate(Uint8Array.from([...MAGIC, ...sections]));

const REQUIREMENTS: Requirement[] = [
  { name: 'WebAssembly', present: () => typeof WebAssembly === 'object' },
  // (memory 1 1 shared)
  { name: 'WebAssembly threads', present: () => validates(5, 4, 1, 3, 1, 1) },
  // (func (drop (i8x16.splat (i32.const 0))))
  {
    name: 'WebAssembly SIMD',
    present: () => validates(...ONE_FUNCTION, 10, 9, 1, 7, 0, 0x41, 0, 0xfd, 0x0f, 0x1a, 0x0b),
  },
  // (func (return_call 0))
  { name: 'WebAssembly tail calls', present: () => validates(...ONE_FUNCTION, 10, 6, 1, 4, 0, 0x12, 0, 0x0b) },
  { name: 'BroadcastChannel', present: () => typeof BroadcastChannel === 'function' },
];

/** Compiling the smallest module is what a content security policy may forbid; validating it is not. */
function mayCompile(): boolean {
  try {
    return new WebAssembly.Module(Uint8Array.from(MAGIC)) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

const ADVICE = 'Use a current Chrome, Edge or Firefox, or Safari 18 or later.';

const COMPILING_FORBIDDEN =
  'The Content-Security-Policy that this page is served with forbids WebAssembly, of which the hosts’ processors are made. ' +
  "Add 'wasm-unsafe-eval' to its script-src, for the page and for its workers’ scripts: \"Content-Security-Policy: " +
  "script-src 'self' 'wasm-unsafe-eval'\", and reload.";

/**
 * What a worker says that was refused a compilation: the page may be allowed what its workers are not. Any other error as it
 * is.
 */
export function explainCompileError(error: unknown, compiles: () => boolean = mayCompile): unknown {
  return error instanceof WebAssembly.CompileError && !compiles() ? new Error(COMPILING_FORBIDDEN) : error;
}

/** User-facing message: what is missing and what to do about it; undefined when everything is there. */
export function describeEnvironmentProblem(
  requirements: Requirement[] = REQUIREMENTS,
  compiles: () => boolean = mayCompile,
): string | undefined {
  const missing: string[] = [];
  for (const { name, present } of requirements) {
    if (!present()) missing.push(name);
    // Without WebAssembly there is nothing to ask the rest of.
    if (name === 'WebAssembly' && missing.length > 0) break;
  }
  if (missing.length > 0) return `This browser lacks ${missing.join(', ')}. ${ADVICE}`;
  if (!compiles()) return COMPILING_FORBIDDEN;
  if (globalThis.crossOriginIsolated === false || typeof SharedArrayBuffer === 'undefined') {
    return (
      'This page is not cross-origin isolated, so the browser withholds SharedArrayBuffer, which hosts need for their ' +
      'memory. Open it over HTTPS or from localhost, served with the headers "Cross-Origin-Opener-Policy: same-origin" ' +
      'and "Cross-Origin-Embedder-Policy: require-corp" (npm start sends them), and reload.'
    );
  }
  return undefined;
}

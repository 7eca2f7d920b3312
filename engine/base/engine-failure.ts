// A failure of the engine itself: a WebAssembly trap, an exception of a device's model, a worker that died. It costs the VM it
// happened in and nothing else. The user reads in our words where it was; the technical text comes second.

/** Names of the errors that JavaScript, WebAssembly and browsers throw by themselves: what they say is not for users. */
const BUILT_IN = new Set([
  ...[
    'AggregateError',
    'EvalError',
    'InternalError',
    'RangeError',
    'ReferenceError',
    'SyntaxError',
    'TypeError',
    'URIError',
  ],
  ...['CompileError', 'LinkError', 'RuntimeError', 'DataCloneError', 'InvalidStateError'],
]);

export class EngineFailure extends Error {
  override name = 'EngineFailure';
  /** Behind "the engine failed": "while …", "when …". */
  readonly circumstance: string;
  readonly technical: string;

  constructor(circumstance: string, technical: string) {
    super(`the engine failed, ${circumstance} (${technical})`);
    this.circumstance = circumstance;
    this.technical = technical;
  }
}

/** `error` as what it means for the VM. The innermost circumstance stays: it is the most exact one. */
export function failedIn(circumstance: string, error: unknown): EngineFailure {
  if (error instanceof EngineFailure) return error;
  return new EngineFailure(circumstance, technicalText(error));
}

export function technicalText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** An error whose message is for users: `error` itself if it is one, else what it means for the VM. */
export function forUsers(circumstance: string, error: unknown): Error {
  const isForUsers = error instanceof Error && error.message !== '' && !BUILT_IN.has(error.name);
  return isForUsers ? error : failedIn(circumstance, error);
}

// Why a file could not be unpacked.

/** `message` is user-facing and names no file: the caller knows which. */
export class UnpackError extends Error {
  override name = 'UnpackError';
}

export function truncated(format: string): UnpackError {
  return new UnpackError(`The ${format} file is truncated: it ends before its contents do. Fetch it again.`);
}

export function damaged(format: string, why = 'its contents do not make sense'): UnpackError {
  return new UnpackError(`The ${format} file is damaged: ${why}. Fetch it again.`);
}

import { VmStateError } from './vm-ports.ts';

/**
 * What `work` comes to, unless the start of the VM called `name` is cancelled before: the work is not waited for then. Rejects with
 * VmStateError.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancelled = () => reject(new VmStateError(`${name} was powered off while it was starting.`));
    if (signal.aborted) cancelled();
    signal.addEventListener('abort', cancelled);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancelled));
  });
}

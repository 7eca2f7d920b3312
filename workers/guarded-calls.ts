// Calls to something that may go away: a worker that dies, a tab that closes. Comlink alone would leave their promises
// waiting for ever.

// biome-ignore lint/suspicious/noExplicitAny: any function's arguments and result
type AsyncMethods = Record<string, (...args: any[]) => Promise<any>>;

/** An object whose methods behave as `target`'s, but reject with `gone`'s reason once that has resolved. */
export function guardCalls<T extends object>(target: T, gone: Promise<string>): T {
  const failure = gone.then((reason) => {
    throw new Error(reason);
  });
  failure.catch(() => {});
  return new Proxy(target, {
    get(object, name) {
      // Not a promise itself, although every property of a Comlink proxy is callable.
      if (name === 'then' || typeof name === 'symbol') return undefined;
      return (...args: unknown[]) => Promise.race([(object as AsyncMethods)[name](...args), failure]);
    },
  });
}

// For tests in Node of modules that reach the store: the few things of a browser that it asks for when it is loaded.
const stored = new Map<string, string>();

Object.assign(globalThis, {
  localStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  },
  matchMedia: () => ({ matches: false }),
});

export {};

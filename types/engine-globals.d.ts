// The globals that engine/ may use: what a browser worker and Node both have, no DOM. tsconfig.engine.json checks the engine
// against these alone, so a `document` or a `process` in it does not compile.

declare namespace WebAssembly {
  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer;
    /** Pages of 64 KiB; returns the size before. */
    grow(delta: number): number;
  }

  interface TableDescriptor {
    element: 'anyfunc' | 'externref';
    initial: number;
    maximum?: number;
  }
  class Table {
    constructor(descriptor: TableDescriptor, value?: unknown);
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(delta: number, value?: unknown): number;
  }

  class Global {
    constructor(descriptor: { value: string; mutable?: boolean }, value?: unknown);
    value: unknown;
    valueOf(): unknown;
  }

  interface ModuleImportDescriptor {
    kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
    module: string;
    name: string;
  }
  interface ModuleExportDescriptor {
    kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
    name: string;
  }
  class Module {
    constructor(bytes: ArrayBufferView<ArrayBuffer> | ArrayBuffer);
    static imports(module: Module): ModuleImportDescriptor[];
    static exports(module: Module): ModuleExportDescriptor[];
    static customSections(module: Module, name: string): ArrayBuffer[];
  }

  // biome-ignore lint/complexity/noBannedTypes: the type that lib.dom gives these values
  type ImportValue = Function | Global | Memory | Table | number | bigint;
  type ModuleImports = Record<string, ImportValue>;
  type Imports = Record<string, ModuleImports>;
  // biome-ignore lint/suspicious/noExplicitAny: the type that lib.dom gives these values
  type ExportValue = any;
  type Exports = Record<string, ExportValue>;
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  function validate(bytes: ArrayBufferView<ArrayBuffer> | ArrayBuffer): boolean;
  function compile(bytes: ArrayBufferView<ArrayBuffer> | ArrayBuffer): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
}

declare const performance: {
  /** ms since `timeOrigin`. */
  now(): number;
  /** ms since 1970. */
  readonly timeOrigin: number;
};

declare const crypto: {
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
  getRandomValues<T extends ArrayBufferView<ArrayBuffer>>(array: T): T;
  readonly subtle: {
    digest(algorithm: string, data: ArrayBufferView<ArrayBuffer> | ArrayBuffer): Promise<ArrayBuffer>;
  };
};

declare const console: Record<'debug' | 'info' | 'log' | 'warn' | 'error', (...values: unknown[]) => void>;

/** Opaque: a number in browsers, an object in Node. */
declare type TimerId = { readonly __timer: never };
// biome-ignore lint/suspicious/noExplicitAny: called without arguments, so any parameter will do
declare type Callback = (...values: any[]) => void;
declare function setTimeout(callback: Callback, ms?: number): TimerId;
declare function clearTimeout(timer: TimerId | undefined): void;
declare function setInterval(callback: Callback, ms?: number): TimerId;
declare function clearInterval(timer: TimerId | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T, options?: { transfer?: Transferable[] }): T;

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}

/** Its contents may lie in a file of the user's: reading then rejects with a DOMException if that has changed. */
declare class Blob {
  constructor(parts?: readonly (ArrayBufferView<ArrayBuffer> | ArrayBuffer)[]);
  readonly size: number;
  slice(start?: number, end?: number): Blob;
  arrayBuffer(): Promise<ArrayBuffer>;
}

declare class Event {
  constructor(type: string);
  readonly type: string;
}
declare class MessageEvent<T = unknown> extends Event {
  constructor(type: string, options?: { data?: T });
  readonly data: T;
}
declare class EventTarget {
  addEventListener(type: string, listener: (event: MessageEvent) => void): void;
  removeEventListener(type: string, listener: (event: MessageEvent) => void): void;
  dispatchEvent(event: Event): boolean;
}
declare type Transferable = ArrayBuffer | MessagePort;
declare class MessagePort extends EventTarget {
  onmessage: ((event: MessageEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  start(): void;
  close(): void;
}
declare class MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}
declare class BroadcastChannel extends EventTarget {
  constructor(name: string);
  readonly name: string;
  onmessage: ((event: MessageEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Web Locks: not in Node 20, so code that uses them has to check. */
interface LockManager {
  request(name: string, held: () => unknown): Promise<unknown>;
  request(
    name: string,
    options: { mode?: 'exclusive' | 'shared'; ifAvailable?: boolean; signal?: AbortSignal },
    held: (granted: object | null) => unknown,
  ): Promise<unknown>;
  query(): Promise<{ held?: { name?: string; mode?: 'exclusive' | 'shared' }[] }>;
}
declare var navigator: { readonly locks?: LockManager } | undefined;

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/** Base64 to a string of bytes; throws on what is none. */
declare function atob(text: string): string;

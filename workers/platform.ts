// What differs between a browser's workers and Node's worker threads, for the code that starts vCPU workers.

export interface SpawnedWorker {
  /** Speaks to the worker; started by Comlink. */
  port: MessagePort;
  /** The worker has died of an uncaught error. */
  onError(listener: (detail: string) => void): void;
  /** Resolves when nothing of it runs any more, where the platform reports that; there it may be called at any time. */
  terminate(): Promise<void>;
}

export interface EngineModules {
  monitorModule: WebAssembly.Module;
  interpreterModule: WebAssembly.Module;
}

export interface Platform {
  spawnVcpuWorker(): SpawnedWorker;
  /** A worker that translates for the vCPUs of a host. It keeps nothing alive. */
  spawnTranslator(): SpawnedWorker;
  /** Rejects with a user-facing message when a module is missing or does not compile. */
  loadModules(): Promise<EngineModules>;
}

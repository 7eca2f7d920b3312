// The monitor's functions as imports of generated modules.

import { MONITOR_API } from '../abi/monitor-api.ts';
import { SIMD_API } from '../abi/simd-api.ts';
import { FPU_API } from '../abi/x87-api.ts';
import { I32, type ValueType } from '../wasm/encoding.ts';
import { type ModuleBuilder, signature } from '../wasm/module.ts';

const ALL: Record<string, string> = { ...MONITOR_API, ...FPU_API, ...SIMD_API };

/** Index of an imported monitor function by its name. */
export type FunctionIndices = (name: string) => number;

/** Result type of a monitor function; i32 for those without a result. */
export function importedType(name: string): ValueType {
  return signature(ALL[name] ?? ':v').results[0] ?? I32;
}

export function hasResult(name: string): boolean {
  return !ALL[name]!.endsWith(':v');
}

/** Declares the imports on first use. All must be declared before the first function of the module is added. */
export function importMonitor(module: ModuleBuilder, names: Iterable<string>): FunctionIndices {
  const indices = new Map<string, number>();
  for (const name of names) {
    const text = ALL[name];
    if (text === undefined) throw new Error(`the monitor has no function '${name}'`);
    indices.set(name, module.importFunction('monitor', name, signature(text)));
  }
  return (name) => {
    const index = indices.get(name);
    if (index === undefined) throw new Error(`monitor function '${name}' is not imported`);
    return index;
  };
}

/** Declares each import when it is first asked for. */
export function importMonitorLazily(module: ModuleBuilder): FunctionIndices {
  const indices = new Map<string, number>();
  return (name) => {
    let index = indices.get(name);
    if (index === undefined) {
      index = importMonitor(module, [name])(name);
      indices.set(name, index);
    }
    return index;
  };
}

export const MONITOR_FUNCTIONS: readonly string[] = Object.keys(ALL);

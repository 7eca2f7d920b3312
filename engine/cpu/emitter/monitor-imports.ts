// The monitor's functions as imports of generated modules.

import { type AnyMonitorFunction, MONITOR_FUNCTIONS } from '../abi/monitor-functions.ts';
import { I32, type ValueType } from '../wasm/encoding.ts';
import { type ModuleBuilder, signature } from '../wasm/module.ts';

/** Index of an imported monitor function by its name. */
export type FunctionIndices = (name: AnyMonitorFunction) => number;

/** Result type of a monitor function; i32 for those without a result. */
export function importedType(name: AnyMonitorFunction): ValueType {
  return signature(MONITOR_FUNCTIONS[name].signature).results[0] ?? I32;
}

export function hasResult(name: AnyMonitorFunction): boolean {
  return !MONITOR_FUNCTIONS[name].signature.endsWith(':v');
}

function importFunction(module: ModuleBuilder, name: AnyMonitorFunction): number {
  return module.importFunction('monitor', name, signature(MONITOR_FUNCTIONS[name].signature));
}

/** Declares all imports. To be called before the first function of the module is added. */
export function importMonitor(module: ModuleBuilder): FunctionIndices {
  const names = Object.keys(MONITOR_FUNCTIONS) as AnyMonitorFunction[];
  const indices = new Map(names.map((name) => [name, importFunction(module, name)]));
  return (name) => indices.get(name)!;
}

/** Declares each import when it is first asked for. */
export function importMonitorLazily(module: ModuleBuilder): FunctionIndices {
  const indices = new Map<AnyMonitorFunction, number>();
  return (name) => {
    const index = indices.get(name) ?? importFunction(module, name);
    indices.set(name, index);
    return index;
  };
}

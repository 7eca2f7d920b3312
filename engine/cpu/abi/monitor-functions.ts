// All functions of the monitor that generated code may call, and their records.

import { MONITOR_API, type MonitorFunction } from './monitor-api.ts';
import type { Effect, MonitorRecord } from './monitor-record.ts';
import { SIMD_API, type SimdFunction } from './simd-api.ts';
import { FPU_API, type FpuFunction } from './x87-api.ts';

export type AnyMonitorFunction = MonitorFunction | FpuFunction | SimdFunction;

export const MONITOR_FUNCTIONS: Readonly<Record<AnyMonitorFunction, MonitorRecord>> = {
  ...MONITOR_API,
  ...FPU_API,
  ...SIMD_API,
};

/** May the function do this? */
export function may(name: AnyMonitorFunction, effect: Effect): boolean {
  return MONITOR_FUNCTIONS[name].effects.has(effect);
}

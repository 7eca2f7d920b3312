// A Platform without threads whose CPUs are scripted. Tests only.

import {
  type ScriptedExecutor,
  type Step,
  scriptedExecutors,
} from '../../engine/vmkernel/testing/scripted-executor.ts';
import { type InProcessPlatform, inProcessPlatform } from './in-process-platform.ts';

const EMPTY_MODULE = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

export interface ScriptedPlatform extends InProcessPlatform {
  /** CPUs made so far. */
  executors: ScriptedExecutor[];
  /** Each vCPU begins with these steps. */
  script: Step[];
}

export function scriptedPlatform(): ScriptedPlatform {
  const { create, made } = scriptedExecutors();
  const platform: ScriptedPlatform = {
    ...inProcessPlatform(
      (options) => {
        const executor = create(options);
        made[made.length - 1].script.push(...platform.script);
        return executor;
      },
      async () => ({ monitorModule: EMPTY_MODULE, interpreterModule: EMPTY_MODULE }),
    ),
    executors: made,
    script: [],
  };
  return platform;
}

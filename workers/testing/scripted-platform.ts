// A Platform without threads: vCPU "workers" live in the caller's event loop, behind real message ports, over a scripted
// CPU. Tests only.

import {
  type ScriptedExecutor,
  type Step,
  scriptedExecutors,
} from '../../engine/vmkernel/testing/scripted-executor.ts';
import type { Platform } from '../platform.ts';
import { serveTranslator } from '../translator-service.ts';
import { serveVcpu } from '../vcpu-service.ts';

const EMPTY_MODULE = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

export interface ScriptedPlatform extends Platform {
  /** CPUs made so far. */
  executors: ScriptedExecutor[];
  /** Each vCPU begins with these steps. */
  script: Step[];
  /** Makes the vCPU worker started last die of an error. */
  kill(detail: string): void;
}

export function scriptedPlatform(): ScriptedPlatform {
  const { create, made } = scriptedExecutors();
  let die = (_detail: string) => {};
  const platform: ScriptedPlatform = {
    executors: made,
    script: [],
    kill: (detail) => die(detail),
    spawnVcpuWorker() {
      const { port1, port2 } = new MessageChannel();
      serveVcpu(port2, (options) => {
        const executor = create(options);
        made[made.length - 1].script.push(...platform.script);
        return executor;
      });
      const close = () => {
        port1.close();
        port2.close();
      };
      return {
        port: port1,
        onError: (listener) => {
          die = (detail) => {
            close();
            listener(detail);
          };
        },
        terminate: async () => close(),
      };
    },
    spawnTranslator() {
      const { port1, port2 } = new MessageChannel();
      serveTranslator(port2);
      return { port: port1, onError: () => {}, terminate: async () => port1.close() };
    },
    loadModules: async () => ({ monitorModule: EMPTY_MODULE, interpreterModule: EMPTY_MODULE }),
  };
  return platform;
}

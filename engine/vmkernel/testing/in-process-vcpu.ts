// A LaunchVcpu without workers: the vCPU runs in the caller's event loop, in virtual time, over a scripted CPU. Tests only.

import type { VirtualTime } from '../../base/testing/virtual-time.ts';
import { Vcpu } from '../vcpu/vcpu.ts';
import type { LaunchVcpu } from '../vm/vcpu-control.ts';
import { type ScriptedExecutor, type Step, scriptedExecutors } from './scripted-executor.ts';
import { virtualTimePorts } from './virtual-time-ports.ts';

/** An empty module: the scripted CPU has no use for one. */
const NO_MODULE = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

export interface InProcessLauncher {
  launch: LaunchVcpu;
  executors: ScriptedExecutor[];
  /** The next vCPU that is launched begins with these steps. */
  script: Step[];
  /** Makes the next launch fail. */
  failure?: string;
}

export function inProcessLauncher(time: VirtualTime): InProcessLauncher {
  const { create, made } = scriptedExecutors();
  const launcher: InProcessLauncher = {
    executors: made,
    script: [],
    async launch(request, listener) {
      if (launcher.failure) throw new Error(launcher.failure);
      const vcpu = new Vcpu(
        { ...request, monitorModule: NO_MODULE, interpreterModule: NO_MODULE },
        {
          createExecutor: create,
          ...virtualTimePorts(time),
          onEvent: (event) => listener.onEvent(event),
        },
      );
      made[made.length - 1].script.push(...launcher.script.splice(0));
      return {
        boot: async (initial, font) => vcpu.boot(initial, font),
        resume: async (stoodStill) => vcpu.resume(stoodStill),
        pause: async () => vcpu.pause(),
        suspend: async () => {
          vcpu.pause();
          return structuredClone(vcpu.save());
        },
        restore: async (saved) => vcpu.restore(saved),
        serialInput: async (bytes, port, discard) => vcpu.serialInput(bytes, port, discard),
        registers: async () => vcpu.registers(),
        pressPowerButton: async () => vcpu.pressPowerButton(),
        displayState: async () => structuredClone(vcpu.displayState()),
        input: async (events) => vcpu.input(events),
        type: async (characters) => vcpu.type(characters),
        stopTyping: async () => vcpu.stopTyping(),
        regions: async (limit) => vcpu.regions(limit),
        regionCode: async (id) => vcpu.regionCode(id),
        terminate: async () => vcpu.pause(),
      };
    },
  };
  return launcher;
}

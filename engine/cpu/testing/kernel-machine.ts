// A machine that boots a multiboot kernel whose only devices are a debug console and an exit port: what the conformance
// kernel needs. No interrupts, no timer; guest RAM from address 0.

import { onlyRam } from '../../base/memory-window.ts';
import { multibootBoot } from '../../pc/firmware/multiboot.ts';
import { findMultibootHeader } from '../../pc/firmware/multiboot-header.ts';
import { MachineMemory } from '../../vmkernel/memory/machine-memory.ts';
import { VmMemory } from '../../vmkernel/memory/vm-memory.ts';
import { enterKernel } from '../../vmkernel/vcpu/boot-state.ts';
import * as L from '../abi/layout.ts';
import { storeMemoryMap } from '../abi/memory-windows.ts';
import { createExecutor, type ExecutorTuning } from '../executor/executor.ts';
import { LatePages } from './late-pages.ts';

const MEMORY_MIB = 8;
const OVERHEAD_MIB = 8;
const DEBUG_PORT = 0xe9;
const EXIT_PORT = 0xf4;
const SLICE = 100_000;
/** A kernel whose pages come late waits more often than this only if it gets nowhere. */
const MOST_WAITS = 1_000_000;

/**
 * Runs `kernel` until it writes to its exit port; the result is what it printed. Throws if it stops otherwise. With a `seed` its pages come
 * late, elsewhere, and go again.
 */
export function runKernel(
  kernel: Uint8Array,
  monitorModule: WebAssembly.Module,
  interpreterModule: WebAssembly.Module,
  tuning: ExecutorTuning,
  seed?: number,
): string {
  const host = new MachineMemory(MEMORY_MIB + OVERHEAD_MIB);
  const vm = new VmMemory(host, { memoryMiB: MEMORY_MIB, arenaSize: 4 * 1024 * 1024 });
  const printed: string[] = [];
  let exited = false;
  const field = new DataView(host.memory.buffer, vm.cpu, L.CPU_BLOCK_SIZE);
  storeMemoryMap((offset, value) => field.setUint32(offset, value, true), onlyRam(vm.guest.pages));
  const late =
    seed === undefined
      ? undefined
      : new LatePages({
          ...{ memory: host.memory, p2m: field.getUint32(L.P2M, true), pages: vm.guest.pages, seed },
          spare: Array.from({ length: 16 }, () => host.allocatePage()),
        });
  const executor = createExecutor({
    memory: host.memory,
    cpu: vm.cpu,
    monitorModule,
    interpreterModule,
    tuning,
    host: {
      portRead: (_port, size) => 2 ** (8 * size) - 1,
      portWrite: (port, _size, value) => {
        if (port === DEBUG_PORT) printed.push(String.fromCharCode(value & 0xff));
        if (port !== EXIT_PORT) return;
        exited = true;
        field.setInt32(L.DOORBELL, L.DOORBELL_STOP, true);
      },
      mmioRead: (_physical, size) => 2 ** (8 * size) - 1,
      mmioWrite: () => {},
      timestamp: () => 1,
      pageFault: (page, write) => late!.fault(page, write),
      acknowledgeInterrupt: () => 0,
      notImplemented: () => {},
    },
  });
  const header = findMultibootHeader(kernel);
  const boot = multibootBoot({ kernel, header, commandLine: '', modules: [], memoryMiB: MEMORY_MIB });
  for (const { guestPhysical, bytes } of boot.segments) vm.guest.write(guestPhysical, bytes);
  executor.reset();
  if (boot.initialState) enterKernel(host.memory, vm.cpu, boot.initialState);
  late?.takeAll();
  executor.stateReplaced();
  for (let slices = 0; !exited; slices++) {
    const reason = executor.run(SLICE);
    if (exited) break;
    if (late && reason === L.EXIT_PAGE) {
      late.takeSome();
      late.bring(executor.awaitedPage);
      executor.reconcile();
      if (late.waits < MOST_WAITS) continue;
    }
    if (reason !== L.EXIT_SLICE || slices > 10_000) {
      const eip = field.getUint32(L.RIP, true).toString(16);
      throw new Error(`the kernel stopped (${reason}) at EIP ${eip} after:\n${printed.join('').slice(-500)}`);
    }
  }
  return printed.join('');
}

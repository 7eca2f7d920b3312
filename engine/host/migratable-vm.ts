// A running VM as migration's source side needs it (migration/ports.ts).
//
// Logging is always on (dirty-log.ts): migration is a client of it like others. After opening and after each taking comes a TLB
// shootdown; the caller reads pages only after that.

import { deferred } from '../base/deferred.ts';
import type { Timebase } from '../base/timebase.ts';
import type { MigratableVm } from '../migration/ports.ts';
import type { DirtyLogClient } from '../vmkernel/memory/dirty-log.ts';
import { Doorbell } from '../vmkernel/shared/doorbell.ts';
import { requestShootdown } from '../vmkernel/shared/shootdown.ts';
import type { VmSpec } from '../vmkernel/spec/spec.ts';
import type { SavedVm } from '../vmkernel/vm/saved-vm.ts';
import type { Vm } from '../vmkernel/vm/vm.ts';
import { VmStateError } from '../vmkernel/vm/vm-ports.ts';

/** The saved form of CPU and devices, about; what the serial port has printed comes on top. */
const MACHINE_BYTES = 16 << 10;

/** Sets the VM to 'migrating'; Vm.endMigration or `release` ends that. Throws VmStateError unless it runs. */
export function migratable(vm: Vm, memory: WebAssembly.Memory, timebase: Timebase): MigratableVm<VmSpec> {
  const ended = deferred<string>();
  const instance = vm.beginMigration(ended.resolve);
  const { cpu, guest } = instance.memory;
  let log: DirtyLogClient | undefined;
  let releaseInput = () => {};

  const assertAlive = () => {
    if (vm.stoppedDuringMigration) throw new VmStateError(vm.stoppedDuringMigration);
  };
  /** Needed after each change of the log. */
  const shootdown = () => requestShootdown(memory, cpu, timebase);

  return {
    spec: vm.spec,
    pages: guest.pages,
    ended: ended.promise,
    async startDirtyLog() {
      assertAlive();
      log = guest.log.open();
      await shootdown();
    },
    async takeDirty() {
      assertAlive();
      if (!log) throw new VmStateError('The dirty log has not been started.');
      const dirty = log.take();
      await shootdown();
      return dirty;
    },
    async stopDirtyLog() {
      log?.close();
    },
    countDirty: () => log?.count() ?? 0,
    stateBytes: () => MACHINE_BYTES + vm.output.com1.read().bytes.length,
    bring: (page) =>
      guest.isAbsent(page) && guest.log.wasTouched(page) ? instance.memory.supply?.bring(page) : undefined,
    isZero: (page) => guest.isZero(page),
    readPage: (page, into) => guest.readPage(page, into),
    async pause() {
      assertAlive();
      releaseInput = vm.holdInput();
      const network = instance.cables.hold();
      new Doorbell(memory, cpu).requestStop();
      try {
        const vcpu = await instance.control.suspend();
        assertAlive();
        const drives = await instance.drives.hold();
        vm.uptime.stop();
        return {
          version: 5,
          vcpu,
          history: vm.output.com1.save(),
          run: vm.run,
          network,
          drives,
          guest: vm.guest,
        } satisfies SavedVm;
      } catch (error) {
        releaseInput();
        throw error;
      }
    },
    async resume() {
      await instance.drives.resume();
      // A guest that has stopped by itself stays so; Vm.endMigration acts on it.
      if (!vm.stoppedDuringMigration) {
        vm.goesOn(await instance.control.resume());
      }
      instance.cables.resume();
      releaseInput();
    },
    async release() {
      instance.cables.handOver();
      await vm.depart();
      releaseInput();
    },
  };
}

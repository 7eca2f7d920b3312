// A VM that is off as migration needs it at either end (migration/ports.ts): its specification and what it has printed move,
// and nothing else. The states and the commit are those of a running VM, so that exactly one host has it registered,
// whichever host dies or freezes and when; what "runs" there is a registration.

import type { IncomingVm, MigratableVm } from '../migration/ports.ts';
import type { VmDrives } from '../vmkernel/block/vm-drives.ts';
import type { VmSpec } from '../vmkernel/spec/spec.ts';
import type { Vm } from '../vmkernel/vm/vm.ts';

/** Sets the VM to 'migrating'; Vm.endMigration or `release` ends that. Throws VmStateError unless it is off. */
export function coldMigratable(vm: Vm): MigratableVm<VmSpec> {
  vm.beginColdMigration();
  const none = async () => new Uint32Array();
  return {
    spec: vm.spec,
    pages: 0,
    // A VM that is off does nothing by itself.
    ended: new Promise(() => {}),
    async startDirtyLog() {},
    takeDirty: none,
    async stopDirtyLog() {},
    countDirty: () => 0,
    stateBytes: () => 0,
    bring: () => undefined,
    isZero: () => true,
    readPage() {},
    pause: async () => undefined,
    async resume() {},
    release: () => vm.depart(),
  };
}

/** `onActivated` is called when the VM belongs to this host. `drives`: attached without queues. */
export function receiveColdVm(drives: VmDrives, onActivated: () => void): IncomingVm {
  return {
    pages: 0,
    writePage() {},
    writeZero() {},
    async prepare() {},
    async activate() {
      onActivated();
      await drives.activate();
      await drives.detach();
    },
    discard: () => drives.detach(),
  };
}

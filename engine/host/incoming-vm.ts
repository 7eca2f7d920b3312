// A VM on its way in, as migration's target side needs it (migration/ports.ts). Memory and vCPU worker exist from the
// reservation on, so that the switch-over has nothing to wait for but the registers.

import type { IncomingVm } from '../migration/ports.ts';
import { checkSavedVm } from '../vmkernel/vm/saved-vm.ts';
import type { Vm } from '../vmkernel/vm/vm.ts';

/**
 * Rejects with OutOfMemoryError or the launcher's error; the VM is off then. `onActivated` is called when the VM belongs to
 * this host.
 */
export async function receiveVm(vm: Vm, onActivated: () => void): Promise<IncomingVm> {
  const { memory, control, cables, drives } = await vm.reserve();
  let activateCards = () => {};
  return {
    pages: memory.guest.pages,
    writePage: (page, contents) => memory.store(page, contents),
    writeZero: (page) => memory.store(page, undefined),
    async prepare(state) {
      const saved = checkSavedVm(state);
      activateCards = cables.accept(saved.network);
      await drives.accept(saved.drives);
      await control.restore(saved.vcpu);
      vm.continueSerial(saved.history, saved.run);
      vm.adoptCondition(saved.guest);
    },
    async activate() {
      // Before the guest sends: a card that is not activated may not.
      activateCards();
      // The guest's requests wait for it, and it does not wait.
      drives.activate().catch((error) => vm.drivesFailed(error));
      vm.goesOn(await control.resume());
      vm.activated();
      onActivated();
    },
    async discard() {
      await vm.destroy();
    },
  };
}

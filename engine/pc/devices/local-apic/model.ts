import { deviceModel } from '../../bus/device-model.ts';
import { LocalApic } from './local-apic.ts';

export const localApicModel = deviceModel({
  name: 'local-apic',
  role: 'device',
  help: "the CPU's local interrupt controller",
  most: 1,
  properties: {},
  create(board) {
    const changed = () => board.interruptChanged();
    const apic = new LocalApic({ clock: board.clock, changed, nmi: () => board.raiseNmi() });
    apic.attach(board.mmio);
    board.connectLocalInterruptController(apic);
    return apic;
  },
});

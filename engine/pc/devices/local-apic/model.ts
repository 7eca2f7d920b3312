import { deviceModel } from '../../bus/device-model.ts';
import { LOCAL_APIC_BASE, LocalApic } from './local-apic.ts';

export const localApicModel = deviceModel({
  name: 'local-apic',
  role: 'device',
  help: "the CPU's local interrupt controller",
  most: 1,
  properties: {},
  interruptControllers: () => [
    { kind: 'local-apic', processor: 0, id: 0, address: LOCAL_APIC_BASE },
    { kind: 'local-nmi', input: 1 },
  ],
  create(board) {
    const changed = () => board.interruptChanged();
    const apic = new LocalApic({
      ...{ clock: board.clock, bus: board.apicBus, changed },
      nmi: () => board.raiseNmi(),
      init: () => board.requestReset(),
    });
    apic.attach(board.mmio);
    board.connectLocalInterruptController(apic);
    return apic;
  },
});

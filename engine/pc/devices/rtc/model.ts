import { deviceModel } from '../../bus/device-model.ts';
import { Rtc } from './rtc.ts';

const IRQ = 8;

export const rtcModel = deviceModel({
  name: 'rtc',
  role: 'board',
  help: 'real-time clock and CMOS memory',
  builtIn: [{}],
  properties: {},
  acpi: () => [{ name: 'RTC', hid: 'PNP0B00', ports: [[0x70, 2]], irqs: [IRQ] }],
  create(board) {
    const { clock, memoryMiB } = board;
    const rtc = new Rtc({ clock, irq: board.interruptLine(IRQ), wallClock: () => board.wallClock(), memoryMiB });
    rtc.attach(board.ports);
    board.connectCmos(rtc);
    return rtc;
  },
});

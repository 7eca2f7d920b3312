import { CONSOLE_CHANNEL } from '../../bus/board.ts';
import { deviceModel } from '../../bus/device-model.ts';
import { Uart } from './uart.ts';

/** COM1 to COM4: as the ISA bus has them, two lines for four ports. `name`: of their parts of the saved form. */
const PORTS = [
  { name: 'uart', base: 0x3f8, irq: 4 },
  { name: 'com2', base: 0x2f8, irq: 3 },
  { name: 'com3', base: 0x3e8, irq: 4 },
  { name: 'com4', base: 0x2e8, irq: 3 },
];

export const uartModel = deviceModel({
  name: 'isa-serial',
  role: 'device',
  help: 'a serial port; COM1 is always there',
  builtIn: [{ index: 0, chardev: CONSOLE_CHANNEL }],
  most: PORTS.length,
  properties: {
    index: { kind: 'number', least: 0, most: PORTS.length - 1, unique: true, help: 'which port it is, 0 for COM1' },
    chardev: { kind: 'channel', help: 'where its output goes' },
  },
  acpi: ({ index }) => {
    const { base, irq } = PORTS[index];
    return [{ name: `COM${index + 1}`, hid: 'PNP0501', uid: index + 1, ports: [[base, 8]], irqs: [irq] }];
  },
  create(board, { index, chardev }) {
    const { name, base, irq } = PORTS[index];
    const uart = new Uart(
      {
        clock: board.clock,
        irq: board.sharedInterruptLine(irq),
        output: board.output(chardev),
        room: () => board.inputRoom(),
      },
      name,
    );
    uart.attach(board.ports, base);
    board.connectSerialPort(index, uart);
    return uart;
  },
});

import { deviceModel } from '../../bus/device-model.ts';
import { KeyboardController } from './i8042.ts';

const IRQ = 1;
const AUX_IRQ = 12;

/** CMOS register, bit 2: what a BIOS puts into the equipment word of its data area (RBIL, INT 11h). */
const CMOS_EQUIPMENT = 0x14;
const EQUIPMENT_POINTING_DEVICE = 0x04;

export const i8042Model = deviceModel({
  name: 'i8042',
  role: 'board',
  help: 'keyboard controller with keyboard and PS/2 mouse',
  builtIn: [{}],
  properties: {},
  acpi: () => [
    {
      ...{ name: 'KBD', hid: 'PNP0303', irqs: [IRQ] },
      ports: [
        [0x60, 1],
        [0x64, 1],
      ],
    },
    { name: 'MOU', hid: 'PNP0F13', irqs: [AUX_IRQ] },
  ],
  create(board) {
    const controller = new KeyboardController({
      clock: board.clock,
      irq: board.interruptLine(IRQ),
      auxIrq: board.interruptLine(AUX_IRQ),
      a20: board.a20,
      reset: () => board.requestReset(),
      setUp: !board.hasFirmware,
      inputChanged: () => board.inputChanged(),
    });
    const { keyboard, keyQueue, mouse } = controller;
    board.connectKeyboard({
      get leds() {
        return keyboard.leds;
      },
      get typing() {
        return keyQueue.typing;
      },
      key: (code, pressed) => keyQueue.key(code, pressed),
      releaseAll: () => keyQueue.releaseAll(),
      type: (characters) => keyQueue.type(characters),
      stopTyping: () => keyQueue.stopTyping(),
    });
    board.connectMouse({
      get active() {
        return mouse.active;
      },
      move: (input) => mouse.move(input),
      notify: () => mouse.notify(),
    });
    controller.attach(board.ports);
    board.defineCmos(CMOS_EQUIPMENT, EQUIPMENT_POINTING_DEVICE, EQUIPMENT_POINTING_DEVICE);
    return controller;
  },
});

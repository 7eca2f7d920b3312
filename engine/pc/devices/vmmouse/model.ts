import { deviceModel } from '../../bus/device-model.ts';
import { Vmmouse } from './vmmouse.ts';

export const vmmouseModel = deviceModel({
  name: 'vmmouse',
  role: 'board',
  help: "VMware's backdoor port, with a pointing device that takes positions",
  builtIn: [{}],
  properties: {},
  create(board) {
    const vmmouse = new Vmmouse({
      registers: board.registers,
      memoryMiB: board.memoryMiB,
      notify: () => board.notifyMouse(),
      changed: () => board.inputChanged(),
    });
    board.connectAbsolutePointer(vmmouse);
    vmmouse.attach(board.ports);
    return vmmouse;
  },
});

import { deviceModel } from '../../bus/device-model.ts';
import { Port92 } from './port92.ts';

export const port92Model = deviceModel({
  name: 'port92',
  role: 'board',
  help: 'system control port A',
  builtIn: [{}],
  properties: {},
  create(board) {
    const port = new Port92(board.a20, () => board.requestReset());
    port.attach(board.ports);
    return port;
  },
});

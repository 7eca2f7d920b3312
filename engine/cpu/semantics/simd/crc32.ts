// CRC32 (SSE4.2): on general registers, so without the checks of SSE. SDM vol. 2.

import { define } from '../../emitter/definitions.ts';

define('CRC32', { mayFault: true }, (e) => {
  const value = e.read(1);
  e.write(0, e.monitorValue('crc32c', e.read(0), value, e.i32(e.size(1))));
});

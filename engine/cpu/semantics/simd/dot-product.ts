// DPPS and DPPD: products of the elements that bits 4..7 of the immediate choose, added pair by pair, put into the elements
// that bits 0..3 choose. Each step raises its own exceptions. SDM vol. 2.

import { arithmetic } from './arithmetic.ts';
import { chosenElements } from './elements.ts';
import { FORMATS } from './formats.ts';
import { horizontal } from './horizontal.ts';
import { defineSse, readAligned, vector } from './operands.ts';

for (const suffix of ['PS', 'PD'] as const) {
  const format = FORMATS[suffix];
  defineSse(`DP${suffix}`, (e) => {
    const b = readAligned(e, 1);
    const a = e.read(0);
    const factors = e.keep(chosenElements(e, e.immediate().shrU(4), format.size));
    let sum = arithmetic(
      e,
      format,
      'MUL',
      e.keep(vector(e, 'v128_and', a, factors)),
      e.keep(vector(e, 'v128_and', b, factors)),
    );
    for (let elements = format.lanes; elements > 1; elements /= 2) sum = horizontal(e, format, 'ADD', sum, sum);
    e.writeSlot(0, vector(e, 'v128_and', sum, chosenElements(e, e.immediate(), format.size)));
  });
}

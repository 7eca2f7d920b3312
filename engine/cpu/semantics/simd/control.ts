// MXCSR, and the fences and cache hints, which one vCPU at a time has no use for. SDM vol. 1 ch. 10.2.3, vol. 2.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import { SILENT } from './formats.ts';
import { defineSse, generalProtectionIf } from './operands.ts';

/** All flags, masks, RC, FTZ and DAZ: what FXSAVE gives as MXCSR_MASK. */
const MXCSR_DEFINED = 0xffff;

defineSse('LDMXCSR', (e) => {
  const value = e.read(0);
  generalProtectionIf(e, value.and(~MXCSR_DEFINED));
  e.body.store(4, e.cpu, value, L.MXCSR);
  e.facts.renew(SILENT);
});
defineSse('STMXCSR', (e) => e.write(0, e.keep(e.body.load(4, e.cpu, L.MXCSR))));

define('FENCE', {}, () => {});
// As a load of a byte, as far as rights and limits go.
define('CLFLUSH', {}, (e) => {
  e.read(0);
});

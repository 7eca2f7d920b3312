// Transcendental instructions. Source: Intel SDM vol. 1 ch. 8.3.8-8.3.11, vol. 2 of each instruction.

import { arcTangent } from '../f80/atan.ts';
import { exponential } from '../f80/exp.ts';
import { C2, flagsOf, IE, invalid, isNan, one, SF } from '../f80/f80.ts';
import { logarithm, logarithmPlusOne } from '../f80/log.ts';
import { isOutOfRange, sineOrCosine, tangent } from '../f80/trig.ts';
import {
  cannotReplaceAndPush,
  controlWord,
  isEmpty,
  pop,
  readRegister,
  replaceAndPush,
  setCondition,
  signal,
  underflows,
  writeRegister,
  writeResult,
} from './state.ts';

type F80 = v128;

export function fpu_f2xm1(cpu: u32): void {
  if (underflows(cpu, 0, 0)) return;
  writeResult(cpu, 0, exponential(readRegister(cpu, 0), controlWord(cpu)));
}

/** An instruction on ST(0) and ST(1) that leaves its one result in their place. */
function cannotReplaceBoth(cpu: u32): bool {
  if (!isEmpty(cpu, 0) && !isEmpty(cpu, 1)) return false;
  replaceBoth(cpu, invalid(IE | SF));
  return true;
}

function replaceBoth(cpu: u32, result: F80): void {
  if (signal(cpu, flagsOf(result))) return;
  writeRegister(cpu, 1, result);
  pop(cpu, 1);
}

export function fpu_yl2x(cpu: u32): void {
  if (cannotReplaceBoth(cpu)) return;
  replaceBoth(cpu, logarithm(readRegister(cpu, 0), readRegister(cpu, 1), controlWord(cpu)));
}

export function fpu_yl2xp1(cpu: u32): void {
  if (cannotReplaceBoth(cpu)) return;
  replaceBoth(cpu, logarithmPlusOne(readRegister(cpu, 0), readRegister(cpu, 1), controlWord(cpu)));
}

export function fpu_patan(cpu: u32): void {
  if (cannotReplaceBoth(cpu)) return;
  replaceBoth(cpu, arcTangent(readRegister(cpu, 1), readRegister(cpu, 0), controlWord(cpu)));
}

/** Sets C2 = "operand out of range, left as it is" for the instructions that reduce an angle. */
function outOfRange(cpu: u32): bool {
  const out = isOutOfRange(readRegister(cpu, 0));
  setCondition(cpu, out ? C2 : 0);
  return out;
}

export function fpu_sin(cpu: u32): void {
  if (underflows(cpu, 0, 0) || outOfRange(cpu)) return;
  writeResult(cpu, 0, sineOrCosine(readRegister(cpu, 0), 0, controlWord(cpu)));
}

export function fpu_cos(cpu: u32): void {
  if (underflows(cpu, 0, 0) || outOfRange(cpu)) return;
  writeResult(cpu, 0, sineOrCosine(readRegister(cpu, 0), 1, controlWord(cpu)));
}

export function fpu_sincos(cpu: u32): void {
  if (cannotReplaceAndPush(cpu) || outOfRange(cpu)) return;
  const v = readRegister(cpu, 0);
  const cw = controlWord(cpu);
  replaceAndPush(cpu, sineOrCosine(v, 0, cw), sineOrCosine(v, 1, cw));
}

export function fpu_ptan(cpu: u32): void {
  if (cannotReplaceAndPush(cpu) || outOfRange(cpu)) return;
  const result = tangent(readRegister(cpu, 0), controlWord(cpu));
  // A NaN takes the place of the 1 too
  replaceAndPush(cpu, result, isNan(result) ? result : one());
}

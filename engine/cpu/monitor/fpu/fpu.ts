// The x87 part of the monitor as generated code sees it: the functions of engine/cpu/abi/x87-api.ts and nothing else.
//   engine/cpu/monitor/f80/*.ts  numbers: values in, value and exceptions out, no state
//   engine/cpu/monitor/fpu/*.ts  instructions: the register stack, exceptions, memory
export { f80_add, f80_divide, f80_multiply, f80_square_root, f80_to_integral } from '../f80/fast';
export * from '../f80/interchange';
export * from './arith';
export * from './compare';
export {
  emms,
  fpu_check,
  fpu_check_nowait,
  fpu_clex,
  fpu_decstp,
  fpu_free,
  fpu_incstp,
  fpu_init,
  fpu_ldcw,
  fpu_nop,
  fpu_pointers,
  fpu_stcw,
  fpu_stsw,
  fpu_wait,
  mmx_check,
  mmx_enter,
} from './control';
export * from './image';
export * from './transcendental';
export * from './transfer';

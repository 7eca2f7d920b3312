// SSE_OPERATION of engine/cpu/abi/simd-api.ts.

export const ADD: u32 = 0;
export const MULTIPLY: u32 = 1;
export const SUBTRACT: u32 = 2;
export const MINIMUM: u32 = 3;
export const DIVIDE: u32 = 4;
export const MAXIMUM: u32 = 5;
export const SQUARE_ROOT: u32 = 6;
/** Subtracts in even lanes, adds in odd ones. */
export const ADD_SUBTRACT: u32 = 7;

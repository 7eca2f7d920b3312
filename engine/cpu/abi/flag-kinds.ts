// Kinds of lazy arithmetic flags (F_KIND in layout.ts): operation | log2(operand size in bytes) << 4. Kind 0 is the canonical
// form. Operands a and b have their low bits valid, the result r is sign-extended from the operand size.
//
// Like layout.ts this file holds only `export const NAME = integer`, because two compilers read it.

export const KIND_CANONICAL = 0;
/** r = a + b */
export const KIND_ADD = 1;
/** r = a - b */
export const KIND_SUB = 2;
/** r = a + b + CF */
export const KIND_ADC = 3;
/** r = a - b - CF */
export const KIND_SBB = 4;
/** CF = OF = AF = 0 */
export const KIND_LOGIC = 5;
/** r = a + 1; b is the canonical aux of before, whose CF stays. */
export const KIND_INC = 6;
/** r = a - 1; b as for INC. */
export const KIND_DEC = 7;

export const KIND_OPERATION_MASK = 0xf;
export const KIND_SIZE_SHIFT = 4;

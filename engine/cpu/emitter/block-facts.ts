// What holds from one instruction of a block to the next. The translator knows some of it; for the interpreter, whose handlers
// stand alone, nothing does.

import type { Body, Label } from '../wasm/body.ts';
import type { Value } from '../wasm/value.ts';

export interface BlockFacts {
  /** Does what is checked at this point hold for the rest of the block? */
  readonly lasting: boolean;
  /** Emits a check whose outcome no instruction of a block can change until `renew`. */
  oncePerBlock(check: string, emit: () => void): void;
  /** A value that stays the same within a block until `renew` is called for its name. */
  shared(name: string, make: () => Value): Value;
  renew(name: string): void;
  /** Lane 0 of this register operand of the instruction, of `size` bytes, is no denormal number from here on. */
  noteNormalLow(operand: number, size: number): void;
  /** What a note says holds only if this does not: then the translated code goes on elsewhere, behind this instruction. */
  leaveIf(condition: Value): void;
  /**
   * What `usual` does, unless it branches to its label before it has changed anything: then what `general` does. A backend may
   * have `general` done elsewhere, and not call it.
   */
  usually(usual: (otherwise: Label) => void, general: () => void): void;
}

/** Emits `usual`, and `general` where it branches to. */
export function eitherWay(body: Body, usual: (otherwise: Label) => void, general: () => void): void {
  body.block((done) => {
    body.block((otherwise) => {
      usual(otherwise);
      body.branch(done);
    });
    general();
  });
}

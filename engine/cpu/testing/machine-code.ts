// Bytes of machine code that tests write by hand.

export function le32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

/** MOV EAX,CR4; OR EAX,OSFXSR|OSXMMEXCPT; MOV CR4,EAX. */
export const ENABLE_SSE = [0x0f, 0x20, 0xe0, 0x0d, 0x00, 0x06, 0x00, 0x00, 0x0f, 0x22, 0xe0];

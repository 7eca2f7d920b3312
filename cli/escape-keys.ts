// QEMU's escape keys on a serial terminal: Ctrl-A, then a key. Works on the byte stream, so that a pair may be split over
// two reads.

const CTRL_A = 0x01;

export type EscapeCommand = 'quit' | 'help' | 'switch';

const COMMANDS: Record<string, EscapeCommand> = { x: 'quit', h: 'help', c: 'switch', '?': 'help' };

export const ESCAPE_HELP =
  '\r\nCtrl-A X  quit\r\nCtrl-A C  switch between serial port and monitor\r\nCtrl-A H  this help\r\nCtrl-A Ctrl-A  send Ctrl-A\r\n';

export class EscapeKeys {
  #escaped = false;

  /** What of `input` is for the guest, and what for the runner. An unknown key after Ctrl-A is swallowed, as in QEMU. */
  feed(input: Uint8Array): { guest: Uint8Array; commands: EscapeCommand[] } {
    const guest: number[] = [];
    const commands: EscapeCommand[] = [];
    for (const byte of input) {
      if (!this.#escaped) {
        if (byte === CTRL_A) this.#escaped = true;
        else guest.push(byte);
        continue;
      }
      this.#escaped = false;
      const command = COMMANDS[String.fromCharCode(byte).toLowerCase()];
      if (command) commands.push(command);
      else if (byte === CTRL_A) guest.push(byte);
    }
    return { guest: Uint8Array.from(guest), commands };
  }
}

// Who has the terminal: the guest's serial port, a monitor, or both in turn (QEMU's multiplexer, Ctrl-A C).

import { ESCAPE_HELP, EscapeKeys } from './escape-keys.ts';
import { HumanMonitor } from './monitor/human-monitor.ts';
import { QmpSession } from './monitor/qmp.ts';
import type { RunnerOptions } from './options.ts';
import type { Runner } from './runner.ts';

export class Terminal {
  readonly #runner: Runner;
  readonly #print: (text: string) => void;
  readonly #keys = new EscapeKeys();
  /** Undefined: there is none on the terminal. */
  readonly #monitor: HumanMonitor | QmpSession | undefined;
  readonly #shared: boolean;
  #monitorHasIt: boolean;
  #greeted = false;

  constructor(
    runner: Runner,
    { monitors, sharedMonitor }: Pick<RunnerOptions, 'monitors' | 'sharedMonitor'>,
    print: (text: string) => void,
  ) {
    this.#runner = runner;
    this.#print = print;
    const own = monitors.find(({ place }) => place.kind === 'stdio');
    this.#shared = sharedMonitor;
    this.#monitorHasIt = own !== undefined;
    if (own?.protocol === 'qmp') this.#monitor = new QmpSession(runner.machine, print);
    else if (own || sharedMonitor)
      this.#monitor = new HumanMonitor(runner.machine, (text) => print(text.replaceAll('\n', '\r\n')));
    if (own) this.#greet();
  }

  input(bytes: Uint8Array): void {
    if (this.#monitor instanceof QmpSession) {
      this.#monitor.input(bytes);
      return;
    }
    // One byte at a time: what comes before Ctrl-A C is for another reader than what comes after.
    for (const byte of bytes) {
      const { guest, commands } = this.#keys.feed(Uint8Array.of(byte));
      if (guest.length > 0) this.#typed(guest);
      for (const command of commands) {
        if (command === 'quit') this.#runner.quit();
        else if (command === 'switch') this.#switch();
        else this.#print(ESCAPE_HELP);
      }
    }
    this.#flush();
  }

  /** What is typed for the guest goes to it in one piece. */
  #forGuest: number[] = [];

  #typed(bytes: Uint8Array): void {
    if (this.#monitorHasIt) this.#monitor?.input(bytes);
    else this.#forGuest.push(...bytes);
  }

  #flush(): void {
    if (this.#forGuest.length > 0) this.#runner.input(Uint8Array.from(this.#forGuest));
    this.#forGuest = [];
  }

  #switch(): void {
    if (!this.#shared) return;
    this.#flush();
    this.#monitorHasIt = !this.#monitorHasIt;
    this.#print('\r\n');
    if (this.#monitorHasIt) this.#greet();
  }

  #greet(): void {
    if (!this.#greeted) this.#monitor?.start();
    else if (this.#monitor instanceof HumanMonitor) this.#monitor.prompt();
    this.#greeted = true;
  }
}

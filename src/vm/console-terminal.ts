// The terminal of one VM's serial port. It lives as long as the VM's tab is open, whether or not the tab is on the screen,
// and follows the VM from host to host.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { formatBytes } from '../format.ts';
import { followVmSerial } from '../session/vm-serial.ts';
import { SerialInput } from './serial-input.ts';

const SCROLLBACK_LINES = 10_000;
const encoder = new TextEncoder();

export class ConsoleTerminal {
  /** What to put on the page. */
  readonly element = document.createElement('div');
  /** Called when the person asks to leave the terminal by keyboard (F6): it takes Tab for itself. */
  onLeave: () => void = () => {};
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #fit = new FitAddon();
  readonly #resize = new ResizeObserver(() => this.#refit());
  readonly #unfollow: () => void;
  #opened = false;

  constructor(vmId: string, name: string) {
    this.element.className = 'tv-terminal';
    this.#terminal = new Terminal({
      fontFamily: '"Red Hat Mono", ui-monospace, "DejaVu Sans Mono", monospace',
      fontSize: 13,
      scrollback: SCROLLBACK_LINES,
      cursorBlink: false,
      theme: { background: '#101214', foreground: '#d5d7da', cursor: '#d5d7da', selectionBackground: '#3b5b7c' },
    });
    this.#terminal.loadAddon(this.#fit);
    const input = new SerialInput(vmId, (reason) => this.#note(`Not delivered: ${reason}`));
    this.#terminal.onData((text) => input.send(encoder.encode(text)));
    this.#terminal.onBinary((text) => input.send(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    this.#terminal.attachCustomKeyEventHandler((event) => this.#takesKey(event));
    this.#unfollow = followVmSerial(vmId, {
      // Resolved when the terminal has dealt with it: in a hidden page that takes its time.
      print: (bytes) => new Promise((resolve) => this.#terminal.write(bytes, resolve)),
      skipped: (bytes) => this.#note(`… ${formatBytes(bytes)} skipped`),
    });
    this.#label = `Serial console of ${name}`;
  }

  /** Shows the terminal inside `parent`. */
  attach(parent: HTMLElement): void {
    parent.append(this.element);
    if (!this.#opened) this.#terminal.open(this.element);
    this.#opened = true;
    this.#terminal.textarea?.setAttribute('aria-label', this.#label);
    this.#resize.observe(parent);
    this.#refit();
  }

  detach(): void {
    this.#resize.disconnect();
    this.element.remove();
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** All that it holds, scrollback included. */
  text(): string {
    const { active } = this.#terminal.buffer;
    let text = '';
    for (let n = 0; n < active.length; n++) {
      const line = active.getLine(n);
      if (line) text += (line.isWrapped || n === 0 ? '' : '\n') + line.translateToString(true);
    }
    return text.trimEnd();
  }

  dispose(): void {
    this.#unfollow();
    this.detach();
    this.#terminal.dispose();
  }

  #refit(): void {
    // Not laid out yet, or hidden: there is no size to fit.
    if (this.element.clientWidth > 0 && this.element.clientHeight > 0) this.#fit.fit();
  }

  #takesKey(event: KeyboardEvent): boolean {
    if (event.key !== 'F6') return true;
    if (event.type === 'keydown') this.onLeave();
    return false;
  }

  #note(text: string): void {
    this.#terminal.write(`\r\n\x1b[2m[${text}]\x1b[0m\r\n`);
  }
}

// The terminal of one VM's serial port. It lives as long as the VM's tab is open, whether or not the tab is on the screen,
// and follows the VM from host to host.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { formatBytes } from '../format/format.ts';
import { followVmSerial, vmSerialLine } from '../session/vm-serial.ts';
import { SerialInput } from './serial-input.ts';
import { TerminalReplies } from './terminal-replies.ts';

const SCROLLBACK_LINES = 10_000;
const encoder = new TextEncoder();

export class ConsoleTerminal {
  /** What to put on the page. */
  readonly element = document.createElement('div');
  /** Called when the person asks to leave the terminal by keyboard (F6): it takes Tab for itself. */
  onLeave: () => void = () => {};
  readonly input: SerialInput;
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #fit = new FitAddon();
  readonly #resize = new ResizeObserver(() => this.#refit());
  readonly #unfollow: () => void;
  #opened = false;
  #isPasting = false;
  readonly #tellSize: () => void;
  readonly #stopFollowingHost: () => void;

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
    const id = crypto.randomUUID();
    const line = vmSerialLine(vmId);
    this.input = new SerialInput(id, {
      offer: line.offer,
      isOn: () => line.isOn(),
      onRoom: (listener) => line.onRoom(listener),
      onDropped: (reason) => this.#note(`Not delivered: ${reason}`),
    });
    const replies = new TerminalReplies(this.#terminal, (position, text) => {
      void line.reply({ terminal: id, position, bytes: encoder.encode(text) });
    });
    this.#tellSize = () => {
      if (this.element.isConnected) void line.resize(this.#terminal.rows, this.#terminal.cols);
    };
    this.#terminal.onResize(this.#tellSize);
    // Another console may have sent its own size meanwhile.
    this.element.addEventListener('focusin', this.#tellSize);
    this.#stopFollowingHost = line.onMoved(this.#tellSize);
    this.#terminal.onData((text) => {
      if (!replies.takes(text)) this.#typed(encoder.encode(text));
    });
    this.#terminal.onBinary((text) => this.input.type(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    this.element.addEventListener('paste', (event) => this.#paste(event), { capture: true });
    this.#terminal.attachCustomKeyEventHandler((event) => this.#takesKey(event));
    this.#unfollow = followVmSerial(vmId, {
      // Resolved when the terminal has dealt with it: in a hidden page that takes its time.
      print: (bytes, position, live) => replies.write(bytes, position, live),
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
    this.input.dispose();
    this.#stopFollowingHost();
    this.detach();
    this.#terminal.dispose();
  }

  #typed(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isPasting) this.input.paste(bytes, this.#terminal.modes.bracketedPasteMode);
    else this.input.type(bytes);
  }

  /** As xterm does it, but apart from what is typed. */
  #paste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const pasted = event.clipboardData?.getData('text/plain') ?? '';
    // An escape in the text could end a bracketed paste, and what follows it would be typed.
    const text = this.#terminal.modes.bracketedPasteMode ? pasted.replaceAll('\x1b', '') : pasted;
    if (text === '') return;
    this.#isPasting = true;
    this.#terminal.paste(text);
    this.#isPasting = false;
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

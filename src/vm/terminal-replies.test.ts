import '../testing/browser-globals.ts';
import { describe, expect, it } from 'vitest';

Object.assign(globalThis, {
  self: globalThis,
  window: globalThis,
  matchMedia: () => ({ matches: false, addEventListener() {} }),
});
const { Terminal } = await import('@xterm/xterm');
const { TerminalReplies } = await import('./terminal-replies.ts');

const encode = (text: string) => new TextEncoder().encode(text);

/** Every question that xterm answers without being shown. */
const QUESTIONS = ['\x1b[c', '\x1b[>c', '\x1b[5n', '\x1b[6n', '\x1b[?6n', '\x1b[4$p', '\x1b[?2026$p', '\x1bP$qm\x1b\\'];

function setup() {
  const terminal = new Terminal();
  const answers: [number, string][] = [];
  const typed: string[] = [];
  const replies = new TerminalReplies(terminal, (position, text) => answers.push([position, text]));
  terminal.onData((text) => {
    if (!replies.takes(text)) typed.push(text);
  });
  return { terminal, replies, answers, typed };
}

describe('answers of a terminal', () => {
  it('are told from what is typed, with the position of the question', async () => {
    const { terminal, replies, answers, typed } = setup();
    await replies.write(encode(`text ${QUESTIONS.join(' and ')}`), 100, true);
    expect(answers.map(([position]) => position)).toEqual(
      QUESTIONS.map((_, n) => 105 + QUESTIONS.slice(0, n).join(' and ').length + (n > 0 ? ' and '.length : 0)),
    );
    terminal.input('typed');
    expect(typed).toEqual(['typed']);
  });

  it('are not given to what was printed before anybody looked', async () => {
    const { terminal, replies, answers, typed } = setup();
    await replies.write(encode(QUESTIONS.join('')), 0, false);
    expect([answers, typed]).toEqual([[], []]);
    await replies.write(encode('\x1b[6n'), 200, true);
    expect(answers).toHaveLength(1);
    expect(terminal.buffer.active.cursorX).toBe(0);
  });
});

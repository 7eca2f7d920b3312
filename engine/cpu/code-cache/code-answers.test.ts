import { describe, expect, it } from 'vitest';
import type { CodeSource } from '../translator/region-graph.ts';
import { answeredPages, recordAnswers, replayAnswers } from './code-answers.ts';

const PAGES: Record<number, Uint8Array> = { 0: new Uint8Array(4096), [-1]: new Uint8Array(4096).fill(1) };
const SOURCE: CodeSource = {
  page: (delta) => PAGES[delta],
  seen: (offset) => offset % 2 === 0,
  called: (offset) => offset === 0x2010,
  resumed: (offset) => offset === 0x32,
  straddles: (offset) => offset === 0x30,
  general: (offset) => offset === 0x31,
  planar: (offset) => offset === 0x32,
  targets: (delta) => (delta === -1 ? [-0x1000, -8] : [4]),
};

describe('answers about code', () => {
  it('are passed on, and given again', () => {
    const { source, answers } = recordAnswers(SOURCE);
    const ask = (asked: CodeSource) => ({
      pages: [asked.page(0) !== undefined, asked.page(-1) !== undefined, asked.page(1)],
      seen: [2, 3, -0x1000, 0x12340, 2].map((offset) => asked.seen(offset)),
      called: [0x2010, 0x2011].map((offset) => asked.called(offset)),
      resumed: [0x32, 0x33].map((offset) => asked.resumed(offset)),
      straddles: [0x30, 0x31].map((offset) => asked.straddles(offset)),
      general: [0x30, 0x31].map((offset) => asked.general(offset)),
      planar: [0x31, 0x32].map((offset) => asked.planar(offset)),
      targets: [[...asked.targets(-1)], [...asked.targets(0)]],
    });
    const first = ask(source);
    expect(first.pages).toEqual([true, true, undefined]);
    expect(first.targets).toEqual([[-0x1000, -8], [4]]);
    expect([...answeredPages(answers())].sort()).toEqual([-1, 0]);
    expect(ask(replayAnswers(answers(), (delta) => PAGES[delta]!))).toEqual(first);
  });

  it('do not follow what has become of the code', () => {
    const { source, answers } = recordAnswers(SOURCE);
    source.seen(3);
    source.seen(4);
    const replayed = replayAnswers(answers(), () => PAGES[0]!);
    expect([replayed.seen(3), replayed.seen(4), replayed.seen(6), replayed.page(0)]).toEqual([
      false,
      true,
      false,
      undefined,
    ]);
  });
});

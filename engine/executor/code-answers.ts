// What a region's discovery asked about the guest's code, and what it was told, kept so that the same region can be made
// again to be looked at: far smaller than the module (some hundred bytes against some thousand).

import type { CodeSource } from '../translator/region-graph.ts';

const PAGE_SHIFT = 12;

/** Offsets as in CodeSource, of what was answered with yes: first how many of each kind there are, then they in this order. */
export type CodeAnswers = Int32Array<ArrayBuffer>;
/**
 * Pages that could be fetched from, code that had run, functions to be called, places to go on in other regions, places that straddle,
 * general cases wanted, targets of indirect jumps.
 */
const KINDS = 7;

/** `source`, with its answers written down; `answers` gives what was written so far. */
export function recordAnswers(source: CodeSource): { source: CodeSource; answers(): CodeAnswers } {
  const pages = new Set<number>();
  const seen = new Set<number>();
  const called = new Set<number>();
  const resumed = new Set<number>();
  const straddling = new Set<number>();
  const general = new Set<number>();
  const targets = new Set<number>();
  return {
    source: {
      page: (delta) => {
        const page = source.page(delta);
        if (page) pages.add(delta);
        return page;
      },
      seen: (offset) => noted(seen, offset, source.seen(offset)),
      called: (offset) => noted(called, offset, source.called(offset)),
      resumed: (offset) => noted(resumed, offset, source.resumed(offset)),
      straddles: (offset) => noted(straddling, offset, source.straddles(offset)),
      general: (offset) => noted(general, offset, source.general(offset)),
      targets: (delta) => {
        const found = [...source.targets(delta)];
        for (const offset of found) targets.add(offset);
        return found;
      },
    },
    answers: () => {
      const kinds = [pages, seen, called, resumed, straddling, general, targets];
      return Int32Array.from([...kinds.map(({ size }) => size), ...kinds.flatMap((offsets) => [...offsets])]);
    },
  };
}

function noted(offsets: Set<number>, offset: number, answer: boolean): boolean {
  if (answer) offsets.add(offset);
  return answer;
}

/** Places of the pages that could be fetched from, counted from the home page. */
export function answeredPages(answers: CodeAnswers): Int32Array {
  return answersOf(answers)[0]!;
}

/** Answers as it was answered then; the pages' bytes are those of now. */
export function replayAnswers(answers: CodeAnswers, page: (delta: number) => Uint8Array): CodeSource {
  const kinds = answersOf(answers);
  const [pages, seen, called, resumed, straddling, general] = kinds.map((offsets) => new Set(offsets)) as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  const targets = kinds.at(-1)!;
  return {
    page: (delta) => (pages.has(delta) ? page(delta) : undefined),
    seen: (offset) => seen.has(offset),
    called: (offset) => called.has(offset),
    resumed: (offset) => resumed.has(offset),
    straddles: (offset) => straddling.has(offset),
    general: (offset) => general.has(offset),
    targets: (delta) => targets.filter((offset) => offset >> PAGE_SHIFT === delta),
  };
}

function answersOf(answers: CodeAnswers): Int32Array[] {
  let at = KINDS;
  return Array.from({ length: KINDS }, (_, kind) => {
    const start = at;
    at += answers[kind]!;
    return answers.subarray(start, at);
  });
}

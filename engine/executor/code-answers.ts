// What a region's discovery asked about the guest's code, and what it was told, kept so that the same region can be made
// again to be looked at: far smaller than the module (some hundred bytes against some thousand).

import type { CodeSource } from '../translator/region-graph.ts';

export interface CodeAnswers {
  /** Pages that could be fetched from: place counted from the home page. */
  readonly pages: ReadonlySet<number>;
  readonly seen: ReadonlySet<number>;
  readonly translated: ReadonlySet<number>;
  readonly targets: ReadonlyMap<number, readonly number[]>;
}

/** `source`, with its answers written down. */
export function recordAnswers(source: CodeSource): { source: CodeSource; answers: CodeAnswers } {
  const pages = new Set<number>();
  const seen = new Set<number>();
  const translated = new Set<number>();
  const targets = new Map<number, readonly number[]>();
  const recording: CodeSource = {
    page: (delta) => {
      const page = source.page(delta);
      if (page) pages.add(delta);
      return page;
    },
    seen: (offset) => noted(seen, offset, source.seen(offset)),
    translated: (offset) => noted(translated, offset, source.translated(offset)),
    targets: (delta) => {
      const found = [...source.targets(delta)];
      targets.set(delta, found);
      return found;
    },
  };
  return { source: recording, answers: { pages, seen, translated, targets } };
}

function noted(offsets: Set<number>, offset: number, answer: boolean): boolean {
  if (answer) offsets.add(offset);
  return answer;
}

/** Answers as it was answered then; the pages' bytes are those of now. */
export function replayAnswers(answers: CodeAnswers, page: (delta: number) => Uint8Array): CodeSource {
  return {
    page: (delta) => (answers.pages.has(delta) ? page(delta) : undefined),
    seen: (offset) => answers.seen.has(offset),
    translated: (offset) => answers.translated.has(offset),
    targets: (delta) => answers.targets.get(delta) ?? [],
  };
}

// What a region's discovery asked about the guest's code, and the answers, kept so that the same region can be rebuilt
// for inspection: far smaller than the module (some hundred bytes against some thousand).

import { PAGE_SHIFT } from '../../base/sizes.ts';
import type { CodeSource } from '../translator/region-graph.ts';

/**
 * Offsets as in CodeSource, of what was answered with yes: first how many of each kind there are, then they. The kinds are pages that
 * could be fetched from, the questions in their order, targets of indirect jumps.
 */
export type CodeAnswers = Int32Array<ArrayBuffer>;
const QUESTIONS = [
  'seen',
  'called',
  'resumed',
  'straddles',
  'general',
  'planar',
] as const satisfies (keyof CodeSource)[];
type Question = (typeof QUESTIONS)[number];
const KINDS = QUESTIONS.length + 2;

function answering(answer: (question: Question, offset: number) => boolean): Pick<CodeSource, Question> {
  const answers = QUESTIONS.map((question) => [question, (offset: number) => answer(question, offset)]);
  return Object.fromEntries(answers) as Pick<CodeSource, Question>;
}

/** `source`, with its answers written down; `answers` gives what was written so far. */
export function recordAnswers(source: CodeSource): { source: CodeSource; answers(): CodeAnswers } {
  const pages = new Set<number>();
  const agreed = new Map(QUESTIONS.map((question) => [question, new Set<number>()]));
  const targets = new Set<number>();
  return {
    source: {
      page: (delta) => {
        const page = source.page(delta);
        if (page) pages.add(delta);
        return page;
      },
      ...answering((question, offset) => {
        const answer = source[question](offset);
        if (answer) agreed.get(question)!.add(offset);
        return answer;
      }),
      targets: (delta) => {
        const found = [...source.targets(delta)];
        for (const offset of found) targets.add(offset);
        return found;
      },
    },
    answers: () => {
      const kinds = [pages, ...agreed.values(), targets];
      return Int32Array.from([...kinds.map(({ size }) => size), ...kinds.flatMap((offsets) => [...offsets])]);
    },
  };
}

/** Places of the pages that could be fetched from, counted from the home page. */
export function answeredPages(answers: CodeAnswers): Int32Array {
  return answersOf(answers)[0]!;
}

/** Answers as it was answered then; the pages' bytes are those of now. */
export function replayAnswers(answers: CodeAnswers, page: (delta: number) => Uint8Array): CodeSource {
  const kinds = answersOf(answers);
  const pages = new Set(kinds[0]);
  const agreed = new Map(QUESTIONS.map((question, n) => [question, new Set(kinds[n + 1])]));
  const targets = kinds.at(-1)!;
  return {
    page: (delta) => (pages.has(delta) ? page(delta) : undefined),
    ...answering((question, offset) => agreed.get(question)!.has(offset)),
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

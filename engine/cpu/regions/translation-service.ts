// Regions made away from the vCPU: what is asked for, what comes back, and the side that makes them. A request holds copies of
// the code's pages and the answers its discovery got, so that the same region comes out as if it had been made at once.

import { type CodeAnswers, replayAnswers } from '../code-cache/code-answers.ts';
import { Decoder } from '../isa/decoder.ts';
import { type CompiledRegion, compileRegion } from '../translator/region-builder.ts';

export interface TranslationRequest {
  /** Chosen by the requester. */
  id: number;
  /** Offset of the hot place in its page. */
  entry: number;
  mode: number;
  answers: CodeAnswers;
  /** The pages of the code, by their place counted from the home page. */
  pages: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

export interface TranslationReply {
  id: number;
  /** Undefined if the code can't be translated, or an error kept it from being. */
  region: CompiledRegion | undefined;
  error?: string;
  /** ms that making it took. */
  took: number;
}

/** The vCPU's end of the connection to its translator. A MessagePort is one. */
export interface TranslatorPort {
  postMessage(request: TranslationRequest): void;
  onmessage: ((event: MessageEvent<TranslationReply>) => void) | null;
}

/** `now`: ms. Never throws. */
export function translate(
  { id, entry, mode, answers, pages }: TranslationRequest,
  now: () => number,
): TranslationReply {
  const start = now();
  try {
    const source = replayAnswers(answers, (delta) => pages.get(delta)!);
    const region = compileRegion(new Decoder(), source, entry, mode);
    return { id, region, took: now() - start };
  } catch (error) {
    return { id, region: undefined, error: String(error), took: now() - start };
  }
}

// Regions made away from the vCPU: what is asked for, what comes back, and the side that makes them. A request holds copies of
// the code's pages and the answers its discovery got, so that the same region comes out as if it had been made at once.

import { type CodeAnswers, replayAnswers } from '../code-cache/code-answers.ts';
import { Decoder } from '../isa/decoder.ts';
import { type CompiledRegion, compileBundle, compileRegion, type RegionBundle } from '../translator/region-builder.ts';

/** What a region is made from. */
export interface CodeCopy {
  /** Offset of the hot place in its page. */
  entry: number;
  mode: number;
  answers: CodeAnswers;
  /** The pages of the code, by their place counted from the home page. */
  pages: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

export interface TranslationRequest extends CodeCopy {
  /** Chosen by the requester. */
  id: number;
}

/** Asks for regions that there are, in one module. */
export interface BundleRequest {
  bundle: number;
  /** Each with the number of instructions that it had. */
  regions: (CodeCopy & { instructions: number })[];
}

export interface TranslationReply {
  id: number;
  /** Undefined if the code can't be translated, or an error kept it from being. */
  region: CompiledRegion | undefined;
  error?: string;
  /** ms that making it took. */
  took: number;
}

export interface BundleReply {
  bundle: number;
  /** Undefined if an error kept it from being made: its regions run on where they are. */
  made: RegionBundle | undefined;
  /** ms that making it took. */
  took: number;
}

/** The vCPU's end of the connection to its translator. A MessagePort is one. */
export interface TranslatorPort {
  postMessage(request: TranslationRequest | BundleRequest): void;
  onmessage: ((event: MessageEvent<TranslationReply | BundleReply>) => void) | null;
}

/** `now`: ms. Never throws. */
export function translate(request: TranslationRequest, now: () => number): TranslationReply {
  const { id, entry, mode } = request;
  const start = now();
  try {
    const region = compileRegion(new Decoder(), sourceOf(request), entry, mode);
    return { id, region, took: now() - start };
  } catch (error) {
    return { id, region: undefined, error: String(error), took: now() - start };
  }
}

/** The same for a bundle, region by region: `pause` is waited for in between. */
export async function bundle(
  { bundle: id, regions }: BundleRequest,
  now: () => number,
  pause: () => Promise<void>,
): Promise<BundleReply> {
  let paused = 0;
  const start = now();
  const took = (): number => now() - start - paused;
  const pauseAside = async (): Promise<void> => {
    const since = now();
    await pause();
    paused += now() - since;
  };
  try {
    const sources = regions.map((region) => ({ ...region, source: sourceOf(region) }));
    return { bundle: id, made: await compileBundle(new Decoder(), sources, pauseAside), took: took() };
  } catch {
    return { bundle: id, made: undefined, took: took() };
  }
}

function sourceOf({ answers, pages }: CodeCopy): ReturnType<typeof replayAnswers> {
  return replayAnswers(answers, (delta) => pages.get(delta)!);
}

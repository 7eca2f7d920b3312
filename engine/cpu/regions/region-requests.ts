// Regions that a vCPU has asked a translator for. While one is being made its code goes on in the interpreter; what comes back is
// used only if the code still is what it was made from. A translator that is not keeping up, or is gone, holds nothing up: the
// vCPU then makes its regions itself.

import { failedIn } from '../../base/engine-failure.ts';
import { PAGE_SIZE } from '../../base/sizes.ts';
import { answeredPages, type CodeAnswers } from '../code-cache/code-answers.ts';
import { codeKey } from '../code-cache/code-cache.ts';
import type { Decoder } from '../isa/decoder.ts';
import type { CompiledRegion } from '../translator/region-builder.ts';
import { discoverRegion } from '../translator/region-graph.ts';
import type { RegionPlace } from './region-place.ts';
import type { TranslationReply, TranslationRequest } from './translation-service.ts';

/** Requests on their way at most. */
const MOST = 16;
/** ms that a hot block waits for its region. */
const PATIENCE = 20;

interface Request {
  since: number;
  place: RegionPlace;
  answers: CodeAnswers;
  pages: Map<number, Uint8Array<ArrayBuffer>>;
  /** Of the blocks that will be part of it. */
  keys: number[];
}

/** A region that came back; the rest of it as it was asked for. */
export interface Arrival {
  place: RegionPlace;
  answers: CodeAnswers;
  /** Undefined if it was made from other code than there is now. */
  region: CompiledRegion | undefined;
  took: number;
}

export class RegionRequests {
  readonly #post: (request: TranslationRequest) => void;
  readonly #decoder: Decoder;
  readonly #requests = new Map<number, Request>();
  /** The last request whose region will have the block of this key. */
  readonly #byKey = new Map<number, Request>();
  readonly #now: () => number;
  #lastId = 0;

  /** `now`: ms. */
  constructor(post: (request: TranslationRequest) => void, decoder: Decoder, now: () => number) {
    this.#post = post;
    this.#decoder = decoder;
    this.#now = now;
  }

  /** What a block that has become hot should do. */
  advice(key: number): 'ask' | 'wait' | 'make' {
    const request = this.#byKey.get(key);
    if (request) return this.#now() - request.since < PATIENCE ? 'wait' : 'make';
    return this.#requests.size < MOST ? 'ask' : 'make';
  }

  /** Asks for a region, if the place's code can be translated. */
  ask(place: RegionPlace): void {
    const { entry, mode, source } = place;
    const graph = discoverRegion(this.#decoder, source, entry, mode);
    if (!graph) return;
    const answers = place.answers();
    const pages = new Map(Array.from(answeredPages(answers), (delta) => [delta, place.page(delta).slice()]));
    const keys = graph.blocks.slice(1).map(({ offset }) => codeKey(place.physical(offset), mode));
    const request: Request = { since: this.#now(), place, answers, pages, keys };
    for (const key of keys) this.#byKey.set(key, request);
    const id = ++this.#lastId;
    this.#requests.set(id, request);
    this.#post({ id, entry, mode, answers, pages });
  }

  /** Whatever comes back of what was asked for so far is not wanted any more. */
  forget(): void {
    this.#requests.clear();
    this.#byKey.clear();
  }

  /** What has come, if it still is wanted. */
  take({ id, region, error, took }: TranslationReply): Arrival | undefined {
    if (error !== undefined) throw failedIn('while translating guest code', error);
    const request = this.#requests.get(id);
    if (!request) return undefined;
    this.#requests.delete(id);
    for (const key of request.keys) if (this.#byKey.get(key) === request) this.#byKey.delete(key);
    if (!region) return undefined;
    const { place, answers } = request;
    return { place, answers, region: isUnchanged(request, region) ? region : undefined, took };
  }
}

/** Are the bytes that the region was made from still there? */
function isUnchanged({ place, pages }: Request, { extents }: CompiledRegion): boolean {
  return extents.every(({ start, end }) => {
    for (let offset = start; offset < end; offset++) {
      const at = offset & (PAGE_SIZE - 1);
      if (pages.get(offset >> 12)![at] !== place.page(offset >> 12)[at]) return false;
    }
    return true;
  });
}

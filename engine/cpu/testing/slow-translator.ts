// A translator that answers when the test says so.

import {
  type BundleReply,
  type BundleRequest,
  bundle,
  type TranslationReply,
  type TranslationRequest,
  type TranslatorPort,
  translate,
} from '../regions/translation-service.ts';

export class SlowTranslator implements TranslatorPort {
  onmessage: TranslatorPort['onmessage'] = null;
  readonly bundles: BundleRequest[] = [];
  readonly #requests: TranslationRequest[] = [];
  asked = 0;

  postMessage(request: TranslationRequest | BundleRequest): void {
    const copy = structuredClone(request);
    if ('bundle' in copy) {
      this.bundles.push(copy);
      return;
    }
    this.asked++;
    this.#requests.push(copy);
  }

  /** Answers what regions were asked for. */
  answer(change: (reply: TranslationReply) => TranslationReply = (reply) => reply): void {
    for (const request of this.#requests.splice(0)) this.#reply(change(translate(request, () => 0)));
  }

  /** Answers what bundles were asked for. */
  async answerBundles(change: (reply: BundleReply) => BundleReply = (reply) => reply): Promise<void> {
    const pause = (): Promise<void> => Promise.resolve();
    for (const request of this.bundles.splice(0)) this.#reply(change(await bundle(request, () => 0, pause)));
  }

  #reply(data: TranslationReply | BundleReply): void {
    this.onmessage?.({ data } as MessageEvent<TranslationReply | BundleReply>);
  }
}

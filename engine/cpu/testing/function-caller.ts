// A machine that calls functions of the test's, and a translator that answers when the test says so.

import * as L from '../abi/layout.ts';
import {
  type BundleReply,
  type BundleRequest,
  bundle,
  type TranslationReply,
  type TranslationRequest,
  type TranslatorPort,
  translate,
} from '../regions/translation-service.ts';
import { BareMachine } from './bare-machine.ts';
import type { engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const STACK = 0x9000;
/** Of guest RAM. */
const PAGES = 128;

/** ADD EAX, value; RET */
export const adds = (value: number): number[] => [0x05, ...le32(value), 0xc3];

class SlowTranslator implements TranslatorPort {
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

export class FunctionCaller {
  readonly translator = new SlowTranslator();
  readonly clock = { ms: 0 };
  readonly machine: BareMachine;
  /** Calls the function at `target` so many times; returns what EAX, 0 before, is then. */
  readonly call = (target: number, times: number): number => this.#call(target, times);

  constructor({ monitor, interpreter }: Awaited<ReturnType<typeof engineModules>>) {
    const { translator } = this;
    const options = { translator, now: () => this.clock.ms };
    this.machine = new BareMachine(monitor, interpreter, { translate: 'hot' }, PAGES, options);
  }

  #call(target: number, times: number): number {
    const { machine } = this;
    const loop = MAIN + 5;
    // MOV ECX, times; loop: CALL target; DEC ECX; JNZ loop; HLT. Its own page, so that no region but the function's is new.
    const call = [0xe8, ...le32(target - (loop + 5))];
    machine.poke(MAIN, [0xb9, ...le32(times), ...call, 0x49, 0x0f, 0x85, ...le32(-12), 0xf4]);
    machine.executor.invalidateCode(MAIN, 32);
    machine.setRegister(L.RSP, STACK);
    machine.setRegister(L.RAX, 0);
    machine.run(MAIN);
    return machine.register(L.RAX);
  }
}

// Where a screen's keys, motion and text go: to the VM, at whichever host it is.
import type { InputEvent, LayoutName } from '../../engine/host/api.ts';
import { typedText } from '../../engine/pc/input/typed-text.ts';
import { apiOf } from '../session/connections.ts';
import { dropTopic } from '../state/notices.ts';
import { notify, update, useConsole } from '../state/store.ts';
import { InputLine } from './input-line.ts';

/** Characters that a host takes in one call. */
const PIECE = 1000;
/** Between two attempts while the guest has not read what was typed before, ms. */
const AGAIN_MS = 100;

const apiOfVm = (vmId: string) => apiOf(useConsole.getState().fleet.vms[vmId]?.hostId ?? '');

/** What is lost while the VM is between two hosts is pressed again by who sees that nothing happens. */
export function inputLine(vmId: string): InputLine {
  return new InputLine(
    (events: InputEvent[]) => apiOfVm(vmId).sendInput(vmId, events),
    () => {},
  );
}

/** A text on its way to a guest that reads as slowly as it likes. */
export interface Typing {
  /** Resolves when all of it has been taken, or it was cancelled. */
  done: Promise<void>;
  cancel(): void;
}

/**
 * Types the text on the VM's keyboard. What the layout lacks is said, and nothing of the text typed.
 * @param onProgress is told how many characters the host has taken, of all that there are
 */
export function typeText(
  vmId: string,
  text: string,
  layout: LayoutName,
  onProgress: (typed: number, total: number) => void = () => {},
): Typing {
  let cancelled = false;
  const topic = `type ${vmId}`;
  const run = async () => {
    // A host sees a piece at a time.
    typedText(text, layout);
    const characters = Array.from(text);
    for (let at = 0; at < characters.length && !cancelled; ) {
      onProgress(at, characters.length);
      const piece = characters.slice(at, at + PIECE).join('');
      if (await apiOfVm(vmId).typeText(vmId, piece, layout)) at += PIECE;
      else await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  update('notices', (notices) => dropTopic(notices, topic));
  const done = run().catch((error: Error) => notify('danger', 'Not typed', error.message, vmId, topic));
  return {
    done,
    cancel() {
      cancelled = true;
      void apiOfVm(vmId)
        .stopTyping(vmId)
        .catch(() => {});
    },
  };
}

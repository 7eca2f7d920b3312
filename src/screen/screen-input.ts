// Where a screen's keys, motion and text go: to the VM, at whichever host it is.
import type { InputEvent, LayoutName } from '../../engine/host/api.ts';
import { typedText } from '../../engine/pc/input/typed-text.ts';
import { apiOf } from '../session/connections.ts';
import { dropTopic } from '../state/notices.ts';
import { hostIdOf, notify, update, useConsole } from '../state/store.ts';
import { InputLine } from './input-line.ts';

/** Characters that a host takes in one call. */
const PIECE = 1000;
/** Between two attempts while the guest has not read what was typed before, ms. */
const AGAIN_MS = 100;

/** Refusals of one piece that are put down to a move of the VM: with AGAIN_MS between them, longer than a VM is between two hosts. */
const MOST_REFUSALS = 100;

const hostOf = (vmId: string) => hostIdOf(vmId) ?? '';
const apiOfVm = (vmId: string) => apiOf(hostOf(vmId));

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
      if (await typePiece(vmId, piece, layout)) at += PIECE;
      else await again();
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

/** False while the guest has not read what was typed before. What a host has refused that the VM has left is for the next. */
async function typePiece(vmId: string, piece: string, layout: LayoutName): Promise<boolean> {
  for (let refusals = 1; ; refusals++) {
    const asked = hostOf(vmId);
    try {
      return await apiOf(asked).typeText(vmId, piece, layout);
    } catch (error) {
      const hasLeft = hostOf(vmId) !== asked;
      if (refusals === MOST_REFUSALS || !(hasLeft || isMoving(vmId))) throw error;
      if (!hasLeft) await again();
    }
  }
}

function isMoving(vmId: string): boolean {
  const { fleet, migrations } = useConsole.getState();
  const migration = migrations.byVm[vmId];
  return fleet.vms[vmId]?.power === 'migrating' || (migration !== undefined && migration.endedAt === undefined);
}

function again(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
}

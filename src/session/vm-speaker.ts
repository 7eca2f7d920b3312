// The PC speaker of one VM, heard from the host where the VM is now.
import type { SpeakerChange } from '../../engine/host/api.ts';
import { speakerNews } from '../state/vm-news.ts';
import { apiOf } from './connections.ts';
import { SpeakerFollower } from './speaker-follower.ts';

/** Returns the function that ends it. */
export function followVmSpeaker(
  vmId: string,
  hostId: string,
  take: (changes: readonly SpeakerChange[]) => void,
): () => void {
  const follower = new SpeakerFollower(async (position) => apiOf(hostId).readSpeaker(vmId, position), take);
  const forget = speakerNews.on(vmId, () => follower.pull());
  follower.pull();
  return () => {
    forget();
    follower.stop();
  };
}

// A VM's PC speaker is heard while its screen is shown.
import { useEffect } from 'react';
import { followVmSpeaker } from '../session/vm-speaker.ts';
import { SpeakerSound } from './speaker-sound.ts';

/** @param hostId where the VM is; undefined: it is off, or is not to be heard */
export function useSpeaker(vmId: string, hostId: string | undefined): void {
  useEffect(() => {
    if (hostId === undefined) return;
    const sound = new SpeakerSound();
    const stop = followVmSpeaker(vmId, hostId, (changes) => sound.take(changes));
    return () => {
      stop();
      sound.close();
    };
  }, [vmId, hostId]);
}

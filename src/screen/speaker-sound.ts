// A PC speaker by Web Audio: the timer's square wave, and the cone where programs move it themselves. A browser lets a page sound only once
// the user has done something there; what comes before that is not heard.

import type { SpeakerChange } from '../../engine/host/api.ts';
import { SoundTimeline } from './sound-timeline.ts';

/** Of full loudness: it is a square wave. */
const LOUDNESS = 0.08;

export class SpeakerSound {
  readonly #timeline = new SoundTimeline();
  #voice: Voice | undefined;

  take(changes: readonly SpeakerChange[]): void {
    this.#voice ??= voice();
    const { context, wave, waveGain, cone } = this.#voice;
    // It may be refused, and is tried again with the next sound.
    if (context.state !== 'running') void context.resume().catch(() => {});
    for (const { at, hz, level } of changes) {
      const time = this.#timeline.place(at, context.currentTime);
      const isAudible = hz > 0 && hz < context.sampleRate / 2;
      if (isAudible) wave.frequency.setValueAtTime(hz, time);
      waveGain.gain.setValueAtTime(isAudible ? 1 : 0, time);
      cone.offset.setValueAtTime(hz === 0 ? level : 0, time);
    }
  }

  close(): void {
    void this.#voice?.context.close();
    this.#voice = undefined;
  }
}

interface Voice {
  context: AudioContext;
  wave: OscillatorNode;
  waveGain: GainNode;
  cone: ConstantSourceNode;
}

function voice(): Voice {
  const context = new AudioContext();
  const loudness = new GainNode(context, { gain: LOUDNESS });
  const waveGain = new GainNode(context, { gain: 0 });
  const wave = new OscillatorNode(context, { type: 'square' });
  const cone = new ConstantSourceNode(context, { offset: 0 });
  wave.connect(waveGain).connect(loudness);
  cone.connect(loudness);
  loudness.connect(context.destination);
  wave.start();
  cone.start();
  return { context, wave, waveGain, cone };
}

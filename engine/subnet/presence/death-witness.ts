// Proof of death, as an interface: a holder of a lock under its name (a node for its life, a host for a term of an office)
// loses it when it ends, however it ends, and not before. What a witness reaches is limited: locks of one browser know nothing
// of a node in another browser or on another machine, and a released lock looks the same there as one that never was held.
//
// Invariant: `ended` is said only of what this witness itself has seen held. So it needs no word of a peer about where it
// lives, and cannot be misled by one (docs/decisions/015-proof-of-death.md).

/**
 * What a witness knows of a holder.
 * - `held`: it is held now, so its holder lives, or is frozen and may go on.
 * - `ended`: it was seen held and is not any more. The holder has certainly ended, or let go.
 * - `unknown`: it is not seen held here. Its holder had ended before, or lives where this witness does not reach.
 */
export type Knowledge = 'held' | 'ended' | 'unknown';

export interface DeathWitness {
  /** Takes the life lock of this node; it is held until the worker or tab ends, however it ends. */
  hold(life: string): Promise<void>;
  /**
   * Reports what is known of a life: soon `held` or `unknown`, and after `held`, once, `ended`. It says nothing while it cannot
   * look. Returns the function that stops watching.
   */
  watch(life: string, onKnown: (knowledge: Knowledge) => void): () => void;
}

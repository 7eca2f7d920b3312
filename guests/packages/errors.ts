/** Why a guest image could not be made, and what to do about it: the message is for a person. */
export class GuestBuildError extends Error {
  override name = 'GuestBuildError';
}

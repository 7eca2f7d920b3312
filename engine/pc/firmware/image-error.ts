// The error of every loader: an image that cannot be booted, with a message that the user can act on.

/** `message` is user-facing, one sentence or two: which image, what is wrong with it, what to do. */
export class ImageError extends Error {
  override name = 'ImageError';
}

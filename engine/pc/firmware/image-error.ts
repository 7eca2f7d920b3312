// The error of every loader: an image that cannot be booted, told so that the person who chose it can act on it.

/** `message` is one sentence or two for a person: which image, what is wrong with it, what to do. */
export class ImageError extends Error {
  override name = 'ImageError';
}

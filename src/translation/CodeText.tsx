// A line of code, lightly coloured.
import { tokens } from './tokens.ts';

export function CodeText({ text }: { text: string }) {
  return tokens(text).map((token, n) =>
    token.kind === 'plain' ? (
      token.text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one line never move
      <span key={n} className={`tv-token-${token.kind}`}>
        {token.text}
      </span>
    ),
  );
}

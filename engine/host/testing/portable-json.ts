// Structured-cloneable data as JSON: numbers that JSON has no form for, byte arrays and maps are objects with one key.

export function toPortableJson(value: unknown): string {
  return `${JSON.stringify(value, (_key, item) => tagged(item), 1)}\n`;
}

function tagged(item: unknown): unknown {
  if (typeof item === 'bigint') return { $bigint: item.toString() };
  if (item instanceof Map) return { $map: [...item] };
  if (ArrayBuffer.isView(item)) {
    const { name } = item.constructor;
    return { $bytes: name, base64: Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('base64') };
  }
  return item;
}

const ARRAYS = { Uint8Array, Uint16Array, Uint32Array, Int32Array, Float64Array, BigUint64Array } as const;

export function fromPortableJson(text: string): unknown {
  return JSON.parse(text, (_key, item) => {
    if (typeof item !== 'object' || item === null) return item;
    if ('$bigint' in item) return BigInt(item.$bigint);
    if ('$map' in item) return new Map(item.$map);
    if (!('$bytes' in item)) return item;
    const bytes = Uint8Array.from(Buffer.from(item.base64, 'base64'));
    return new ARRAYS[item.$bytes as keyof typeof ARRAYS](bytes.buffer);
  });
}

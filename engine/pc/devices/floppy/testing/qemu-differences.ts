export const DIFFERENCES: Record<string, { at: number; ours: number; why: string }[]> = {};

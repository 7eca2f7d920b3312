// The program of random system calls, where it lies, and the runs of it that are recorded.
import { fileURLToPath } from 'node:url';
import { LINUX } from '../programs/files.ts';

export const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export const PROGRAM = 'calls';
export const SOURCES = [path('calls.c'), LINUX];
export const BINARY = path('bin/calls');

export const SEEDS = [1, 2, 3, 4, 5, 6];
const COUNT = 100;
export const argumentsOf = (seed: number): string[] => [`${seed}`, `${COUNT}`];

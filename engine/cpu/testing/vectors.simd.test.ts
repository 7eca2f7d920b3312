import { testVectors } from './vector-groups.ts';

testVectors('simd');
